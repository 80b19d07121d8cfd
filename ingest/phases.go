package ingest

import "time"

// phases are how long the parts of a recovery took. The fingerprints are read while the rest is asked for, so the parts may
// be longer than the whole.
type phases struct {
	begun        time.Time
	asked        time.Duration // seals, progress, sign-offs, the log's ends and its tail
	fingerprints time.Duration // raw rows read back into the duplicate set
	ready        int64         // of the rows before this offset the fingerprints stood ready
}

// recovered tells operators what a recovery took. What is left of it, reading the open segment again, ends with the first flush.
func (p *partition) recovered(t phases, k *known) {
	whole := time.Since(t.begun)
	p.cfg.Log.Info("partition recovered", "partition", p.id, "from", k.floor, "stored", k.progress.Next, "events", k.config.Set.Len(), "ready", t.ready,
		"asked", t.asked.Round(time.Millisecond), "fingerprints", t.fingerprints.Round(time.Millisecond), "took", whole.Round(time.Millisecond))
	p.metrics.recovery["asked"].Observe(t.asked.Seconds())
	p.metrics.recovery["fingerprints"].Observe(t.fingerprints.Seconds())
	p.metrics.recovery["whole"].Observe(whole.Seconds())
	p.mu.Lock()
	p.resumed = t.begun
	p.mu.Unlock()
}

// caughtUp tells once after a recovery when everything is shown again that was stored before it.
func (p *partition) caughtUp() {
	p.mu.Lock()
	begun, position := p.resumed, p.acked
	done := !begun.IsZero() && position >= p.before
	if done {
		p.resumed = time.Time{}
	}
	p.mu.Unlock()
	if done {
		took := time.Since(begun)
		p.cfg.Log.Info("partition counts new records", "partition", p.id, "position", position, "took", took.Round(time.Millisecond))
		p.metrics.recovery["counting"].Observe(took.Seconds())
	}
}
