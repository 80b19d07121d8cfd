package verify

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate/recount"
	"festival/sql"
)

// FollowResult is what a run of Follow found.
type FollowResult struct {
	Frames int64 `json:"frames"` // official frames compared
	Wrong  int64 `json:"wrong"`  // of them, those where something differed
	// Verified is the newest frame that was found right, null before the first.
	Verified *FrameRef `json:"verified"`
}

// Differs tells whether any frame was found wrong: exit code 3 (CONTRACT.md §2).
func (r *FollowResult) Differs() bool { return r.Wrong > 0 }

// follower recounts behind the live edge. It keeps the totals of everything up to the frame compared last, and of each
// partition the open segment and one fingerprint an event: about 26 bytes, 52 with what the garbage collector wants.
type follower struct {
	*run
	follow  FollowConfig
	metrics *followMetrics
	parts   []*tracker
	from    int64               // the second from which on the next frame is taken
	past    []link              // compared frames, newest last, at most maxPast
	told    map[Difference]bool // of the chain: a stretch is read twice
	result  FollowResult
}

// Follow recounts from the start of the ledger's log, from raw rows where Kafka no longer has it, and goes on behind the
// live edge until ctx ends. Every so often it takes an official frame, brings the recount to exactly its positions,
// compares all its figures and the seals up to there, and stores a verification record that names the frame's hash. A
// difference is told, recorded, and does not end it. Kafka or a store that is away is waited for.
//
// It keeps nothing on disk: one that is killed begins anew, and first takes the frame that was verified last.
func Follow(ctx context.Context, cfg FollowConfig) (*FollowResult, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	defer cfg.pace()()
	cfg = cfg.withDefaults()
	metrics, err := newFollowMetrics(cfg.Registry)
	if err != nil {
		return nil, err
	}
	result := &FollowResult{}
	for ctx.Err() == nil {
		f := &follower{run: &run{Config: cfg.Config, begun: time.Now()}, follow: cfg, metrics: metrics, result: *result}
		if err := f.readLedger(); err != nil {
			return nil, err
		}
		err := f.upTo(ctx)
		f.checkEnd(ctx)
		if *result = f.result; err != nil {
			return nil, err
		}
	}
	return result, nil
}

// upTo follows until ctx ends, or until a gap is accepted in what has been recounted already: then the recount has to
// begin anew.
func (f *follower) upTo(ctx context.Context) error {
	f.totals = recount.NewTotals(f.rules)
	for p, start := range f.Ledger.LogStart {
		f.parts = append(f.parts, newTracker(f, int32(p), start))
	}
	defer func() {
		for _, t := range f.parts {
			t.close()
		}
	}()
	if !f.again(ctx, "where it was verified to", f.begin) {
		return nil
	}
	for {
		row, ok := f.nextFrame(ctx)
		if !ok {
			return nil
		}
		stale, err := f.frame(ctx, row)
		if err != nil || stale || ctx.Err() != nil {
			return err
		}
	}
}

// begin takes up where the records end.
func (f *follower) begin(ctx context.Context) error {
	state, err := f.Store.VerifyState(ctx, f.Ledger.Prefix)
	if err != nil {
		return err
	}
	f.from = state.Newest
	f.gaps, err = f.readGaps(ctx)
	return err
}

// frameWait is how often the store is asked for a frame that is due.
const frameWait = 500 * time.Millisecond

// nextFrame waits for the next frame that is to be compared; false when ctx ended.
func (f *follower) nextFrame(ctx context.Context) (row sql.FrameRow, ok bool) {
	for {
		asked := f.again(ctx, "the next official frame", func(ctx context.Context) (err error) {
			row, ok, err = f.Store.NextFrame(ctx, f.Ledger.Prefix, f.from)
			return err
		})
		if !asked || ok {
			return row, asked
		}
		due := time.Unix(f.from, 0).Sub(f.follow.Clock())
		if !pause(ctx, max(frameWait, min(due, f.follow.Every))) {
			return row, false
		}
	}
}

