package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"festival/aggregate/recount"
	"festival/sql"
)

// frame is an official frame whose figures are recounted. Workers add to sum, one after the other.
type frame struct {
	ref    FrameRef
	shown  recount.Shown
	second int64 // newest complete event second by the frame's own watermark; 0: none
	mu     sync.Mutex
	sum    *recount.Figures
}

func (f *frame) add(figures *recount.Figures) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sum.Plus(figures)
}

// stand is where a stored frame stands.
type stand struct {
	row       sql.FrameRow
	positions map[string]int64
}

// chooseFrames picks the frames whose figures are recounted and tells the workers where to stop for them. It needs all
// partitions. It is asked after the cuts, so the newest frame may be ahead of them; none may be ahead of what is
// stored by now.
func (r *run) chooseFrames(ctx context.Context, workers []*worker) ([]*frame, error) {
	if len(workers) != r.rules.Partitions || r.Until > 0 {
		return nil, nil
	}
	stands, err := r.stands(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.checkAhead(ctx, stands); err != nil {
		return nil, err
	}
	var frames []*frame
	for _, s := range sample(reachable(stands, workers), r.Frames) {
		f, err := r.readFrame(ctx, s)
		if err != nil {
			return nil, err
		}
		for _, w := range workers {
			w.stops = append(w.stops, stop{positionOf(s, w), f})
		}
		frames = append(frames, f)
	}
	for _, w := range workers {
		slices.SortStableFunc(w.stops, func(a, b stop) int { return int(max(-1, min(1, a.position-b.position))) })
	}
	return frames, nil
}

func (r *run) stands(ctx context.Context) (out []stand, err error) {
	err = r.Store.FramePositions(ctx, r.Ledger.Prefix, func(row sql.FrameRow) error {
		s := stand{row: row}
		_ = json.Unmarshal([]byte(row.JSON), &s.positions) // a frame that cannot be read is named by checkChain
		out = append(out, s)
		return nil
	})
	return out, err
}

// positionOf is where a frame stands in a partition; one that it does not name it has not begun.
func positionOf(s stand, w *worker) int64 {
	if at, named := s.positions[strconv.Itoa(int(w.id))]; named {
		return max(at, w.start)
	}
	return w.start
}

func reachable(stands []stand, workers []*worker) (out []stand) {
	for _, s := range stands {
		ahead := func(w *worker) bool { return positionOf(s, w) > w.end }
		if s.positions != nil && !slices.ContainsFunc(workers, ahead) {
			out = append(out, s)
		}
	}
	return out
}

// sample picks at most n, spread evenly; the last one is always among them.
func sample(stands []stand, n int) []stand {
	if len(stands) <= n {
		return stands
	}
	var out []stand
	for i := 1; i <= n; i++ {
		out = append(out, stands[len(stands)*i/n-1])
	}
	return out
}

// checkAhead reports frames that show more than is stored: frames are made of acknowledged flushes only.
func (r *run) checkAhead(ctx context.Context, stands []stand) error {
	rows, err := r.Store.Progress(ctx, r.Ledger.Prefix)
	if err != nil {
		return err
	}
	next := map[string]int64{}
	for p, start := range r.Ledger.LogStart {
		next[strconv.Itoa(p)] = start
	}
	for _, row := range rows {
		next[strconv.Itoa(int(row.Partition))] = row.Revision
	}
	for _, s := range stands {
		for p, at := range s.positions {
			if at > next[p] {
				r.found.add(Difference{"frame", frameName(s.row.Second, s.row.Seq),
					fmt.Sprintf("position of partition %s %d", p, at), fmt.Sprintf("only %d is stored", next[p])})
			}
		}
	}
	return nil
}

func (r *run) readFrame(ctx context.Context, s stand) (*frame, error) {
	row, ok, err := r.Store.FrameAt(ctx, r.Ledger.Prefix, "", s.row.Second)
	if err != nil {
		return nil, err
	}
	if !ok || row.Second != s.row.Second {
		return nil, fmt.Errorf("official frame of %s is gone", frameName(s.row.Second, s.row.Seq))
	}
	f := &frame{ref: FrameRef{Second: row.Second, Seq: row.Seq, Hash: row.Hash}, sum: recount.NewFigures()}
	if f.shown, err = recount.ReadFrame([]byte(row.JSON)); err != nil {
		f.shown = recount.Shown{} // every figure differs then
	}
	if at, err := time.Parse(time.RFC3339, f.shown["watermark"]); err == nil {
		f.second = at.Unix() - 1
	}
	return f, nil
}

// compareFrame holds a frame's figures against the recounted ones at its positions.
func (r *run) compareFrame(f *frame) bool {
	want := f.sum.Frame(r.rules)
	for path, value := range r.pace(f) {
		want[path] = value
	}
	var differ []string
	for path, value := range want {
		if f.shown[path] != value {
			differ = append(differ, path)
		}
	}
	slices.Sort(differ)
	for _, path := range differ {
		r.found.add(Difference{"frame", frameName(f.ref.Second, f.ref.Seq) + " " + path, orNothing(f.shown, path), want[path]})
	}
	return len(differ) == 0
}

// pace is what `rate` has to show: the newest complete second, null before the first second of the first window.
func (r *run) pace(f *frame) recount.Shown {
	if f.second >= r.rules.Windows[0].StartMs/1000 && f.second > 0 {
		return f.sum.Pace(f.second)
	}
	return recount.Shown{"rate.orders_per_s": "null", "rate.gmv_fen_per_s": "null", "rate.created_per_s": "null"}
}

func orNothing(shown recount.Shown, path string) string {
	if value, there := shown[path]; there {
		return strings.TrimSpace(value)
	}
	return nothing
}
