package ingest

import (
	"context"
	"errors"
	"slices"
	"time"

	"festival/aggregate"
	"festival/ingest/kafka"
	"festival/sql"
)

// pulse tells each second where the log of every assigned partition ends, orders or not (DESIGN.md §4, freshness).
// It also watches whether the log is still the ledger's: another cluster or partition count stops all partitions.
func (in *Ingest) pulse(ctx context.Context, parts []*partition, commit func(map[int32]int64) error) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	ids := make([]int32, len(parts))
	for i, p := range parts {
		ids[i] = p.id
	}
	last := newest{at: time.Now()}
	for n := 0; ; n++ {
		in.checkIdentity(ctx)
		in.watchSigned(ctx, parts)
		pulses, reasons, err := in.ask(ctx, ids, parts)
		if err != nil {
			pulses = in.stale(ctx, &last, ids, reasons, err)
		} else {
			last = newest{pulses, time.Now()}
		}
		for i, reason := range reasons {
			if pulses != nil {
				reason = pulses[i].Stopped
			}
			in.metrics.stopped(ids[i], reason)
		}
		if len(pulses) > 0 {
			in.tell(ctx, pulses)
		}
		if commit != nil {
			in.offer(parts, commit)
		}
		if n%reportEvery == 0 {
			in.report(ctx, parts)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// newest remembers what Kafka last said, for when it says nothing any more: a topic that was deleted, brokers that are away.
type newest struct {
	pulses []aggregate.Pulse
	at     time.Time
}

// silence is how long Kafka may be silent before the pulses say so instead of staying away (DESIGN.md §4: 5 s).
const silence = 5 * time.Second

// stale gives the last pulses again, after silence, with the reasons why there are no newer ones. Where Kafka has said nothing at
// all since the partitions were assigned, the ends are those that whoever had them before has stored, and 0 of what nobody had.
func (in *Ingest) stale(ctx context.Context, last *newest, ids []int32, reasons []string, err error) []aggregate.Pulse {
	if time.Since(last.at) < silence {
		return nil
	}
	if last.pulses == nil {
		last.pulses = in.storedPulses(ctx, ids)
	}
	pulses, now := slices.Clone(last.pulses), in.cfg.Clock().UnixMilli()
	if pulses == nil {
		pulses = make([]aggregate.Pulse, len(ids))
	}
	for i, id := range ids {
		pulses[i].Partition, pulses[i].AtMs, pulses[i].Stopped = id, now, reasons[i]
		if reasons[i] == "" || reasons[i] == recovering {
			pulses[i].Stopped = in.cfg.Kafka.Away(err).Error()
		}
	}
	return pulses
}

// storedPulses are the newest pulses of the partitions that are stored, nil where the store does not answer.
func (in *Ingest) storedPulses(ctx context.Context, ids []int32) []aggregate.Pulse {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	rows, err := in.cfg.Store.Pulses(ctx, in.cfg.Ledger.Prefix)
	if err != nil {
		return nil
	}
	pulses := make([]aggregate.Pulse, len(ids))
	for _, row := range rows {
		if i := slices.Index(ids, row.Partition); i >= 0 {
			pulses[i] = aggregate.Pulse(row)
		}
	}
	return pulses
}

func (in *Ingest) checkIdentity(ctx context.Context) {
	err := in.cfg.Kafka.CheckIdentity(ctx, in.cfg.Ledger.Identity)
	var kind kafka.Kind
	switch {
	case errors.As(err, &kind):
		reason := err.Error()
		in.halted.Store(&reason)
	case err == nil:
		in.halted.Store(nil)
	}
}

// ask gives the pulses of this second, with the partitions' own reasons where Kafka does not answer within the second.
func (in *Ingest) ask(ctx context.Context, ids []int32, parts []*partition) (pulses []aggregate.Pulse, reasons []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for _, p := range parts {
		reasons = append(reasons, p.stoppedBy())
	}
	ends, err := in.cfg.Kafka.Offsets(ctx, ids)
	if err != nil {
		in.metrics.pulseErrors.Inc()
		in.cfg.Log.Debug("no pulse", "reason", err)
		return nil, reasons, err
	}
	now := in.cfg.Clock().UnixMilli()
	for i, p := range parts {
		pulses = append(pulses, aggregate.Pulse{Partition: p.id, StableEnd: ends[i].StableEnd, HighWatermark: ends[i].HighWatermark,
			AtMs: now, Stopped: reasons[i]})
		p.gauge(ends[i])
	}
	return pulses, reasons, nil
}

// stoppedBy says why the partition does not reach the screen: its own reason, or the store's.
func (p *partition) stoppedBy() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	reason := p.store.Load()
	if reason != nil && (p.status.stopped == "" || p.status.stopped == recovering) { // it may wait for the flush before it
		return *reason
	}
	return p.status.stopped
}

func (p *partition) gauge(end kafka.Offsets) {
	p.mu.Lock()
	stored, rows, rejected, events, bytes := p.status.stored, p.filling.rows(), p.filling.rejectBytes, int64(0), int64(0)
	if p.core != nil {
		events, bytes = p.core.Set().Len(), p.core.Set().Bytes()
	}
	p.mu.Unlock()
	p.metrics.partition(p.id).set(end, stored, rows, rejected, events, bytes)
}

func (in *Ingest) tell(ctx context.Context, pulses []aggregate.Pulse) {
	if in.cfg.Pulsed != nil {
		in.cfg.Pulsed(pulses)
	}
	rows := make([]sql.PulseRow, len(pulses))
	for i, p := range pulses {
		rows[i] = sql.PulseRow(p)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := in.cfg.Store.InsertPulse(ctx, in.cfg.Ledger.Prefix, rows); err != nil {
		in.metrics.pulseErrors.Inc()
		in.cfg.Log.Debug("pulse not stored", "reason", err)
	}
}

// offer commits stored positions to the consumer group, for lag tools only; we never read them back.
func (in *Ingest) offer(parts []*partition, commit func(map[int32]int64) error) {
	next := make(map[int32]int64, len(parts))
	for _, p := range parts {
		p.mu.Lock()
		if p.status.stored > 0 {
			next[p.id] = p.status.stored
		}
		p.mu.Unlock()
	}
	if err := commit(next); err != nil {
		in.cfg.Log.Debug("offsets for lag tools not committed", "reason", err)
	}
}
