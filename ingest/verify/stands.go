package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"festival/sql"
)

// stand is where a stored official frame stands.
type stand struct {
	second, seq int64
	hash        string
	// positions are where the recount stops for it, by partition: the frame's own where compared, else those of the
	// frame before. They never fall from frame to frame.
	positions []int64
	// compared: the recount comes by exactly these positions. It does not where the frame cannot be read, falls behind
	// the one before or shows more than was stored at the cut; the check of the chain names the first two.
	compared bool
	// closing: no frame, but where the festival was closed. Frames behind it show the figures of there, and what came
	// after up to their own positions.
	closing bool
}

// readStands reads where all official frames of the whole festival stand: 8 bytes a frame and partition are kept. It is
// asked after the cuts, so the newest frames may be ahead of them; none may be ahead of what is stored by now.
func (r *run) readStands(ctx context.Context, workers []*worker) error {
	err := r.Store.FramePositions(ctx, r.Ledger.Prefix, func(row sql.FrameRow) error {
		r.addStand(row)
		return nil
	})
	if err != nil {
		return err
	}
	rows, err := r.Store.Progress(ctx, r.Ledger.Prefix)
	if err != nil {
		return err
	}
	r.checkAhead(nextOf(rows, r.Ledger.LogStart))
	r.noteMoves(workers)
	r.keepReachable(workers)
	return nil
}

// addStand takes note of a frame, and before the first one of a closed festival of the close.
func (r *run) addStand(row sql.FrameRow) {
	var f struct {
		Positions map[string]int64 `json:"positions"`
		After     map[string]int64 `json:"after_positions"`
	}
	_ = json.Unmarshal([]byte(row.JSON), &f) // a frame that cannot be read is named by the check of the chain
	s := stand{second: row.Second, seq: row.Seq, hash: row.Hash}
	s.positions, s.compared = positionsOf(f.Positions, r.Ledger.LogStart)
	if f.After != nil && s.compared {
		if !slices.ContainsFunc(r.stands, func(s stand) bool { return s.closing }) {
			r.stands = append(r.stands, stand{second: row.Second, positions: s.positions, compared: true, closing: true})
		}
		s.positions, _ = positionsOf(f.After, r.Ledger.LogStart)
	}
	r.stands = append(r.stands, s)
}

// positionsOf gives named positions in order; a partition that is not named has not begun.
func positionsOf(named map[string]int64, starts []int64) (at []int64, ok bool) {
	if named == nil {
		return starts, false
	}
	at = slices.Clone(starts)
	for p := range at {
		at[p] = max(at[p], named[strconv.Itoa(p)])
	}
	return at, true
}

func nextOf(rows []sql.CellRow, starts []int64) []int64 {
	next := slices.Clone(starts)
	for _, row := range rows {
		if row.Partition >= 0 && int(row.Partition) < len(next) {
			next[row.Partition] = max(next[row.Partition], row.Revision)
		}
	}
	return next
}

// checkAhead reports frames that show more than is stored: frames are made of acknowledged flushes only.
func (r *run) checkAhead(next []int64) {
	for _, s := range r.stands {
		for p, at := range s.positions {
			if at > next[p] {
				r.found.add(Difference{"frame", frameName(s.second, s.seq), fmt.Sprintf("position of partition %d %d", p, at),
					fmt.Sprintf("only %d is stored", next[p])})
			}
		}
	}
}

// keepReachable marks the frames whose figures the recount can take. It needs all partitions.
func (r *run) keepReachable(workers []*worker) {
	whole := len(workers) == r.rules.Partitions && r.Until == 0
	before := r.Ledger.LogStart
	for i := range r.stands {
		s := &r.stands[i]
		for _, w := range workers {
			s.compared = s.compared && s.positions[w.id] >= before[w.id] && s.positions[w.id] <= w.end
		}
		if s.compared = s.compared && whole; !s.compared {
			s.positions = before
		}
		before = s.positions
	}
}
