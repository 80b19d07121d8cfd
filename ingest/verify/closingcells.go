package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"festival/aggregate/recount"
	"festival/sql"
)

// readClosing reads the closing that stands.
func (r *run) readClosing(ctx context.Context) error {
	c, closed, err := r.Store.Closing(ctx, r.Ledger.Prefix)
	if err == nil && closed {
		r.closing = &c
	}
	return err
}

// checkClosing holds all of a close against the recount at its positions: the final frame, the closing cells and what
// travels with them, one closing seal a partition, the document.
func (r *run) checkClosing(ctx context.Context, workers []*worker) error {
	at := r.closedFrom()
	if r.closing == nil {
		if at != nil {
			r.found.add(Difference{"closing", "", nothing, "frames from second " + timeText(at.second) + " on are of a closed festival"})
		}
		return nil
	}
	if err := r.checkFinal(ctx); err != nil {
		return err
	}
	if r.closed == nil || slices.ContainsFunc(workers, func(w *worker) bool { return w.atClose == nil }) { // not all partitions are recounted, or the final frame's positions are no place to recount to
		return nil
	}
	if err := r.compareClosingCells(ctx, workers); err != nil {
		return err
	}
	for _, w := range workers {
		w.compareClosingSeal()
	}
	r.checkDocument(workers)
	return nil
}

// checkFinal: the closing names an official frame and has its bytes.
func (r *run) checkFinal(ctx context.Context) error {
	row, ok, err := r.Store.FrameAt(ctx, r.Ledger.Prefix, "", r.closing.Second)
	if err != nil {
		return err
	}
	var c comparison
	same(&c, "frame hash", r.closing.FrameHash, row.Hash)
	same(&c, "frame of a second", ok && row.Second == r.closing.Second, true)
	same(&c, "frame's bytes are the chain's", r.closing.FrameJSON == row.JSON, true)
	r.closingDiffers(c)
	return nil
}

func (r *run) closingDiffers(c comparison) {
	for i := range c.stored {
		r.found.add(Difference{"closing", "made at " + timeText(r.closing.AtMs/1000), c.stored[i], c.recounted[i]})
	}
}

// compareClosingCells reads all closing cells, and the progress that was stored with them, once. Sums that are found are
// taken out of the recounted ones, so that what is left is missing.
func (r *run) compareClosingCells(ctx context.Context, workers []*worker) error {
	of := map[int32]*worker{}
	for _, w := range workers {
		of[w.id] = w
		w.sealed = sealOf(w.id, w.atClose) // before cells are taken out
	}
	err := r.Store.ClosingCells(ctx, r.Ledger.Prefix, r.closing.AtMs, func(row sql.CellRow) error {
		if w := of[row.Partition]; w != nil {
			w.compareClosingCell(row)
		} else {
			r.found.add(Difference{"closing cell", fmt.Sprintf("partition %d", row.Partition), measureText(row.M), "the ledger has no such partition"})
		}
		return nil
	})
	if err != nil {
		return err
	}
	progress, err := r.Store.ClosingProgress(ctx, r.Ledger.Prefix, r.closing.AtMs)
	if err != nil {
		return err
	}
	for _, w := range workers {
		w.missingClosingCells()
		w.compareClosingProgress(progress)
	}
	return nil
}

func (w *worker) compareClosingCell(row sql.CellRow) {
	key := keyOf(row)
	m, counted := w.atClose.Cells[key]
	delete(w.atClose.Cells, key)
	w.result.ClosingCells++
	switch {
	case !counted && row.M == [7]int64{}:
	case !counted:
		w.closingCell(key, measureText(row.M), nothing)
	case row.M != m.List():
		w.closingCell(key, measureText(row.M), measureText(m.List()))
	case row.Revision > w.atClose.End:
		w.closingCell(key, fmt.Sprintf("revision %d", row.Revision), fmt.Sprintf("at most the closing position, %d", w.atClose.End))
	}
}

func (w *worker) missingClosingCells() {
	var missing []recount.CellKey
	for key, m := range w.atClose.Cells {
		if m != (recount.Measures{}) {
			missing = append(missing, key)
		}
	}
	slices.SortFunc(missing, func(a, b recount.CellKey) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range missing {
		w.closingCell(key, nothing, measureText(w.atClose.Cells[key].List()))
	}
}

func (w *worker) closingCell(key recount.CellKey, stored, recounted string) {
	w.found.add(Difference{"closing cell", fmt.Sprintf("partition %d ", w.id) + w.cellName(key), stored, recounted})
}

func (w *worker) compareClosingProgress(rows []sql.CellRow) {
	want := fmt.Sprintf("next %d last_ms %d max_event_ms %d", w.atClose.End, w.atClose.LastMs, w.atClose.MaxEventMs)
	stored := nothing
	for _, row := range rows {
		if row.Partition == w.id {
			stored = fmt.Sprintf("next %d last_ms %d max_event_ms %d", row.Revision, row.M[3], row.M[4])
		}
	}
	if stored != want && !(stored == nothing && w.unread()) {
		w.found.add(Difference{"closing progress", fmt.Sprintf("partition %d", w.id), stored, want})
	}
}

func (w *worker) compareClosingSeal() {
	stored := nothing
	for _, row := range w.closing.Seals {
		if row.Partition == w.id {
			stored = sealText(row)
		}
	}
	if want := sealText(w.sealed); stored != want && !(stored == nothing && w.unread()) {
		w.found.add(Difference{"closing seal", fmt.Sprintf("partition %d", w.id), stored, want})
	}
}

// unread: nothing was ever read up to the close, so nothing need be told of it.
func (w *worker) unread() bool { return w.atClose.End == w.start }

// chainHead is the last ordinary seal of a segment that ends at or below the closing position; ok false before the first.
func (w *worker) chainHead() (segment, end int64, ok bool) {
	return w.sealed.Segment - 1, w.sealed.Segment * w.rules.Stride, w.sealed.Segment > w.start/w.rules.Stride
}
