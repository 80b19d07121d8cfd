package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/sql"
	"festival/sql/engine"
)

// setAhead is how many events are added between two looks at the clock: one look costs as much as they do.
const setAhead = 16

// benchParts are the parts of memory that --parts chooses from.
var benchParts = []string{"set", "store", "program"}

// memory measures what grows with the festival: the set of fingerprints, its rebuilding from the store, and the whole
// program at a rate.
func (b *bench) memory() error {
	pairs := func() error { return b.setGrows(2) }
	lone := func() error { return b.setGrows(1) }
	parts := map[string][]func() error{"set": {pairs, lone}, "store": {b.setRebuilt}, "program": {b.wholeProgram}}
	for _, name := range benchParts {
		if !slices.Contains(b.Parts, name) {
			continue
		}
		for _, step := range parts[name] {
			if err := step(); err != nil {
				return err
			}
			runtime.GC() // the next part is not to pay for this one's garbage
		}
	}
	return nil
}

// setGrows adds Events events one by one, so many of each order, to a set that begins empty, on one core.
func (b *bench) setGrows(each int64) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	g := setGrowth{set: aggregate.NewFingerprints(0), said: time.Now()}
	block, begun := newEventBlock(), time.Now()
	for first := int64(0); first < b.Events; first += int64(len(block.ids)) {
		block.fill(first, each)
		if err := g.add(block); err != nil {
			return err
		}
		g.tell(b, each)
		if err := b.app.ctx.Err(); err != nil {
			return err
		}
	}
	n := float64(g.set.Len())
	return b.print(benchLine{Bench: "memory", Case: fmt.Sprintf("set grows, %d an order", each), Cores: 1, OrdersPerS: n / time.Since(begun).Seconds(),
		NsPerOrder: float64(g.used.Nanoseconds()) / n, BytesPer: float64(g.set.Bytes()) / n, MaxMs: float64(g.longest.Nanoseconds()) / 1e6,
		RSSMB: map[string]float64{"set": float64(g.set.Bytes()) / 1e6},
		Note: fmt.Sprintf("%d events, at worst %.2f bytes an event and %.2f an entry above a million events; longest pause: CPU of %d events, growth in it; "+
			"ns are CPU with the hash and a look at the clock every %d events", g.set.Len(), g.worst, g.worst*float64(each), setAhead, setAhead)})
}

// setGrowth is a set that grows and what was seen meanwhile.
type setGrowth struct {
	set           *aggregate.Fingerprints
	used, longest time.Duration // CPU of this thread in the set, and the most of it between two looks
	worst         float64       // bytes an event above a million
	said          time.Time
}

// add adds a block of events. Bytes are asked for after every 4,096 of them.
func (g *setGrowth) add(block *eventBlock) error {
	before := threadCPU()
	for i := 0; i < len(block.ids); i += setAhead {
		if err := g.set.AddBatch(block.ids[i:i+setAhead], block.statuses[i:i+setAhead], block.refunds[i:i+setAhead]); err != nil {
			return err
		}
		now := threadCPU()
		g.used, g.longest, before = g.used+now-before, max(g.longest, now-before), now
		if i%4096 == 0 && g.set.Len() >= 1_000_000 {
			g.worst = max(g.worst, float64(g.set.Bytes())/float64(g.set.Len()))
		}
	}
	return nil
}

// tell says every five seconds how far it is.
func (g *setGrowth) tell(b *bench, each int64) {
	if time.Since(g.said) < 5*time.Second {
		return
	}
	g.said = time.Now()
	fmt.Fprintf(b.app.err, "set, %d an order: %d of %d events, %.2f bytes an event\n", each, g.set.Len(), b.Events, float64(g.set.Bytes())/float64(g.set.Len()))
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

// fill makes the events from first on: created of each order, and paid where two of an order are asked for.
func (e *eventBlock) fill(first, each int64) {
	for i := int64(0); i < int64(len(e.ids)); i += each {
		id := paddedID("26111100", (first+i)/each)
		for k := range each {
			e.ids[i+k], e.statuses[i+k] = id, uint8(aggregate.Created)+uint8(k)
		}
	}
}

// paddedID is an id with its number in twelve digits: a fmt of it would cost more than the set.
func paddedID(head string, n int64) string {
	digits := strconv.AppendInt(nil, 1_000_000_000_000+n, 10)
	return head + string(digits[1:])
}

// setRows are raw orders of four partitions, made by the engine: what the duplicate rule reads varies, the rest does not.
const setRows = `INSERT INTO %[1]s.orders (ledger, partition, offset, kafka_ms, verdict, status, order_id, merchant_id, buyer_id)
SELECT 1, %[2]d, number, 1790000000000 + number, 'counted', if(number %% 2 = 0, 'created', 'paid'), concat('26111100', leftPad(toString(%[2]d * 1000000000 + intDiv(number, 2)), 12, '0')), 'm1', 'b1'
FROM numbers(%[3]d, %[4]d)`

const (
	setPartitions = 4
	setAtOnce     = 5_000_000
	setRefill     = 1 << 20 // as ingest does with as many partitions
	// setSmall keeps the engine's blocks, and with them the memory of an insert, far below its bound of 1 GiB.
	setSmall = "max_insert_threads=1&min_insert_block_size_rows=100000&min_insert_block_size_bytes=0&max_block_size=100000"
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
			if _, err := p.ask(fmt.Sprintf(setRows, store.Database(), partition, first, min(setAtOnce, rows-first)), setSmall); err != nil {
				return err
			}
			fmt.Fprintf(b.app.err, "store: partition %d of %d, %d of %d rows\n", partition+1, setPartitions, min(first+setAtOnce, rows), rows)
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
			refill := aggregate.NewRefill(sets[i], setRefill)
			if err := store.OrderKeys(b.app.ctx, 1, int32(i), 0, rows, refill.Add); err != nil {
				return err
			}
			return refill.Flush()
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
