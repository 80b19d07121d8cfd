package verify

import (
	"context"
	"fmt"
	"math"
	"slices"

	"festival/aggregate/recount"
	"festival/sql"
)

func (w *worker) readSeals(ctx context.Context) error {
	w.lastSeal = -1
	return w.Store.Seals(ctx, w.Ledger.Prefix, w.id, 0, math.MaxInt64, func(row sql.SealRow) error {
		w.seals[row.Segment] = row
		w.lastSeal = max(w.lastSeal, row.Segment)
		return nil
	})
}

// compareSeal holds a finished segment against its seal. The recounted seal names the recounted one before it, so the
// whole chain is compared. A seal may still be missing behind the last stored one: unsealed.go looks again at the end.
func (w *worker) compareSeal(s *recount.Segment) {
	stored, there := w.seals[s.Segment]
	delete(w.seals, s.Segment)
	switch want := sealOf(w.id, s); {
	case there:
		w.holdSeal(stored, want)
	case s.Segment < w.lastSeal:
		w.found.add(Difference{"seal", w.sealName(s.Segment), nothing, sealText(want)})
	default:
		w.unsealed = append(w.unsealed, want)
	}
}

func (w *worker) holdSeal(stored, want sql.SealRow) {
	if w.result.Seals++; stored != want {
		w.found.add(Difference{"seal", w.sealName(want.Segment), sealText(stored), sealText(want)})
	}
}

// sealOf is what a finished segment's seal has to be.
func sealOf(partition int32, s *recount.Segment) sql.SealRow {
	return sql.SealRow{Partition: partition, Segment: s.Segment, First: s.First, End: s.End, Cells: nonZero(s.Cells),
		LastMs: s.LastMs, MaxEventMs: s.MaxEventMs, Prev: s.Prev, Hash: s.Hash}
}

// checkSealGaps reports seals of segments that the recount has not finished.
func (w *worker) checkSealGaps() {
	segments := []int64{}
	for k, row := range w.seals {
		if w.Until == 0 || row.End <= w.end {
			segments = append(segments, k)
		}
	}
	slices.Sort(segments)
	for _, k := range segments {
		w.found.add(Difference{"seal", w.sealName(k), sealText(w.seals[k]), nothing})
	}
}

func (w *worker) sealName(segment int64) string {
	return fmt.Sprintf("partition %d segment %d", w.id, segment)
}

func sealText(s sql.SealRow) string {
	return fmt.Sprintf("hash %x prev %x offsets %d %d cells %d last_ms %d max_event_ms %d", s.Hash, s.Prev, s.First, s.End,
		s.Cells, s.LastMs, s.MaxEventMs)
}

func nonZero(cells map[recount.CellKey]recount.Measures) (n int64) {
	for _, m := range cells {
		if m != (recount.Measures{}) {
			n++
		}
	}
	return n
}
