package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"festival/aggregate/recount"
	"festival/sql"
)

// link is what the next frame of the chain has to follow.
type link struct {
	second, seq int64
	hash        string
	positions   map[string]int64
}

// framesAtOnce is how many frames one SELECT brings, about 12 kB each and window.
const framesAtOnce = 64

// checkFrames goes through the official frames in order: each one's link in the chain, its figures where the recount
// comes by, its windows' frames, and the milestones that name it.
func (r *run) checkFrames(ctx context.Context, result *FramesResult) error {
	last := link{hash: r.Ledger.ID}
	var err error
	if result.Unshown, err = r.Store.FramesUnshown(ctx, r.Ledger.Prefix); err != nil {
		return err
	}
	for first := 0; first < len(r.stands); first += framesAtOnce {
		some := r.stands[first:min(first+framesAtOnce, len(r.stands))]
		rows, err := r.frameRows(ctx, some)
		if err != nil {
			return err
		}
		for i := range some {
			if err := r.checkFrame(ctx, first+i, rows, &last, result); err != nil {
				return err
			}
		}
	}
	return nil
}

// frameRows are stored frames by window ("" is the whole festival) and second.
type frameRows map[string]map[int64]sql.FrameRow

func (r *run) frameRows(ctx context.Context, some []stand) (frameRows, error) {
	rows := frameRows{}
	for _, view := range r.frameViews() {
		rows[view] = map[int64]sql.FrameRow{}
		err := r.Store.Frames(ctx, r.Ledger.Prefix, view, some[0].second, some[len(some)-1].second+1, func(row sql.FrameRow) error {
			rows[view][row.Second] = row
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// frameViews are the whole festival's frames and, where it has several windows, those of each.
func (r *run) frameViews() []string {
	views := []string{""}
	if len(r.rules.Windows) > 1 {
		for _, w := range r.rules.Windows {
			views = append(views, w.ID)
		}
	}
	return views
}

func (r *run) checkFrame(ctx context.Context, i int, rows frameRows, last *link, result *FramesResult) error {
	s := &r.stands[i]
	if s.closing {
		return r.closeTotals(ctx, i)
	}
	row, there := rows[""][s.second]
	where := frameName(s.second, s.seq)
	if !there || row.Hash != s.hash {
		r.found.add(Difference{"frame", where, "it was read twice and was not the same", "hash " + s.hash})
		return r.pass(ctx, i)
	}
	result.Chained++
	f, err := recount.ReadFrame([]byte(row.JSON))
	if err != nil {
		last.hash = row.Hash
		r.found.add(Difference{"frame", where, err.Error(), "a frame"})
		return r.pass(ctx, i)
	}
	r.differ(where, r.checkLink(f, row, last))
	equal, err := r.compareFrame(ctx, i, f, rows, result)
	if err != nil {
		return err
	}
	if s.compared {
		ref := FrameRef{Second: s.second, Seq: s.seq, Hash: s.hash, Equal: equal}
		result.Newest = &ref
	}
	return nil
}

func (r *run) differ(where string, c comparison) {
	for i := range c.stored {
		r.found.add(Difference{"frame", where, c.stored[i], c.recounted[i]})
	}
}

// checkLink holds a frame's hash against its bytes and its place in the chain against the frame before.
func (r *run) checkLink(f *recount.Frame, row sql.FrameRow, last *link) (c comparison) {
	hashed, err := f.Hashed()
	if err != nil {
		same(&c, "bytes", err.Error(), "a frame's")
	}
	sum := sha256.Sum256(hashed)
	second, _ := time.Parse(time.RFC3339, f.Text("second"))
	seq, _ := f.Number("seq")
	same(&c, "hash of its bytes", row.Hash, hex.EncodeToString(sum[:]))
	same(&c, "hash", f.Text("hash"), row.Hash)
	same(&c, "prev", f.Text("prev"), last.hash)
	same(&c, "ledger", f.Text("ledger"), r.Ledger.ID)
	same(&c, "official", f.True("official"), true)
	same(&c, "second", second.UnixMilli(), row.Second*1000)
	same(&c, "seq", seq, row.Seq)
	now := link{second.Unix(), seq, row.Hash, f.Positions()}
	if last.positions != nil {
		rises(&c, &now, last)
	}
	*last = now
	return c
}

func rises(c *comparison, now, before *link) {
	same(c, "seq", now.seq, before.seq+1)
	if now.second <= before.second {
		c.stored = append(c.stored, "second "+timeText(now.second))
		c.recounted = append(c.recounted, "later than "+timeText(before.second))
	}
	for _, p := range slices.Sorted(maps.Keys(before.positions)) {
		if was := before.positions[p]; now.positions[p] < was {
			c.stored = append(c.stored, fmt.Sprintf("position of partition %s %d", p, now.positions[p]))
			c.recounted = append(c.recounted, fmt.Sprintf("at least %d, as in the frame before", was))
		}
	}
}

func frameName(second, seq int64) string {
	return "second " + timeText(second) + " seq " + strconv.FormatInt(seq, 10)
}

func timeText(second int64) string { return time.Unix(second, 0).UTC().Format(time.RFC3339) }
