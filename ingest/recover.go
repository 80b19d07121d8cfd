package ingest

import (
	"context"
	"fmt"

	"festival/aggregate"
	"festival/sql"
)

// recover builds the partition's state from the store: the first segment without a seal is counted anew from its
// first offset, with the fingerprints of all raw rows before it (DESIGN.md §2). Nothing that was counted of that
// segment before is used, so whatever a dead or paused writer has stored of it is only written again.
func (p *partition) recover(ctx context.Context) error {
	seals, err := p.cfg.Store.LastSeals(ctx, p.cfg.Ledger.Prefix, []int32{p.id})
	if err != nil {
		return fmt.Errorf("last seal: %w", err)
	}
	config := p.beginning(seals)
	known, err := p.checkStoredTail(ctx)
	if err != nil {
		return err
	}
	if config.Set, err = p.fingerprints(ctx, config.Start); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.core = aggregate.NewCore(config)
	p.position, p.taken = config.Start, config.Start
	if !known {
		p.taken = -1 // the first flush stores where it begins, so that an empty partition is seen too
	}
	p.tail = aggregate.Tail{BaseOffset: -1, LeaderEpoch: -1}
	p.reader = p.cfg.Kafka.Reader(p.id)
	return nil
}

// beginning says where the open segment starts: behind the last seal, else at the recorded log start.
func (p *partition) beginning(seals map[int32]sql.SealRow) aggregate.CoreConfig {
	c := aggregate.CoreConfig{Rules: p.cfg.Rules, Ledger: p.cfg.Ledger.ID, Partition: p.id,
		LogStart: p.cfg.Ledger.LogStart[p.id], PrevSeal: p.cfg.Ledger.ID}
	c.Start = c.LogStart
	if s, ok := seals[p.id]; ok {
		c.Start, c.PrevSeal, c.LastMs, c.MaxEventMs = s.End, s.Hash, s.LastMs, s.MaxEventMs
	}
	return c
}

// checkStoredTail fetches the last batch that the store has counted: other bytes mean another log. It says whether the
// store knows the partition at all.
func (p *partition) checkStoredTail(ctx context.Context) (known bool, err error) {
	rows, err := p.cfg.Store.Progress(ctx, p.cfg.Ledger.Prefix)
	if err != nil {
		return false, fmt.Errorf("progress: %w", err)
	}
	for _, row := range rows {
		if row.Partition == p.id {
			progress := progressOf(row)
			p.mu.Lock()
			p.status.stored = progress.Next
			p.mu.Unlock()
			return true, p.checkTail(ctx, progress.Tail)
		}
	}
	return false, nil
}

// fingerprints rebuilds the set of events seen before an offset from the raw rows.
func (p *partition) fingerprints(ctx context.Context, before int64) (*aggregate.Fingerprints, error) {
	set := aggregate.NewFingerprints(p.cfg.Events / int64(p.assigned))
	err := p.cfg.Store.OrderKeys(ctx, p.cfg.Ledger.Prefix, p.id, before, set.AddBatch)
	if err != nil {
		return nil, fmt.Errorf("fingerprints of partition %d before offset %d: %w", p.id, before, err)
	}
	return set, nil
}
