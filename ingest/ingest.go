package ingest

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/ingest/kafka"
)

// lastFlush is how long the last flush may take, of a program that stops or of a generation that ends: what is stored need not
// be counted again by whoever comes next, nor by this process if it gets its partitions back. The group's rebalance waits for it,
// and a flush that is cut off costs up to a segment a partition, so it is several flushes of a busy store, and still
// well below the session timeout, since no heartbeat goes out meanwhile.
const lastFlush = 2 * time.Second

// Ingest counts the assigned partitions. New is inert; Run works until its context ends.
type Ingest struct {
	cfg      Config
	metrics  *metrics
	times    times
	halted   atomic.Pointer[string] // why all partitions stop (another cluster, another partition count), or nil
	store    atomic.Pointer[string] // why the store does not take flushes, or nil
	assigned int                    // partitions of this process, at least 1; set before they run
	kept     map[int32]*kept        // of the generation before; one generation at a time has it
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
	return in.cfg.Kafka.Run(ctx, in.cfg.Ledger.Identity.Partitions, func(assigned context.Context, g *kafka.Generation) error {
		in.cfg.Log.Info("partitions assigned", "partitions", g.Partitions, "generation", g.ID)
		return in.generation(ctx, assigned, g.Partitions, g.Commit)
	}, func(err error) { in.cfg.Log.Warn("consumer group", "reason", err) })
}

// generation counts some partitions until assigned ends (the group takes them away, or the program stops). Then comes a last
// flush, for which little time is left; what is not stored by then is counted again.
func (in *Ingest) generation(program, assigned context.Context, partitions []int32, commit func(map[int32]int64) error) error {
	in.assigned = max(1, len(partitions))
	grace, release := graceful(assigned)
	defer release()
	wake := make(chan struct{}, 1)
	f := &flusher{Ingest: in, wake: wake}
	for _, id := range partitions {
		f.parts = append(f.parts, newPartition(in, id, in.cfg.BufferedRows/in.assigned, wake, in.kept[id]))
	}
	in.kept = nil // those of others are let go of before fingerprints are read
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
	in.keep(f.parts)
	return err
}

// keep holds what the next generation may go on with. All goroutines of this one have ended.
func (in *Ingest) keep(parts []*partition) {
	in.kept = make(map[int32]*kept, len(parts))
	for _, p := range parts {
		if k := p.keep(); k != nil {
			in.kept[p.id] = k
		}
	}
}

// graceful gives a context that outlives the assignment by lastFlush, whether the group or the program ends it.
func graceful(assigned context.Context) (context.Context, func()) {
	grace, cancel := context.WithCancel(context.WithoutCancel(assigned))
	stop := context.AfterFunc(assigned, func() { time.AfterFunc(lastFlush, cancel) })
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
