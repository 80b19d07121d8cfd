package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
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
	shownFirst    map[milestone]*stand // where the chain first shows a threshold
}

// Run recounts and compares. An error means that it could not be done (a bad world); differences are in the Result.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	defer cfg.pace()()
	r := &run{Config: cfg.withDefaults(), begun: time.Now(), shownFirst: map[milestone]*stand{}}
	var altered LedgerError
	if err := r.readLedger(); errors.As(err, &altered) {
		return r.altered(altered), nil
	} else if err != nil {
		return nil, err
	}
	r.totals = recount.NewTotals(r.rules)
	var err error
	if r.gaps, err = r.readGaps(ctx); err != nil {
		return nil, err
	}
	r.checkSignoffs()
	if err := r.checkTopics(ctx); err != nil {
		return nil, err
	}
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

// LedgerError says that a stored ledger's document is not what its id was made of. Nothing can be recounted by it.
type LedgerError struct {
	ID, Hash string // 64 hex digits; Hash is the SHA-256 of the document as stored
}

func (e LedgerError) Error() string {
	return fmt.Sprintf("ledger %s: its stored document has the hash %s: it was altered. Restore the newest backup whose document is whole", e.ID, e.Hash)
}

// altered is the result where the rules themselves are not those of the ledger: nothing else was compared.
func (r *run) altered(e LedgerError) *Result {
	result := &Result{Ledger: r.Ledger.ID, Partitions: []PartitionResult{}, Gaps: []Gap{}}
	r.found.add(Difference{"ledger", e.ID, "a document with the hash " + e.Hash, "the hash is the ledger's id; nothing else was compared"})
	result.close(&r.found, r.begun)
	return result
}

// CheckLedger holds a ledger's stored document against its id: a LedgerError where it was altered.
func CheckLedger(l sql.Ledger) error {
	sum := sha256.Sum256([]byte(l.Document))
	if hash := hex.EncodeToString(sum[:]); hash != l.ID {
		return LedgerError{l.ID, hash}
	}
	return nil
}

// readLedger reads the sealed rules from the ledger's own document, whose hash has to be the ledger's id.
func (r *run) readLedger() (err error) {
	if err := CheckLedger(r.Ledger); err != nil {
		return err
	}
	if r.rules, err = recount.ReadRules([]byte(r.Ledger.Document)); err != nil {
		return err
	}
	r.codes = newCodes(r.rules)
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
	if err := r.checkMissed(ctx); err != nil {
		return err
	}
	if err := checkUnsealed(ctx, workers); err != nil {
		return err
	}
	if err := r.checkCodes(ctx); err != nil {
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
	r.checkSaid()
	result.Frames.Verifications = int64(len(r.verifications))
	if r.found.len() == 0 {
		result.Frames.Verified = result.Frames.Newest
	}
	result.Split, err = r.splitIDs(ctx, workers)
	return err
}