// frame brings the recount to a frame, compares it and records what came of it. stale: the recount holds what has been
// taken out of the log since.
func (f *follower) frame(ctx context.Context, row sql.FrameRow) (stale bool, err error) {
	shown, problem := recount.ReadFrame([]byte(row.JSON))
	if problem == nil {
		if stale, err = f.reach(ctx, shown, row); err != nil || stale || ctx.Err() != nil {
			return stale, err
		}
	}
	var views map[string]sql.FrameRow
	if !f.again(ctx, "the windows' frames", func(ctx context.Context) (err error) { views, err = f.windowFrames(ctx, row); return err }) {
		return false, nil
	}
	if problem == nil {
		f.compare(shown, row, views)
	}
	f.remember(row)
	chained := func(ctx context.Context) error { return f.checkPast(ctx, 2, row.Second) }
	if f.again(ctx, "the chain", chained) && f.again(ctx, "seals", f.compareSeals) {
		f.record(ctx, row)
	}
	f.from = row.Second + int64(f.follow.Every/time.Second)
	return false, nil
}

// reach advances all partitions side by side to a frame's positions.
func (f *follower) reach(ctx context.Context, shown *recount.Frame, row sql.FrameRow) (stale bool, err error) {
	if !f.again(ctx, "sign-offs", func(ctx context.Context) (err error) { stale, err = f.newGaps(ctx); return err }) || stale {
		return stale, nil
	}
	at, after := shown.Positions(), shown.After()
	f.metrics.behind(f, row.Second, at)
	if after != nil && f.closed == nil {
		if err := f.recountTo(ctx, at); err != nil || ctx.Err() != nil {
			return false, err
		}
		f.closed = f.totals.Clone()
		f.closedAt, _ = positionsOf(at, f.Ledger.LogStart)
	}
	if after != nil { // what is shown stands still; what came after is counted on
		at = after
	}
	return false, f.recountTo(ctx, at)
}

// recountTo advances all partitions side by side to positions and adds up what they counted.
func (f *follower) recountTo(ctx context.Context, at map[string]int64) error {
	group, groupCtx := errgroup.WithContext(ctx)
	for _, t := range f.parts {
		group.Go(func() error { return t.advance(groupCtx, at[fmt.Sprint(t.id)]) })
	}
	if err := group.Wait(); err != nil || ctx.Err() != nil && f.behindOf(at) > 0 {
		return err
	}
	for _, t := range f.parts {
		if err := f.totals.Add(t.p.Changes()); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) behindOf(at map[string]int64) (records int64) {
	for _, t := range f.parts {
		records += max(0, at[fmt.Sprint(t.id)]-t.at.Load())
	}
	return records
}

// newGaps looks for sign-offs. One about offsets that have been recounted already makes the recount one of another log.
func (f *follower) newGaps(ctx context.Context) (stale bool, err error) {
	now, err := f.readGaps(ctx)
	if err != nil {
		return false, err
	}
	for p, list := range now {
		for _, g := range list[min(len(f.gaps[p]), len(list)):] {
			stale = stale || g.First < f.parts[p].at.Load()
			f.follow.Log.Warn("an accepted gap is part of the log now", "partition", p, "first", g.First, "end", g.End, "signed_by", g.By, "reason", g.Reason)
		}
	}
	f.gaps = now
	return stale, nil
}

func (f *follower) windowFrames(ctx context.Context, row sql.FrameRow) (map[string]sql.FrameRow, error) {
	out := map[string]sql.FrameRow{}
	for _, view := range f.frameViews()[1:] {
		one, ok, err := f.Store.FrameAt(ctx, f.Ledger.Prefix, view, row.Second)
		if err != nil {
			return nil, err
		}
		if ok && one.Second == row.Second {
			out[view] = one
		}
	}
	return out, nil
}
