package ingest

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/ingest/kafka"
	"festival/ingest/pace"
)

// lastFlush is how long the last flush of a program that stops may take: what is stored need not be counted again by whoever
// comes next. The group's rebalance waits for it, so it is several flushes of a busy store and still well below the session timeout.
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
	pace     pace.Collector
	prior    *flusher               // of the generation before, at its last flush perhaps; Run waits for it
	standby  *standby               // fingerprints of what others count, nil where the process is alone
	without  *without               // tells of the partitions last had while the group gives none, nil while one generation counts
	refused  atomic.Pointer[string] // why the group was not joined, or nil since it was
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
	defer in.goodbye(ctx)
	defer in.settle()
	if in.cfg.Alone {
		return in.generation(ctx, ctx, in.cfg.Ledger.Identity.All(), nil)
	}
	in.standby = newStandby(in)
	in.standby.ahead(ctx)
	defer in.standby.begin(ctx)()
	defer func() { in.without.end() }()
	return in.cfg.Kafka.Run(ctx, in.cfg.Ledger.Identity.Partitions, func(assigned context.Context, g *kafka.Generation) error {
		in.joined(g.Partitions)
		in.cfg.Log.Info("partitions assigned", "partitions", g.Partitions, "generation", g.ID)
		return in.generation(ctx, assigned, g.Partitions, g.Commit)
	}, in.notJoined)
}

// generation counts some partitions until assigned ends (the group takes them away, or the program stops). A program that stops
// flushes once more, for which little time is left; what is not stored by then is counted again. At a rebalance nobody waits for
// the store: the flush under way goes on beside the group's joining and into the next generation, and what it has not taken
// stays with the kept cores.
func (in *Ingest) generation(program, assigned context.Context, partitions []int32, commit func(map[int32]int64) error) error {
	in.assigned = max(1, len(partitions))
	f, parts := in.newFlusher(program), make([]*partition, 0, len(partitions))
	for _, id := range partitions {
		parts = append(parts, newPartition(in, id, in.cfg.BufferedRows/in.assigned, f, in.kept[id]))
		delete(in.kept, id)
	}
	f.parts = parts
	in.standby.give(parts, in.kept)
	in.kept = nil
	counting, ctx := errgroup.WithContext(assigned)
	in.surveys(ctx, parts)
	for _, p := range parts {
		counting.Go(func() error { return p.run(ctx) })
	}
	counting.Go(func() error { return in.pulse(ctx, parts, commit) })
	go f.run()
	in.prior = f
	err := counting.Wait()
	if program.Err() != nil {
		for _, id := range partitions {
			in.metrics.forget(id)
		}
		in.settle() // no one counts any more: the last flush takes all
		return err
	}
	in.without = in.goWithout(program, partitions)
	f.rest()
	in.standby.back(parts)
	in.keep(parts)
	return err
}

// settle waits until the newest flusher has ended, and with it all before it.
func (in *Ingest) settle() {
	if in.prior != nil {
		in.prior.stop()
		<-in.prior.done
	}
}

// keep holds what the next generation may go on with. All goroutines of this one have ended but for the flusher, which takes
// nothing any more.
func (in *Ingest) keep(parts []*partition) {
	in.kept = make(map[int32]*kept, len(parts))
	for _, p := range parts {
		if k := cmp.Or(p.keep(in.prior), p.kept); k != nil { // p.kept: it has not come to go on
			in.kept[p.id] = k
		}
	}
}

// graceful gives a context that outlives the program by lastFlush.
func graceful(program context.Context) (context.Context, func()) {
	grace, cancel := context.WithCancel(context.WithoutCancel(program))
	stop := context.AfterFunc(program, func() { time.AfterFunc(lastFlush, cancel) })
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
