package verify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"festival/aggregate/recount"
)

// mark remembers that a partition has an order id: 64 bits of its SHA-256, and one offset where it came. Among 10^8
// ids two agree by chance in one run of 4,000; the ids themselves are compared before they are listed.
type mark struct {
	hash      uint64
	offset    int64
	partition int32
}

// mark takes note of an id where partitions can be held against each other; duplicates bring no new id.
func (w *worker) mark(e *recount.Entry) {
	if len(w.Partitions) < 2 || e.Verdict != recount.Counted && e.Verdict != recount.Outside {
		return
	}
	sum := sha256.Sum256([]byte(e.Order.OrderID))
	w.marks = append(w.marks, mark{binary.BigEndian.Uint64(sum[:]), e.Offset, w.id})
}

// splitIDs lists ids that came in more than one partition. The marks are used up.
func (r *run) splitIDs(ctx context.Context, workers []*worker) (SplitResult, error) {
	result := SplitResult{IDs: []SplitID{}}
	var all []mark
	for _, w := range workers {
		all = append(all, w.marks...)
		w.marks = nil
	}
	slices.SortFunc(all, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.partition, b.partition), cmp.Compare(a.offset, b.offset))
	})
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if a.hash != b.hash || a.partition == b.partition {
			continue
		}
		if result.Count++; result.Count <= maxSplit {
			result.IDs = append(result.IDs, SplitID{Partitions: [2]int32{a.partition, b.partition}, Offsets: [2]int64{a.offset, b.offset}})
		}
	}
	err := r.nameSplit(ctx, &result)
	return result, err
}

// nameSplit reads the ids again, which the marks do not hold, and drops pairs that agree in their hash only.
func (r *run) nameSplit(ctx context.Context, result *SplitResult) error {
	offsets := map[int32][]int64{}
	for _, s := range result.IDs {
		for i, p := range s.Partitions {
			offsets[p] = append(offsets[p], s.Offsets[i])
		}
	}
	ids := map[int32]map[int64]string{}
	for p, list := range offsets {
		var err error
		if ids[p], err = r.Store.OrderIDs(ctx, r.Ledger.Prefix, p, list); err != nil {
			return err
		}
	}
	kept := result.IDs[:0]
	for _, s := range result.IDs {
		s.OrderID = ids[s.Partitions[0]][s.Offsets[0]]
		if s.OrderID != ids[s.Partitions[1]][s.Offsets[1]] {
			result.Count--
			continue
		}
		kept = append(kept, s)
	}
	result.IDs = kept
	return nil
}
