package verify

import (
	"context"
	"fmt"
	"sync/atomic"

	"festival/aggregate/recount"
	"festival/sql"
)

// worker recounts one partition. One goroutine owns it; only position is read by others meanwhile.
type worker struct {
	*run
	id         int32
	start, end int64 // offsets recounted: [recorded log start, progress or --until)
	p          *recount.Partition
	progress   *sql.CellRow // nil: nothing is stored
	fromCut    int64        // cells of segments from here on came with the progress
	stored     map[int64]segmentCells
	seals      map[int64]sql.SealRow
	lastSeal   int64
	unsealed   []sql.SealRow                        // what the seals have to be that were not there
	shown      int64                                // the highest position that an official frame has moved to, see unsealed.go
	passed     int                                  // frames whose positions the recount has passed
	marks      []uint64                             // of order ids, see split.go
	sums       map[recount.CellKey]recount.Measures // of finished segments, until the close; nil where there is none
	atClose    *recount.Segment                     // as of the close, nil before
	sealed     sql.SealRow                          // what the closing seal has to be
	position   atomic.Int64
	result     PartitionResult
}

func (w *worker) work(ctx context.Context) error {
	if err := w.checkBefore(ctx); err != nil {
		return w.wrap(err)
	}
	for _, r := range w.result.Sources {
		read := w.fromOrders
		if r.Source == FromKafka {
			read = w.fromKafka
		}
		if err := read(ctx, r); err != nil {
			return w.wrap(err)
		}
	}
	return w.wrap(w.finish(ctx))
}

func (w *worker) wrap(err error) error {
	if err != nil {
		return fmt.Errorf("partition %d: %w", w.id, err)
	}
	return nil
}

// before hands over what changed up to frames that stand at or below an offset which is read next.
func (w *worker) before(ctx context.Context, offset int64) error {
	for ; w.passed < len(w.stands) && w.stands[w.passed].positions[w.id] <= offset; w.passed++ {
		if err := w.close(ctx, &w.stands[w.passed]); err != nil {
			return err
		}
		changes := w.p.Changes()
		w.sum(changes)
		if w.sheet == nil {
			continue
		}
		if err := w.sheet.put(ctx, w.id, w.passed, changes); err != nil {
			return err
		}
	}
	return nil
}

// sum notes the recounted figures.
func (w *worker) sum(changes *recount.Figures) {
	for k, m := range changes.Sums {
		switch {
		case k.Dim == recount.Total:
			w.result.Orders, w.result.GmvFen = w.result.Orders+m.Orders, w.result.GmvFen+m.GmvFen
		case k.Dim == recount.Log && k.Key == "miskeyed":
			w.result.Miskeyed += m.Orders
		}
	}
}

// after takes note of a counted entry and compares the segments that it finished.
func (w *worker) after(ctx context.Context, e *recount.Entry) error {
	w.position.Store(e.Offset + 1)
	w.result.Records++
	switch e.Verdict {
	case recount.Rejected:
		w.result.Rejected++
	case recount.Duplicate:
		w.result.Duplicates++
	case recount.Outside:
		w.result.Outside++
	case recount.Counted:
		w.result.Counted++
	}
	w.mark(e)
	return w.compareFinished(ctx)
}

// finish brings the recount to the end, past offsets without a record, and compares what is left.
func (w *worker) finish(ctx context.Context) error {
	if err := w.before(ctx, w.end); err != nil {
		return err
	}
	if err := w.p.Advance(w.end); err != nil {
		return err
	}
	w.position.Store(w.end)
	if err := w.compareFinished(ctx); err != nil {
		return err
	}
	if w.Until == 0 {
		w.compareOpen()
		w.compareProgress()
		if err := w.compareTail(ctx); err != nil {
			return err
		}
	}
	w.checkSealGaps()
	w.sum(w.p.Changes())
	return nil
}

// compareProgress holds the two times that travel with the progress against the recounted ones.
func (w *worker) compareProgress() {
	if w.progress == nil {
		return
	}
	got, lastMs, maxEventMs := w.p.Progress(), w.progress.M[3], w.progress.M[4]
	if got.LastMs != lastMs || got.MaxEventMs != maxEventMs || w.progress.Revision < w.start {
		w.found.add(Difference{"progress", fmt.Sprintf("partition %d", w.id),
			fmt.Sprintf("next %d last_ms %d max_event_ms %d", w.progress.Revision, lastMs, maxEventMs),
			fmt.Sprintf("next %d last_ms %d max_event_ms %d", got.Next, got.LastMs, got.MaxEventMs)})
	}
}
