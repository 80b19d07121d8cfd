package verify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"festival/aggregate/recount"
	"festival/sql"
)

// readOffers reads every closing that was ever offered, and which of them stood. It is asked before the frames are: the final
// frame of each that stood by now is among them.
func (r *run) readOffers(ctx context.Context) (err error) {
	if r.offers, err = r.Store.OfferedClosings(ctx, r.Ledger.Prefix); err != nil {
		return err
	}
	r.notes, err = r.Store.ClosedNotes(ctx, r.Ledger.Prefix)
	return err
}

// settledAfter is how old an offer is that has long come to its frame or to nothing (query waits 30 s for it).
const settledAfter = time.Minute

// checkOffers: a closing that stood has its row and its final frame, which is the first of a closed festival. One that is not
// known to have stood is void where the chain has another frame in the place of its final one; a process that ends in the midst
// of a close leaves such an offer.
func (r *run) checkOffers() {
	for _, n := range r.notes {
		offered := slices.ContainsFunc(r.offers, func(c sql.Closing) bool { return c.AtMs == n.AtMs && c.FrameHash == n.FrameHash })
		if !offered {
			r.found.add(Difference{"closing", closingName(n.AtMs, n.Who), nothing, "it stood, with the final frame " + n.FrameHash})
		}
	}
	for i := range r.offers {
		r.checkOffer(&r.offers[i])
	}
}

func (r *run) checkOffer(c *sql.Closing) {
	where := closingName(c.AtMs, c.Who)
	at := slices.IndexFunc(r.stands, func(s stand) bool { return s.hash == c.FrameHash && !s.closing })
	switch {
	case at < 0 && r.stood(c):
		r.found.add(Difference{"closing", where, "final frame " + c.FrameHash + " of " + timeText(c.Second), "no official frame has this hash; it stood: frames were taken out"})
	case at < 0 && !r.replaced(c) && c.AtMs < r.begun.Add(-settledAfter).UnixMilli():
		r.found.add(Difference{"closing", where, "final frame " + c.FrameHash + " of " + timeText(c.Second), "no official frame has this hash, nor another one in its place"})
	case at >= 0 && r.stands[at].second != c.Second:
		r.found.add(Difference{"closing", where, "second " + timeText(c.Second), "frame " + c.FrameHash + " is of " + timeText(r.stands[at].second)})
	case at >= 0 && (at == 0 || !r.stands[at-1].closing):
		r.found.add(Difference{"closing", where, "final frame " + c.FrameHash, "that frame is not the first one of phase closed"})
	}
}

func (r *run) stood(c *sql.Closing) bool {
	return slices.ContainsFunc(r.notes, func(n sql.ClosedNote) bool { return n.AtMs == c.AtMs && n.FrameHash == c.FrameHash })
}

// replaced tells whether the chain has another frame where an offer's final one would be.
func (r *run) replaced(c *sql.Closing) bool {
	f, err := recount.ReadFrame([]byte(c.FrameJSON))
	if err != nil {
		return false
	}
	seq, ok := f.Number("seq")
	return ok && slices.ContainsFunc(r.stands, func(s stand) bool { return s.seq == seq && !s.closing })
}

func closingName(atMs int64, who string) string {
	return fmt.Sprintf("of %s by %s", time.UnixMilli(atMs).UTC().Format(time.RFC3339), who)
}
