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

// closeTotals keeps the totals of the close. From here on they are what frames show; the others go on.
func (r *run) closeTotals(ctx context.Context, i int) error {
	if err := r.pass(ctx, i); err != nil || r.sheet == nil || !r.stands[i].compared {
		return err
	}
	r.closed = r.totals.Clone()
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
	for name, counted := range map[string]int64{"after_close": orders, "after_close_fen": fen} {
		if shown, ok := f.Figure("total", name); !ok || shown != counted {
			found++
			r.found.add(Difference{"frame", where + " total." + name, strconv.FormatInt(shown, 10), strconv.FormatInt(counted, 10)})
		}
	}
	return found
}

// checkClosing: the closing that stands names an official frame, has its bytes, and its document the hash that it says.
func (r *run) checkClosing(ctx context.Context) error {
	c, closed, err := r.Store.Closing(ctx, r.Ledger.Prefix)
	if err != nil || !closed {
		return err
	}
	where := "made at " + timeText(c.AtMs/1000)
	row, ok, err := r.Store.FrameAt(ctx, r.Ledger.Prefix, "", c.Second)
	if err != nil {
		return err
	}
	var differ comparison
	same(&differ, "frame hash", c.FrameHash, row.Hash)
	same(&differ, "frame of a second", ok && row.Second == c.Second, true)
	same(&differ, "frame's bytes are the chain's", c.FrameJSON == row.JSON, true)
	same(&differ, "sha256 of the document", documentSays(c.Document), documentHash(c.Document))
	for i := range differ.stored {
		r.found.add(Difference{"closing", where, differ.stored[i], differ.recounted[i]})
	}
	frame, err := recount.ReadFrame([]byte(c.FrameJSON))
	document, err2 := recount.ReadFrame([]byte(c.Document))
	if err != nil || err2 != nil {
		r.found.add(Difference{"closing", where, "frame or document cannot be read", fmt.Sprint(err, err2)})
		return nil
	}
	for _, path := range document.Differs(frame, "positions", "mobile", "devices", "countries", "provinces", "total") {
		r.found.add(Difference{"closing", where, path + " of the document", "as in the final frame"})
	}
	return nil
}

// documentSays and documentHash are the SHA-256 that a closing document names and that it has without that member.
func documentSays(text string) string {
	f, err := recount.ReadFrame([]byte(text))
	if err != nil {
		return err.Error()
	}
	return f.Text("sha256")
}

func documentHash(text string) string {
	canonical, err := recount.Canonical([]byte(text), "sha256")
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}
