package verify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"festival/aggregate/recount"
	"festival/sql"
)

// mark remembers that a partition has an order id: 64 bits of its SHA-256, and one offset where it came. Among 10^8
// ids two agree by chance in one run of 4,000, and the ids themselves are compared before they are listed.
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
		if all[i].hash != all[i-1].hash || all[i].partition == all[i-1].partition {
			continue
		}
		if result.Count++; result.Count > maxSplit {
			continue
		}
		id, err := r.splitID(ctx, all[i-1], all[i])
		if err != nil {
			return result, err
		}
		result.IDs = append(result.IDs, id)
	}
	return result, nil
}

// splitID reads the two rows again: the mark holds a hash only.
func (r *run) splitID(ctx context.Context, a, b mark) (SplitID, error) {
	id := SplitID{Partitions: [2]int32{a.partition, b.partition}, Offsets: [2]int64{a.offset, b.offset}}
	var ids [2]string
	for i, m := range []mark{a, b} {
		err := r.Store.RawOrders(ctx, r.Ledger.Prefix, m.partition, m.offset, m.offset+1, func(o *sql.Orders) error {
			ids[i] = o.OrderID[0]
			return nil
		})
		if err != nil {
			return id, err
		}
	}
	id.OrderID = ids[0]
	if ids[0] != ids[1] {
		id.OrderID = fmt.Sprintf("%s, stored as %s in the other", ids[0], ids[1])
	}
	return id, nil
}
