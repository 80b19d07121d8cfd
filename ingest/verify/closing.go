package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"festival/aggregate/recount"
)

// shown are the totals that a frame shows: those of the close, once there was one.
func (r *run) shown() *recount.Totals {
	if r.closed != nil {
		return r.closed
	}
	return r.totals
}

// closedFrom is where the festival was closed, nil while it is open.
func (r *run) closedFrom() *stand {
	for i := range r.stands {
		if r.stands[i].closing {
			return &r.stands[i]
		}
	}
	return nil
}

// close keeps a partition as of the close: it is recounted exactly up to there, since the close stands among the frames.
func (w *worker) close(ctx context.Context, s *stand) error {
	if !s.closing || w.sums == nil {
		return nil
	}
	if err := w.p.Advance(s.positions[w.id]); err != nil {
		return err
	}
	if err := w.compareFinished(ctx); err != nil {
		return err
	}
	if err := recount.AddCells(w.sums, w.p.Open().Cells); err != nil {
		return err
	}
	closing := w.p.Closing(w.sums)
	w.atClose, w.sums = &closing, nil
	return nil
}

// closeTotals keeps the totals of the close. From here on they are what frames show; the others go on.
func (r *run) closeTotals(ctx context.Context, i int) error {
	if err := r.pass(ctx, i); err != nil || r.sheet == nil || !r.stands[i].compared {
		return err
	}
	r.closed, r.closedAt = r.totals.Clone(), r.stands[i].positions
	return nil
}

// afterClose holds what a frame says came after the close against the paid orders counted since: up to after_positions,
// which is where the totals stand.
func (r *run) afterClose(where string, f *recount.Frame) int {
	orders, fen := int64(0), int64(0)
	if r.closed != nil {
		at, now := r.closed.Total(r.closed.Whole()), r.totals.Total(r.totals.Whole())
		orders, fen = now.Orders-at.Orders, now.GmvFen-at.GmvFen
	}
	found := 0
	if r.closed != nil {
		found = r.stillClosed(where, f)
	}
	for name, counted := range map[string]int64{"after_close": orders, "after_close_fen": fen} {
		if shown, ok := f.Figure("total", name); !ok || shown != counted {
			found++
			r.found.add(Difference{"frame", where + " total." + name, strconv.FormatInt(shown, 10), strconv.FormatInt(counted, 10)})
		}
	}
	return found
}

// stillClosed: a closed festival's frames say so, and their positions are those of the close.
func (r *run) stillClosed(where string, f *recount.Frame) int {
	var c comparison
	at, _ := positionsOf(f.Positions(), r.Ledger.LogStart)
	same(&c, "phase", f.Text("phase"), "closed")
	same(&c, "certainty", f.Text("certainty"), "final")
	same(&c, "positions", fmt.Sprint(at), fmt.Sprint(r.closedAt))
	r.differ(where, c)
	return len(c.stored)
}

// documentHash is the SHA-256 of a closing document without the member that says it.
func documentHash(text string) string {
	canonical, err := recount.Canonical([]byte(text), "sha256")
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}
