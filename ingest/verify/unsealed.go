package verify

import (
	"context"
	"fmt"
	"math"

	"festival/sql"
)

// A missing newest seal is decided by two witnesses, cells and frames. A process stores the seal of a segment right after the flush that
// completed it, and before its next flush. That flush writes every cell of the later segments, each with its own position (or their
// segment's end) as the revision, since whoever completes a segment has counted it from its start (ingest/recover.go), or has the
// seals of all that it completed (ingest/kept.go). So a cell of a later segment whose revision is below the progress was not written
// by a flush that completes: another flush came after that one, and the seal before it.
//
// What was seen only as one progress may be a copy of a running store, whose seals are of a moment before its cells. Official frames
// are copied before both. So the progress is one that the chain has moved to from one second to the next: such a frame stands for
// a flush, and the first frame on a restored copy, which may show the copy's progress, does not come a second after the copy's last.

// noteMoves notes for each partition the highest position that an official frame was the first to show, the frame of the second
// before being there. Positions past the cut wait for another verification.
func (r *run) noteMoves(workers []*worker) {
	for i := 1; i < len(r.stands); i++ {
		s, before := &r.stands[i], &r.stands[i-1]
		if s.second != before.second+1 || !s.compared || !before.compared {
			continue
		}
		for _, w := range workers {
			if at := s.positions[w.id]; w.progress != nil && at > before.positions[w.id] && at <= w.progress.Revision {
				w.shown = max(w.shown, at)
			}
		}
	}
}

// sealedBefore is the segment before which every seal has certainly been stored.
func (w *worker) sealedBefore() (segment int64) {
	for at, d := range w.digests {
		if at.partition == w.id && d.Lowest < min(w.shown, (at.segment+1)*w.rules.Stride) {
			segment = max(segment, at.segment)
		}
	}
	return segment
}

// checkUnsealed looks again for the seals that were not there: ingest may have been about to write them.
func checkUnsealed(ctx context.Context, workers []*worker) error {
	for _, w := range workers {
		if len(w.unsealed) == 0 {
			continue
		}
		if err := w.lookAgain(ctx); err != nil {
			return w.wrap(err)
		}
	}
	return nil
}

func (w *worker) lookAgain(ctx context.Context) error {
	now, newest := map[int64]sql.SealRow{}, int64(-1)
	err := w.Store.Seals(ctx, w.Ledger.Prefix, w.id, w.unsealed[0].Segment, math.MaxInt64, func(row sql.SealRow) error {
		now[row.Segment], newest = row, max(newest, row.Segment)
		return nil
	})
	if err != nil {
		return err
	}
	before := max(w.sealedBefore(), newest)
	for _, want := range w.unsealed {
		stored, there := now[want.Segment]
		switch {
		case there:
			w.holdSeal(stored, want)
		case want.Segment < before:
			w.found.add(Difference{"seal", w.sealName(want.Segment), nothing, sealText(want)})
		default:
			w.result.Unsealed++
		}
	}
	w.leaveUnsealed()
	return nil
}

// leaveUnsealed tells of the newest segments that nothing decides.
func (w *worker) leaveUnsealed() {
	if w.result.Unsealed == 0 {
		return
	}
	last := w.unsealed[len(w.unsealed)-1].Segment
	where := w.sealName(last)
	if n := w.result.Unsealed; n > 1 {
		where = fmt.Sprintf("partition %d segments %d to %d", w.id, last-n+1, last)
	}
	w.found.leave(Undecided{"seal", where, "finished and not sealed: taken out; or ingest was stopped between cells and seal, or the store copied there. The ingest " +
		"that counts the partition next stores it"})
}
