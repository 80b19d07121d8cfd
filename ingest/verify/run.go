package verify

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate/recount"
)

// run is what the workers share; the collector locks, the rest is only read while they work.
type run struct {
	Config
	rules *recount.Rules
	codes codes
	kafka *log // nil without Kafka
	found collector
	begun time.Time
}

// Run recounts and compares. An error means that it could not be done (a bad world); differences are in the Result.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	r := &run{Config: cfg.withDefaults(), begun: time.Now()}
	if err := r.readLedger(); err != nil {
		return nil, err
	}
	workers, err := r.plan(ctx)
	if err != nil {
		return nil, err
	}
	frames, err := r.chooseFrames(ctx, workers)
	if err != nil {
		return nil, err
	}
	result := &Result{Ledger: r.Ledger.ID}
	if err := r.work(ctx, workers, result); err != nil {
		return nil, err
	}
	if err := r.conclude(ctx, workers, frames, result); err != nil {
		return nil, err
	}
	result.close(&r.found, r.begun)
	return result, nil
}

// readLedger reads the sealed rules from the ledger's own document, whose hash has to be the ledger's id.
func (r *run) readLedger() (err error) {
	if r.rules, err = recount.ReadRules([]byte(r.Ledger.Document)); err != nil {
		return err
	}
	r.codes = newCodes(r.rules)
	if id := hex.EncodeToString(r.rules.Ledger[:]); id != r.Ledger.ID {
		return fmt.Errorf("ledger %s: its document has the hash %s", r.Ledger.ID, id)
	}
	if r.rules.Partitions != len(r.Ledger.LogStart) {
		return fmt.Errorf("ledger %s: %d partitions, but log starts of %d", r.Ledger.ID, r.rules.Partitions, len(r.Ledger.LogStart))
	}
	return nil
}

// work recounts the partitions side by side while the frames' chain is checked, and tells how far it is.
func (r *run) work(ctx context.Context, workers []*worker, result *Result) error {
	told := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(told)
		r.tell(workers, done)
	}()
	defer func() { close(done); <-told }()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.Workers + 1)
	group.Go(func() (err error) {
		result.Frames.Chained, err = r.checkChain(ctx)
		return err
	})
	for _, w := range workers {
		group.Go(func() error { return w.work(ctx) })
	}
	return group.Wait()
}

// conclude compares what needs all partitions: the figures of frames, ids in two partitions.
func (r *run) conclude(ctx context.Context, workers []*worker, frames []*frame, result *Result) error {
	for _, w := range workers {
		result.Partitions = append(result.Partitions, w.result)
	}
	result.Frames.Compared = []FrameRef{}
	for _, f := range frames {
		f.ref.Equal = r.compareFrame(f)
		result.Frames.Compared = append(result.Frames.Compared, f.ref)
	}
	if n := len(frames); n > 0 && r.found.count == 0 {
		result.Frames.Verified = &result.Frames.Compared[n-1]
	}
	var err error
	result.Split, err = r.splitIDs(ctx, workers)
	return err
}
