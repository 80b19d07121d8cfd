package ingest

import "festival/aggregate"

// recovering is the reason of a partition that has not begun yet.
const recovering = "recovering"

// status is what the pulse and the operations page say of a partition.
type status struct {
	stopped string // why it does not go on, or ""
	stored  int64  // next offset to read, acknowledged by the store
}

// settled says whether the store has acknowledged all that was counted.
func (p *partition) settled() bool { return p.position == p.taken && p.taken == p.acked }

// stored notes how far the store has acknowledged this partition.
func (p *partition) stored(progress []aggregate.Progress) {
	for _, g := range progress {
		if g.Partition == p.id {
			p.mu.Lock()
			p.status.stored = g.Next
			p.mu.Unlock()
		}
	}
}

// flushed notes that all of the last take is stored.
func (p *partition) flushed() {
	p.mu.Lock()
	p.acked = p.taken
	p.mu.Unlock()
	p.caughtUp()
}

// show sets or clears why the partition does not go on. A change is logged once.
func (p *partition) show(err error) {
	if err == nil && p.lost {
		return // it has only given up
	}
	reason := ""
	if err != nil {
		reason = err.Error()
	}
	p.mu.Lock()
	changed := p.status.stopped != reason
	p.status.stopped = reason
	p.mu.Unlock()
	if !changed {
		return
	}
	if err != nil {
		p.cfg.Log.Error("partition stopped", "partition", p.id, "reason", reason)
	} else {
		p.cfg.Log.Info("partition goes on", "partition", p.id)
	}
}
