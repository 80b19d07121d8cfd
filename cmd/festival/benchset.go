package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/sql"
	"festival/sql/engine"
)

// setAhead is how many events are added between two looks at the clock: one look costs as much as they do.
const setAhead = 16

// memory measures what grows with the festival: the set of fingerprints, its rebuilding from the store, and the whole
// program at a rate.
func (b *bench) memory() error {
	for _, step := range []func() error{b.setGrows, b.setRebuilt, b.wholeProgram} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// setGrows adds events one by one, two of each order, to a set that begins empty, on one core.
func (b *bench) setGrows() error {
	set, block := aggregate.NewFingerprints(0), newEventBlock()
	var longest, begun, cpu = time.Duration(0), time.Now(), ownCPU()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for first := int64(0); first < b.Events; first += int64(len(block.ids)) {
		block.fill(first)
		for i := 0; i < len(block.ids); i += setAhead {
			before := threadCPU()
			if err := set.AddBatch(block.ids[i:i+setAhead], block.statuses[i:i+setAhead], block.refunds[i:i+setAhead]); err != nil {
				return err
			}
			longest = max(longest, threadCPU()-before)
		}
	}
	took := time.Since(begun)
	per := float64(set.Bytes()) / float64(set.Len())
	return b.print(benchLine{Bench: "memory", Case: "set grows from empty", Cores: 1, OrdersPerS: float64(set.Len()) / took.Seconds(),
		NsPerOrder: float64((ownCPU() - cpu).Nanoseconds()) / float64(set.Len()), BytesPer: per, MaxMs: float64(longest.Microseconds()) / 1000,
		RSSMB: map[string]float64{"set": float64(set.Bytes()) / 1e6},
		Note:  fmt.Sprintf("%d events, two an order; longest pause: CPU of %d events, growth in it; ns hold the making of the ids and the clock too", set.Len(), setAhead)})
}

// threadCPU is the CPU time of this thread, so that other programs are no pause.
func threadCPU() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	_ = syscall.Getrusage(thread, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// eventBlock are columns of events as the store gives them.
type eventBlock struct {
	ids, refunds []string
	statuses     []uint8
}

func newEventBlock() *eventBlock {
	const rows = 1 << 16
	return &eventBlock{make([]string, rows), make([]string, rows), make([]uint8, rows)}
}

// fill makes the events from first on: created and paid of each order.
func (e *eventBlock) fill(first int64) {
	for i := 0; i < len(e.ids); i += 2 {
		id := fmt.Sprintf("26111100%012d", (first+int64(i))/2)
		e.ids[i], e.ids[i+1] = id, id
		e.statuses[i], e.statuses[i+1] = uint8(aggregate.Created), uint8(aggregate.Paid)
	}
}

// setRows are raw orders of four partitions, made by the engine: what the duplicate rule reads varies, the rest does not.
const setRows = `INSERT INTO %[1]s.orders (ledger, partition, offset, kafka_ms, verdict, status, order_id, merchant_id, buyer_id)
SELECT 1, %[2]d, number, 1790000000000 + number, 'counted', if(number %% 2 = 0, 'created', 'paid'), concat('26111100', leftPad(toString(%[2]d * 1000000000 + intDiv(number, 2)), 12, '0')), 'm1', 'b1'
FROM numbers(%[3]d, %[4]d)`

const (
	setPartitions = 4
	setAtOnce     = 5_000_000
)

// setRebuilt fills a store with Events raw rows in four partitions and rebuilds their sets from columns, all at once, as the
// start of an ingest does: most of the time to live.
func (b *bench) setRebuilt() error {
	dir, done, err := b.dir()
	if err != nil {
		return err
	}
	defer done()
	p, err := b.startPeer(dir)
	if err != nil {
		return err
	}
	defer p.store.kill()
	store, err := openStore(b.app.ctx, sql.Config{DSN: engine.DSN(p.addr, p.token, "")})
	if err != nil {
		return err
	}
	defer store.Close()
	rows := b.Events / setPartitions
	for partition := range setPartitions {
		for first := int64(0); first < rows; first += setAtOnce {
			if _, err := p.ask(fmt.Sprintf(setRows, store.Database(), partition, first, min(setAtOnce, rows-first)), "max_insert_threads=1"); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(b.app.err, "filled: %d raw orders, %s\n", rows*setPartitions, filepath.Base(dir))
	return b.rebuild(store, p, rows)
}

func (b *bench) rebuild(store *sql.Store, p *peer, rows int64) error {
	sets := make([]*aggregate.Fingerprints, setPartitions)
	var all errgroup.Group
	pid := engineOf(p.store.pid())
	begun, cpu, own := time.Now(), cpuSeconds(pid), ownCPU()
	for i := range sets {
		all.Go(func() error {
			n, err := store.OrderCount(b.app.ctx, 1, int32(i), 0, rows)
			if err != nil {
				return err
			}
			sets[i] = aggregate.NewFingerprints(0)
			sets[i].Reserve(n / 2)
			return store.OrderKeys(b.app.ctx, 1, int32(i), 0, rows, sets[i].AddBatch)
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	took, events, bytes := time.Since(begun), int64(0), int64(0)
	for _, s := range sets {
		events, bytes = events+s.Len(), bytes+s.Bytes()
	}
	if events != rows*setPartitions {
		return fmt.Errorf("the rebuilt sets have %d events, not %d", events, rows*setPartitions)
	}
	used := map[string]float64{"bench": (ownCPU() - own).Seconds(), "engine": cpuSeconds(pid) - cpu}
	return b.print(benchLine{Bench: "memory", Case: "sets rebuilt from columns", OrdersPerS: float64(events) / took.Seconds(), BytesPer: float64(bytes) / float64(events),
		NsPerOrder: (used["bench"] + used["engine"]) * 1e9 / float64(events), CPUSeconds: used, Seconds: map[string]float64{"rebuilt": took.Seconds()},
		RSSMB: map[string]float64{"bench": float64(bytes) / 1e6, "engine": residentMB(pid)},
		Note:  fmt.Sprintf("%d events of %d partitions at once; MB of bench are the sets alone", events, setPartitions)})
}
