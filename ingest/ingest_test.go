package ingest_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate"
	"festival/ingest"
	"festival/ingest/verify"
	"festival/sql"
)

// TestRestarts stops and starts ingest at any point, sometimes with the store gone at that moment: in the end the store
// says what the log says.
func TestRestarts(t *testing.T) {
	w := newWorldAlone(t)
	for range 6 {
		r := w.start()
		w.produce(300 + w.random.IntN(1500))
		time.Sleep(time.Duration(w.random.IntN(300)) * time.Millisecond) // any moment: what follows must hold at each
		again := func() {}
		if w.random.IntN(2) == 0 {
			again = w.stopEngine()
		}
		r.stop()
		again()
	}
	w.start()
	w.counted()
	w.requireEqual()
	w.requireEqual(func(c *verify.Config) { c.From, c.Kafka = verify.FromOrders, nil })
}

// TestTooLarge: a record of 65,536 bytes is an order, one of 65,537 is kept as a reject with its first 64 KiB.
func TestTooLarge(t *testing.T) {
	w := newWorld(t)
	rec := w.record(0)
	for !isGood(rec.Value) {
		rec = w.record(0)
	}
	for _, length := range []int{65_536, 65_537} {
		value := padded(rec.Value, length)
		again := *rec
		again.Value = value
		require.NoError(t, w.producer.ProduceSync(context.Background(), &again).FirstErr())
	}
	w.start()
	w.counted()
	w.requireEqual()
	require.EqualValues(t, 1, w.number("SELECT count() FROM orders"))
	require.EqualValues(t, 65_537, w.number("SELECT toUInt64(length) FROM rejects WHERE reason = 'too_large'"))
	require.EqualValues(t, 65_536, w.number("SELECT length(value) FROM rejects"))
}

// TestStoreDown: without the store fetching pauses within the bound, nothing is skipped, and it goes on by itself.
func TestStoreDown(t *testing.T) {
	const bound = 3000
	w := newWorldAlone(t)
	r := w.start(func(c *ingest.Config) { c.BufferedRows = bound })
	w.produce(600)
	w.counted()
	again := w.stopEngine()
	w.produce(20_000)
	w.await("the store's absence in the pulse", func() bool { return len(r.reasons()) == partitions })
	held := -1.0
	w.await("fetching to pause", func() bool {
		before := held
		held = r.metric("records_total")
		time.Sleep(100 * time.Millisecond) // two readings apart that are equal
		return held == before
	})
	require.LessOrEqual(t, held, 600.0+2*bound, "no more than one batch that waits and one that is being stored")
	require.Greater(t, held, 600.0)
	w.allSay(r, "store")
	w.await("the metric", func() bool { return r.metric("stopped") == partitions })
	again()
	w.counted()
	w.requireEqual()
	w.await("clean pulse", func() bool { return len(r.reasons()) == 0 })
	w.await("the metric to rest", func() bool { return r.metric("stopped") == 0 })
	require.Positive(t, r.metric("store_retries_total"))
	// The gauge is as old as the last pulse, which may have come before the last flush.
	w.await("an empty buffer in a pulse", func() bool { return r.metric("buffered_rows") == 0 })
}

// TestBoundOfSmallFetches: the bound holds too where every fetch is used up before it, as under a steady flow of orders.
func TestBoundOfSmallFetches(t *testing.T) {
	const bound = 3000
	w := newWorldAlone(t)
	w.fetch = 1024
	r := w.start(func(c *ingest.Config) { c.BufferedRows = bound })
	w.produce(300)
	w.counted()
	again := w.stopEngine()
	for range 80 {
		w.produce(150)
	}
	held := r.metric("records_total")
	w.await("fetching to pause", func() bool {
		before := held
		held = r.metric("records_total")
		time.Sleep(300 * time.Millisecond) // two readings apart that are equal
		return held == before && held > 300
	})
	require.LessOrEqual(t, held, 300.0+2*bound)
	again()
	w.counted()
	w.requireEqual()
}

