package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"festival/aggregate/recount"
	"festival/sql"
)

// head is what the chain says of a frame.
type head struct {
	Seq       int64            `json:"seq"`
	Second    time.Time        `json:"second"`
	Official  bool             `json:"official"`
	Ledger    string           `json:"ledger"`
	Positions map[string]int64 `json:"positions"`
	Prev      string           `json:"prev"`
	Hash      string           `json:"hash"`
}

// unhashed are the members that a frame's hash leaves out (DESIGN.md §4).
var unhashed = []string{"hash", "fresh_ms", "later"}

// checkChain checks every official frame of the whole festival: that its hash is that of its bytes, that it names the
// one before it, that seconds and numbers rise and that no position falls. It gives the number of frames.
func (r *run) checkChain(ctx context.Context) (n int64, err error) {
	var before *head
	prev := r.Ledger.ID
	err = r.Store.Frames(ctx, r.Ledger.Prefix, "", -1<<62, 0, func(row sql.FrameRow) error {
		n++
		h := r.checkFrame(row, before, prev)
		if h != nil {
			before = h
		}
		prev = row.Hash
		return nil
	})
	return n, err
}

// checkFrame checks one frame and gives its head, nil where its bytes cannot be read.
func (r *run) checkFrame(row sql.FrameRow, before *head, prev string) *head {
	where := frameName(row.Second, row.Seq)
	canonical, err := recount.Canonical([]byte(row.JSON), unhashed...)
	var h head
	if err == nil {
		err = json.Unmarshal([]byte(row.JSON), &h)
	}
	if err != nil {
		r.found.add(Difference{"frame", where, err.Error(), "a frame"})
		return nil
	}
	sum := sha256.Sum256(canonical)
	var c comparison
	same(&c, "hash of its bytes", row.Hash, hex.EncodeToString(sum[:]))
	same(&c, "hash", h.Hash, row.Hash)
	same(&c, "prev", h.Prev, prev)
	same(&c, "ledger", h.Ledger, r.Ledger.ID)
	same(&c, "official", h.Official, true)
	same(&c, "second", h.Second.UnixMilli(), row.Second*1000)
	same(&c, "seq", h.Seq, row.Seq)
	if before != nil {
		rises(&c, &h, before)
	}
	for i := range c.stored {
		r.found.add(Difference{"frame", where, c.stored[i], c.recounted[i]})
	}
	return &h
}

func rises(c *comparison, h, before *head) {
	same(c, "seq", h.Seq, before.Seq+1)
	if !h.Second.After(before.Second) {
		c.stored = append(c.stored, "second "+h.Second.Format(time.RFC3339))
		c.recounted = append(c.recounted, "later than "+before.Second.Format(time.RFC3339))
	}
	for _, p := range slices.Sorted(maps.Keys(before.Positions)) {
		if was := before.Positions[p]; h.Positions[p] < was {
			c.stored = append(c.stored, fmt.Sprintf("position of partition %s %d", p, h.Positions[p]))
			c.recounted = append(c.recounted, fmt.Sprintf("at least %d, as in the frame before", was))
		}
	}
}

func frameName(second, seq int64) string {
	return "second " + time.Unix(second, 0).UTC().Format(time.RFC3339) + " seq " + strconv.FormatInt(seq, 10)
}
