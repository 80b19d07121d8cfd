package aggregate

// Print is the fingerprint of a duplicate key: 125 bits of hash, and in the lowest three of Lo the event. The events
// of an order without a refund_id have the same hash and differ in the event. With n different hashes in a set the
// chance that any two are the same is below n^2/2^126: for the 2.6e9 events of a season 2^-63.
type Print struct{ Hi, Lo uint64 }

// The event bits of a Print: 1 created, 2 paid, 4 refunded.
const (
	eventShift = 3
	eventBits  = 1<<eventShift - 1
)

// The key of the fingerprints. It is fixed, so that a set can be rebuilt anywhere; SipHash is used for its quality.
const (
	printKey0 = 0x6665737469766131 // "festiva1"
	printKey1 = 0x3131312d32303236 // "111-2026"
)

// Fingerprint identifies an event for deduplication: (order_id, status, and for refunded the refund_id or nothing),
// DESIGN.md §2. Both ids are at most 64 bytes. What is hashed, (whether there is a refund_id, length of order_id,
// order_id, refund_id), is unambiguous. A refund_id on any status but Refunded means nothing. The
// status is one of the three: another has no event bit, and AddBatch refuses it.
func Fingerprint[T []byte | string](status Status, orderID, refundID T) Print {
	var b [2 + 64 + 64]byte
	b[1] = byte(len(orderID))
	n := 2 + copy(b[2:66], orderID)
	if status == Refunded && len(refundID) > 0 {
		b[0] = 1
		n += copy(b[n:n+64], refundID)
	}
	lo, hi := siphash128(printKey0, printKey1, b[:n])
	return Print{Hi: hi, Lo: lo&^eventBits | 1<<(status-Created)&eventBits}
}
