package ingest

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/ingest/kafka"
)

// lastFlush is how long a clean stop waits for the store to take what was counted; the rest is counted again by
// whoever comes next.
const lastFlush = 2 * time.Second

// Ingest counts the assigned partitions. New is inert; Run works until its context ends.
type Ingest struct {
	cfg      Config
	metrics  *metrics
	times    times
	halted   atomic.Pointer[string] // why all partitions stop (another cluster, another partition count), or nil
	store    atomic.Pointer[string] // why the store does not take flushes, or nil
	assigned int                    // partitions of this process, at least 1; set before they run
}

// New checks the configuration and gives an Ingest that does nothing yet.
func New(cfg Config) (*Ingest, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	in := &Ingest{cfg: cfg, metrics: newMetrics(cfg)}
	in.times.started = cfg.Clock()
	return in, nil
}

// Run counts until ctx ends: all partitions where the process is alone, else those that the group assigns, from our
// own positions. It ends with a last flush and gives nil on a clean stop.
func (in *Ingest) Run(ctx context.Context) error {
	if in.cfg.Alone {
		all := make([]int32, in.cfg.Ledger.Identity.Partitions)
		for i := range all {
			all[i] = int32(i)
		}
		return in.generation(ctx, ctx, all, nil)
	}
	return in.cfg.Kafka.Run(ctx, func(assigned context.Context, g *kafka.Generation) error {
		in.cfg.Log.Info("partitions assigned", "partitions", g.Partitions, "generation", g.ID)
		return in.generation(ctx, assigned, g.Partitions, g.Commit)
	}, func(err error) { in.cfg.Log.Warn("consumer group", "reason", err) })
}

// generation counts some partitions until assigned ends (the group takes them away, or the program stops). Only when
// the program stops is a last flush worth waiting for; a flush of partitions that are taken away is abandoned.
func (in *Ingest) generation(program, assigned context.Context, partitions []int32, commit func(map[int32]int64) error) error {
	in.assigned = max(1, len(partitions))
	grace, release := graceful(program, assigned)
	defer release()
	wake := make(chan struct{}, 1)
	f := &flusher{Ingest: in, wake: wake}
	for _, id := range partitions {
		f.parts = append(f.parts, newPartition(in, id, in.cfg.BufferedRows/in.assigned, wake))
	}
	counting, ctx := errgroup.WithContext(assigned)
	for _, p := range f.parts {
		counting.Go(func() error { return p.run(ctx) })
	}
	counting.Go(func() error { return in.pulse(ctx, f.parts, commit) })
	stopped := make(chan error, 1)
	flushing, stopFlushing := context.WithCancel(context.WithoutCancel(assigned))
	defer stopFlushing()
	go func() { stopped <- f.run(flushing, grace) }()
	err := counting.Wait()
	for _, p := range f.parts {
		in.metrics.forget(p.id)
	}
	stopFlushing() // no one counts any more: the last flush takes all
	if last := <-stopped; last != nil && program.Err() == nil && assigned.Err() == nil {
		return fmt.Errorf("flush: %w", last)
	}
	return err
}

// graceful gives a context that outlives a stop of the program by lastFlush, and ends at once when only the
// assignment ends.
func graceful(program, assigned context.Context) (context.Context, func()) {
	grace, cancel := context.WithCancel(context.WithoutCancel(program))
	stop := context.AfterFunc(assigned, func() {
		if program.Err() == nil {
			cancel()
			return
		}
		time.AfterFunc(lastFlush, cancel)
	})
	return grace, func() { stop(); cancel() }
}

// showStore notes why the store does not take a flush; the pulse and /readyz say so.
func (in *Ingest) showStore(err error) {
	if err == nil {
		if in.store.Swap(nil) != nil {
			in.cfg.Log.Info("store takes flushes again")
		}
		return
	}
	reason := "store: " + err.Error()
	if old := in.store.Swap(&reason); old == nil || *old != reason {
		in.cfg.Log.Error("flush waits for the store", "reason", err)
	}
	in.metrics.retries.Inc()
	in.times.retries.Add(1)
}
