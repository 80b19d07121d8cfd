// Package chaos plays a festival while everything around it breaks, and says whether a single figure is wrong.
//
// In: one seed. From it come the records (duplicates, late and bad ones, retried batches, committed and aborted
// transactions) and the timetable of faults. Real Apache Kafka on three nodes, the real engine, and the built program's
// `ingest`, `serve` and `store` run as child processes on loopback. Out: a Card: what was injected, what the screens
// showed meanwhile, and every figure of the API held against a count of what the topic really holds, which shares no
// code with ingest (franz-go and aggregate/recount). The only passing number of differences is 0.
//
//	config.go     one run's settings          run.go       a run from start to card
//	timetable.go  which fault, when           faults.go    doing it
//	world.go      the parts, started          process.go   a child: kill -9, SIGSTOP, SIGCONT, restart
//	proxy.go      the way to the store        produce.go   records into Kafka, five ways
//	watch.go      what screens are shown      truth.go     what the topic holds
//	compare.go    API against truth           card.go      the score card, cards.go of many seeds, page.go its page
//	disk.go       a disk that can be full     ports.go     addresses
package chaos
