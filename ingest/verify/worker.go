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
	stops      []stop // positions of chosen frames, ascending
	marks      []mark
	position   atomic.Int64
	result     PartitionResult
}

// stop is where the figures of a frame are taken: before the first record at or past the position.
type stop struct {
	position int64
	frame    *frame
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

// before takes the figures of frames that stand at or below an offset which is read next.
func (w *worker) before(offset int64) error {
	for len(w.stops) > 0 && w.stops[0].position <= offset {
		s := w.stops[0]
		w.stops = w.stops[1:]
		figures, err := w.p.Figures(s.frame.second)
		if err != nil {
			return err
		}
		if err := s.frame.add(figures); err != nil {
			return err
		}
	}
	return nil
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
	if err := w.before(w.end); err != nil {
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
	}
	w.checkSealGaps()
	return w.sums()
}

// sums notes the recounted figures.
func (w *worker) sums() error {
	figures, err := w.p.Figures(0)
	if err != nil {
		return err
	}
	total := figures.Sum(recount.Total, "")
	w.result.Orders, w.result.GmvFen = total.Orders, total.GmvFen
	w.result.Miskeyed = figures.Sum(recount.Log, "miskeyed").Orders
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
