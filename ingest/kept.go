package ingest

import (
	"context"

	"festival/aggregate"
)

// kept is what a partition leaves behind when a generation ends: the group is eager, so most partitions come back to the process
// that had them, which then need not rebuild the fingerprints. What others get stays with the standby.
type kept struct {
	by       *flusher // what it has taken has to be stored first
	core     *aggregate.Core
	filling  *batch // raw rows from taken on; nil: let go of, only the set is of use
	taken    int64  // everything before it is stored
	position int64
	tail     aggregate.Tail
	signed   int // how many sign-offs it knows
}

// keep gives up the partition's state, or nil where it is of no use. The partition has ended; its flusher takes nothing any more, but
// may still be storing what it has taken.
func (p *partition) keep(by *flusher) *kept {
	p.mu.Lock()
	defer p.mu.Unlock()
	core := p.core
	p.core = nil // the flusher holds on to the partition, and shall not to its fingerprints
	if core == nil || p.lost || p.status.stopped != "" {
		return nil
	}
	return &kept{by: by, core: core, filling: p.filling, taken: p.taken, position: p.position, tail: p.tail, signed: len(p.signed)}
}

// settleKept waits until the store has all that was ever taken of the kept core, which is dropped where that flush was cut off.
func (p *partition) settleKept(ctx context.Context) error {
	if p.kept == nil {
		return nil
	}
	if err := p.kept.settled(ctx); err != nil {
		return err
	}
	if p.kept.by.err != nil {
		p.kept = nil
	}
	return nil
}

// settled waits until all that was taken of the core is stored, or given up.
func (k *kept) settled(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-k.by.done:
		return nil
	}
}

// reuse goes on with the kept core. Whoever had the partition meanwhile may have stored more: that is counted here again, from
// the log, as after any takeover. Of a core that the last seal has passed only the fingerprints are used. It is dropped where it says
// less than a seal, where the store has less than it, and where something was signed off since.
func (p *partition) reuse(ctx context.Context, k *known) (bool, error) {
	old := p.kept
	if old == nil {
		return false, nil
	}
	if old.passedBy(k.config.Start) {
		return false, p.standUp(ctx, k)
	}
	sealed := old.taken - old.taken%p.cfg.Rules.Stride // every segment that the core has finished has its seal
	if old.filling == nil || k.config.Start < sealed || old.position < max(k.config.Start, k.logStart) || old.taken > k.progress.Next || old.signed != len(k.signed) {
		p.kept = nil
		return false, nil
	}
	if old.tail != k.progress.Tail {
		if err := p.checkTail(ctx, old.tail); err != nil {
			return false, err
		}
	}
	old.core.Set().SetLimit(p.share())
	p.mu.Lock()
	p.filling = old.filling
	p.mu.Unlock()
	p.begin(old.core, k, old.position, old.taken, old.tail)
	p.metrics.reused.Inc()
	return true, nil
}

// standUp makes the kept core's fingerprints stand ready.
func (p *partition) standUp(ctx context.Context, k *known) error {
	same, err := p.holds(ctx, p.id, p.kept.tail)
	if err != nil {
		return err
	}
	if same && p.kept.signed == len(k.signed) {
		p.ready = p.kept.standing(p.share())
	}
	p.kept = nil
	return nil
}