// TestBoundOfRejects: a flood of large bad records pauses fetching by their bytes, long before their number would.
func TestBoundOfRejects(t *testing.T) {
	const atOnce = 64<<20/65_536 + partitions*32 // records whose first 64 KiB fill the bound, and what a partition may pass it by
	w := newWorldAlone(t)
	r := w.start()
	w.produce(300)
	w.counted()
	again := w.stopEngine()
	garbage := bytes.Repeat([]byte("x"), 65_536)
	for range 30 {
		batch := make([]*kgo.Record, 100)
		for i := range batch {
			batch[i] = &kgo.Record{Topic: topic, Partition: int32(i % partitions), Value: garbage, Timestamp: time.UnixMilli(openMs)}
		}
		require.NoError(t, w.producer.ProduceSync(context.Background(), batch...).FirstErr())
	}
	w.await("the bound in a pulse", func() bool { return r.metric("buffered_reject_bytes") >= r.metric("buffered_reject_bytes_bound") })
	require.LessOrEqual(t, r.metric("buffered_reject_bytes"), float64(atOnce*65_536))
	require.LessOrEqual(t, r.metric("records_total"), 300.0+2*atOnce, "no more than one batch that waits and one that is being stored")
	again()
	w.counted()
	w.requireEqual()
}

// TestTwoInOneGroup: two processes share the partitions, one leaves, the other takes over; an old flush of the one that
// left changes nothing.
func TestTwoInOneGroup(t *testing.T) {
	w := newWorld(t)
	shared := func(c *ingest.Config) { c.Alone = false }
	one, two := w.start(shared), w.start(shared)
	stop := w.keepProducing()
	both := func() bool { return len(one.has()) > 0 && len(two.has()) > 0 }
	w.await("both at work", both)
	one.stop()
	left := one.updates
	stop()
	w.counted()
	zombie(t, w, left)
	w.requireEqual()
	w.produce(3000)
	three := w.start(shared)
	w.await("the third to take its share", func() bool { w.produce(300); return len(three.has()) > 0 })
	w.await("the second to keep the rest", func() bool { return two.metric("kept_total") > 0 })
	w.counted()
	zombie(t, w, left)
	w.requireEqual()
}

// TestRebalanceWhileStoreIsDown: a flush that hangs in the store is neither waited for by the group nor lost with its core: what comes
// back to a process goes on where it was once the store has it.
func TestRebalanceWhileStoreIsDown(t *testing.T) {
	w := newWorldAlone(t)
	shared := func(c *ingest.Config) { c.Alone = false }
	one, two := w.start(shared), w.start(shared)
	w.await("both at work", func() bool { w.produce(300); return len(one.has()) > 0 && len(two.has()) > 0 })
	w.counted()
	before := one.metric("kept_total") + two.metric("kept_total")
	again := w.stopEngine()
	w.await("flushes that hang", func() bool { w.produce(300); return len(one.reasons()) > 0 && len(two.reasons()) > 0 })
	three := w.start(shared)
	w.await("the third to have its share", func() bool { return len(three.reasons()) > 0 })
	again()
	w.counted()
	w.await("kept cores to go on", func() bool { return one.metric("kept_total")+two.metric("kept_total") > before })
	w.produce(3000)
	w.counted()
	w.requireEqual()
}

// has are the partitions that a run has stored something of.
func (r *run) has() map[int32]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[int32]int64{}
	for p, n := range r.next {
		all[p] = n
	}
	return all
}

// keepProducing writes until stopped.
func (w *world) keepProducing() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			w.produce(200)
			time.Sleep(20 * time.Millisecond) // a pace, not a wait
		}
	})
	return func() { cancel(); wg.Wait() }
}

// zombie writes old flushes again, as a paused process would that wakes after its partitions moved.
func zombie(t *testing.T, w *world, updates []aggregate.Update) {
	t.Helper()
	for _, u := range updates {
		require.NoError(t, w.store.InsertCells(context.Background(), w.ledger.Prefix, cellRows(u)))
	}
}

func cellRows(u aggregate.Update) (rows []sql.CellRow) {
	for _, c := range u.Cells {
		rows = append(rows, sql.CellRow{Window: c.Window, Dim: uint8(c.Dim), Partition: c.Partition, Segment: c.Segment, Bucket: c.Bucket,
			Revision: c.Revision, Key: c.Key, M: [7]int64{c.M.Orders, c.M.GmvFen, c.M.MobileOrders, c.M.MobileGmvFen, c.M.Created, c.M.Refunds, c.M.RefundFen}})
	}
	for _, p := range u.Progress {
		rows = append(rows, sql.CellRow{Window: aggregate.NoWindow, Dim: uint8(aggregate.DimProgress), Partition: p.Partition, Revision: p.Next,
			M: [7]int64{p.Tail.BaseOffset, int64(p.Tail.CRC), int64(p.Tail.LeaderEpoch), p.LastMs, p.MaxEventMs}})
	}
	return rows
}

