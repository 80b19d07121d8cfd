package verify

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate/recount"
	"festival/sql"
)

// run is what the workers share. The collector and the sheet lock; totals and the records belong to whoever checks
// the frames; the rest is only read while they work.
type run struct {
	Config
	rules    *recount.Rules
	codes    codes
	gaps     gaps
	signoffs []sql.Signoff // all of them, as stored
	kafka    *log          // nil without Kafka
	digests  map[place]sql.CellDigest
	stands   []stand
	sheet    *sheet // nil where not all partitions are recounted
	found    collector
	begun    time.Time

	totals        *recount.Totals
	offers        []sql.Closing                 // all closings that were ever offered
	notes         []sql.ClosedNote              // those that stood once
	closing       *sql.Closing                  // that stands, nil while the festival is open
	closed        *recount.Totals               // as of the close, nil before the check of the frames comes by
	closedAt      []int64                       // its positions
	milestones    map[string][]sql.MilestoneRow // by frame hash
	verifications []sql.VerificationRow
}

// Run recounts and compares. An error means that it could not be done (a bad world); differences are in the Result.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	defer cfg.pace()()
	r := &run{Config: cfg.withDefaults(), begun: time.Now()}
	if err := r.readLedger(); err != nil {
		return nil, err
	}
	r.totals = recount.NewTotals(r.rules)
	var err error
	if r.gaps, err = r.readGaps(ctx); err != nil {
		return nil, err
	}
	r.checkSignoffs()
	workers, err := r.plan(ctx)
	if err != nil {
		return nil, err
	}
	result := &Result{Ledger: r.Ledger.ID, Gaps: r.gaps.list()}
	if err := r.work(ctx, workers, result); err != nil {
		return nil, err
	}
	if err := r.conclude(ctx, workers, result); err != nil {
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

// work recounts the partitions side by side while the frames are checked, and tells how far it is. All partitions run
// at once, because a frame needs all of them.
func (r *run) work(ctx context.Context, workers []*worker, result *Result) error {
	defer r.tell(workers)()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.checkFrames(ctx, &result.Frames) })
	for _, w := range workers {
		group.Go(func() error { return w.work(ctx) })
	}
	return group.Wait()
}

// conclude tells what needs all partitions: the newest frame that is verified, ids in two partitions.
func (r *run) conclude(ctx context.Context, workers []*worker, result *Result) (err error) {
	if err := r.checkClosing(ctx, workers); err != nil {
		return err
	}
	if err := r.checkStrays(ctx); err != nil {
		return err
	}
	if err := r.checkRollUps(ctx); err != nil {
		return err
	}
	for _, w := range workers {
		result.Partitions = append(result.Partitions, w.result)
	}
	result.Frames.Verifications = int64(len(r.verifications))
	if r.found.len() == 0 {
		result.Frames.Verified = result.Frames.Newest
	}
	result.Split, err = r.splitIDs(ctx, workers)
	return err
}
