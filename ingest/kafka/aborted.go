package kafka

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// abortedTxn is one transaction that was rolled back: its records are still in the log. A transaction is known by its producer
// and its first offset, never by the producer's epoch: since KIP-890 that rises with every transaction.
type abortedTxn struct {
	producer int64
	first    int64
}

// txnFilter walks the batches of one fetch in offset order and says which of them were rolled back. Few transactions overlap a
// fetch, so a list is searched, not a map.
type txnFilter struct {
	waiting []abortedTxn // by first offset; not yet begun
	open    []int64      // producers inside a transaction that will be rolled back
}

// reset takes the list that came with a fetch; it is sorted in place.
func (f *txnFilter) reset(list []abortedTxn) {
	slices.SortFunc(list, func(a, b abortedTxn) int { return cmp.Compare(a.first, b.first) })
	f.waiting, f.open = list, f.open[:0]
}

// drops says whether the data batch belongs to a transaction that was rolled back. A control batch ends its producer's
// transaction and is none itself.
func (f *txnFilter) drops(h *batch) bool {
	for len(f.waiting) > 0 && f.waiting[0].first <= h.last() {
		f.open = append(f.open, f.waiting[0].producer)
		f.waiting = f.waiting[1:]
	}
	i := slices.Index(f.open, h.producer)
	if i < 0 {
		return false
	}
	if h.is(controlBatch) {
		if isAbortMarker(h.payload()) {
			f.open = slices.Delete(f.open, i, i+1)
		}
		return false
	}
	return h.is(transactional)
}

// isAbortMarker reads the key of the first control record: version, then type 0 for abort, 1 for commit (KIP-98).
func isAbortMarker(records []byte) bool {
	var r Record
	if _, err := readRecord(records, 0, &r, &batch{}); err != nil || len(r.Key) < 4 {
		return false
	}
	return binary.BigEndian.Uint16(r.Key[2:]) == 0
}