// TestOffsetLost: where retention was faster than ingest, that partition stops and says so; the others go on.
func TestOffsetLost(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(900)
	w.counted()
	r.stop()
	w.produce(900)
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, 1, 500, -1)
	_, err := kadm.NewClient(w.producer).DeleteRecords(context.Background(), offsets)
	require.NoError(t, err)
	r = w.start()
	w.stops(r, 1, "offset lost to retention", "500")
	ends := w.ends()
	w.await("the others to go on", func() bool { return r.has()[0] == ends[0] && r.has()[2] == ends[2] })
	w.await("the metric", func() bool { return r.metric("stopped") == 1 })
	require.Zero(t, r.has()[1], "nothing more of the stopped partition is stored")
	for _, p := range []int32{0, 2} {
		w.requireEqual(func(c *verify.Config) { c.Partitions = []int32{p} })
	}
}

// TestTopicRecreated: a topic of the same name with other records is another log: everything stops, after a restart
// and in the middle of the work.
func TestTopicRecreated(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(900)
	w.counted()
	adm := kadm.NewClient(w.producer)
	_, err := adm.DeleteTopic(context.Background(), topic)
	require.NoError(t, err)
	_, err = adm.CreateTopic(context.Background(), partitions, 1, nil, topic)
	require.NoError(t, err)
	w.await("all to stop", func() bool { return len(r.reasons()) == partitions })
	t.Log(r.reasons())
	before := w.number("SELECT count() FROM orders FINAL")
	r.stop()
	w.producer.PurgeTopicsFromClient(topic)
	w.produce(3000) // longer than the old log
	r = w.start()
	w.allSay(r, "log replaced")
	require.Equal(t, before, w.number("SELECT count() FROM orders FINAL"), "nothing of the other log was counted")
}

// TestOnePartAFlush: a flush of all partitions is one part of table cells, so that a reader sees all of it or none.
func TestOnePartAFlush(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.conn.Exec(context.Background(), "SYSTEM STOP MERGES cells"))
	r := w.start()
	for range 5 {
		w.produce(700)
		w.counted()
	}
	r.stop()
	require.Greater(t, r.flushes(), 4)
	require.EqualValues(t, r.flushes(), w.number("SELECT count() FROM system.parts WHERE database = currentDatabase() AND table = 'cells' AND active"))
	require.NoError(t, w.conn.Exec(context.Background(), "SYSTEM START MERGES cells"))
	w.requireEqual()
}

// TestBoundOfFingerprints: at the bound a partition stops with a sentence that says what to raise; with a higher bound
// it goes on where it stopped.
func TestBoundOfFingerprints(t *testing.T) {
	w := newWorld(t)
	r := w.start(func(c *ingest.Config) { c.Events = 600 })
	w.produce(3000)
	w.allSay(r, "raise the limit")
	for _, next := range r.has() {
		require.Less(t, next, int64(1000))
	}
	require.LessOrEqual(t, r.metric("fingerprints"), 600.0)
	w.await("what was counted to be stored", func() bool { return r.metric("buffered_rows") == 0 })
	w.requireEqual()
	r.stop()
	w.start()
	w.counted()
	w.requireEqual()
}

// TestRestartAtBoundary: a restart exactly where a segment ends keeps the tail by which a replaced log is known.
func TestRestartAtBoundary(t *testing.T) {
	w := newWorld(t)
	w.produce(partitions * stride)
	for range 2 {
		r := w.start()
		w.counted()
		w.await("recovery", r.goesOn)
		r.stop()
		rows, err := w.store.Progress(context.Background(), w.ledger.Prefix)
		require.NoError(t, err)
		require.Len(t, rows, partitions)
		for _, row := range rows {
			require.EqualValues(t, stride, row.Revision)
			require.GreaterOrEqual(t, row.M[0], int64(0), "base offset of the last batch counted")
		}
	}
	w.requireEqual()
}
