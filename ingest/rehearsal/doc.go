// Package rehearsal is a seeded synthetic festival: a configuration comes in; order records, their true totals (the
// answer sheet) and a reference curve go out. It has no clock, no I/O and no goroutine: the caller paces the records
// by their AtNs and produces them. The same seed and start give the same bytes.
//
// An order's content is a function of (seed, start, number), so that what is pending (a payment, a refund, a late
// arrival, a repeat) needs only a few numbers in a timing wheel (wheel.go), however many orders are on their way.
// One slot of the profile's intensity (profile.go) is one record: a pending event that is due, else a new order.
//
// Amounts are integers in minor units throughout; floats only shape probabilities and intensities. The answer sheet
// counts what the generator knows it made, in math/big, and shares no code with aggregate's counting.
package rehearsal
