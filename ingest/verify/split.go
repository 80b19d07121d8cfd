package verify

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"slices"

	"festival/aggregate/recount"
	"festival/sql"
)

// A mark remembers that a partition has an order id: the first bits of the id's SHA-256, and below them the partition.
// With 64 partitions two of 10^8 ids agree by chance in 58 bits about once in 60 runs; the ids themselves are compared
// before they are listed.

// partitionBits is how many of a mark's bits the partition takes.
func (r *run) partitionBits() uint8 { return uint8(bits.Len(uint(r.rules.Partitions - 1))) }

// mark takes note of an id where partitions can be held against each other; duplicates bring no new id.
func (w *worker) mark(e *recount.Entry) {
	if len(w.Partitions) < 2 || e.Verdict != recount.Counted && e.Verdict != recount.Outside {
		return
	}
	sum, shift := sha256.Sum256([]byte(e.Order.OrderID)), w.partitionBits()
	w.marks = append(w.marks, binary.BigEndian.Uint64(sum[:])>>shift<<shift|uint64(w.id))
}

// splitIDs lists ids that came in more than one partition. The marks are used up.
func (r *run) splitIDs(ctx context.Context, workers []*worker) (SplitResult, error) {
	all, shift := r.allMarks(workers), r.partitionBits()
	result, heads := SplitResult{IDs: []SplitID{}}, []uint64{}
	for i := 1; i < len(all); i++ {
		if all[i]>>shift != all[i-1]>>shift || all[i] == all[i-1] {
			continue
		}
		if result.Count++; len(heads) < maxSplit {
			heads = append(heads, all[i]>>shift)
		}
	}
	if len(heads) == 0 {
		return result, nil
	}
	rows, err := r.Store.SplitIDs(ctx, r.Ledger.Prefix, slices.Compact(heads), shift)
	result.IDs = pairs(rows)
	if result.Count <= maxSplit { // all of them were looked at
		result.Count = int64(len(result.IDs))
	}
	result.IDs = result.IDs[:min(len(result.IDs), maxSplit)]
	return result, err
}

// allMarks gives the marks of all partitions, sorted.
func (r *run) allMarks(workers []*worker) (all []uint64) {
	n := 0
	for _, w := range workers {
		n += len(w.marks)
	}
	all = make([]uint64, 0, n)
	for _, w := range workers {
		all = append(all, w.marks...)
		w.marks = nil
	}
	slices.Sort(all)
	return all
}

// pairs holds each partition of an id against the one before it.
func pairs(rows []sql.SplitRow) []SplitID {
	out := []SplitID{}
	for i := 1; i < len(rows); i++ {
		if a, b := rows[i-1], rows[i]; a.OrderID == b.OrderID {
			out = append(out, SplitID{a.OrderID, [2]int32{a.Partition, b.Partition}, [2]int64{a.Offset, b.Offset}})
		}
	}
	return out
}
