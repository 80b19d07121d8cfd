package ingest

import (
	"context"
	"slices"
	"time"

	"festival/aggregate"
	"festival/ingest/kafka"
)

// without tells of the partitions that the process had last while the group gives it none: brokers are away, or nobody is let in.
// Their gauges stay, and once nobody has reported on them for silence, their pulses say why. One goroutine; end waits for it.
type without struct {
	cancel context.CancelFunc
	over   chan struct{}
	ids    []int32
}

func (in *Ingest) goWithout(program context.Context, ids []int32) *without {
	ctx, cancel := context.WithCancel(program)
	w := &without{cancel: cancel, over: make(chan struct{}), ids: ids}
	go func() { defer close(w.over); in.tellWithout(ctx, ids) }()
	return w
}

// end stops the telling and waits; a nil without has ended.
func (w *without) end() {
	if w != nil {
		w.cancel()
		<-w.over
	}
}

// joined ends the telling: the group has given partitions. The gauges of those that are another's now go.
func (in *Ingest) joined(ids []int32) {
	in.refused.Store(nil)
	if in.without == nil {
		return
	}
	in.without.end()
	for _, id := range in.without.ids {
		if !slices.Contains(ids, id) {
			in.metrics.forget(id)
		}
	}
	in.without = nil
}

// notJoined notes why the group does not let us in.
func (in *Ingest) notJoined(err error) {
	in.cfg.Log.Warn("consumer group", "reason", err)
	reason := in.cfg.Kafka.Away(err).Error()
	in.refused.Store(&reason)
}

func (in *Ingest) tellWithout(ctx context.Context, ids []int32) {
	told := ""
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if reason := in.refused.Load(); reason != nil {
			in.tellRefused(ctx, ids, *reason, told)
			told = *reason
		}
		if n%reportEvery == 0 {
			in.report(ctx, nil) // it lives, and has no partitions
		}
	}
}

// tellRefused gives the last pulses again, with the reason, of partitions on which nobody else reports. Those that another process
// counts meanwhile are its own to tell of; told is what we said the time before. Where the store is away too, only the gauges say it.
func (in *Ingest) tellRefused(ctx context.Context, ids []int32, reason, told string) {
	known := in.storedPulses(ctx, ids)
	if known == nil {
		known = make([]aggregate.Pulse, len(ids))
	}
	now, pulses := in.cfg.Clock().UnixMilli(), []aggregate.Pulse(nil)
	for i, id := range ids {
		ours := kafka.IsAway(known[i].Stopped) || told != "" && known[i].Stopped == told || now-known[i].AtMs > silence.Milliseconds()
		if !ours {
			in.metrics.stopped(id, "")
			continue
		}
		in.metrics.stopped(id, reason)
		known[i].Partition, known[i].AtMs, known[i].Stopped = id, now, reason
		pulses = append(pulses, known[i])
	}
	if len(pulses) > 0 && ctx.Err() == nil {
		in.tell(ctx, pulses)
	}
}
