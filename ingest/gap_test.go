package ingest_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"

	"festival/aggregate"
	"festival/ingest"
	"festival/ingest/decode"
	"festival/ingest/kafka"
	"festival/ingest/verify"
	"festival/sql"
)

// TestGap: retention takes offsets that nobody has counted. The partition stops until an operator signs the gap off, goes on by
// itself, and what a process that slept through all of it stores afterwards changes no figure.
func TestGap(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(partitions * 300)
	w.counted()
	r.stop()
	w.produce(partitions * 200)
	asleep := w.sleeper(1)
	w.lose(1, 350)
	r = w.start()
	w.stops(r, 1, "festival ledger accept-gap --partition 1 --from 300 --to 350")
	w.await("the others to go on", func() bool { return r.has()[0] == 500 && r.has()[2] == 500 })
	require.EqualValues(t, 300, w.stored(1))
	w.await("the metric", func() bool { return r.metric("stopped") == 1 })

	desk, done := w.desk()
	defer done()
	_, err := desk.Recount(context.Background(), 1, "Ann", "a recount leads nowhere")
	require.ErrorIs(t, err, ingest.ErrRefused)
	require.ErrorContains(t, err, "festival ledger accept-gap --partition 1 --from 300 --to 350 --config FILE --by NAME --reason WHY")
	w.refused(1, 300, 349)
	w.refused(1, 299, 350)
	w.refused(0, 300, 350)
	w.refused(7, 300, 350)
	w.sign(1, 300, 350)
	w.await("it to go on", func() bool { return len(r.reasons()) == 0 && w.stored(1) == 500 })
	w.counted()
	w.requireEqual()
	w.await("the gap in the metric", func() bool { return r.metric("accepted_gap_offsets") == 50 })
	w.refused(1, 300, 350) // nothing is lost any more

	asleep()
	w.requireEqual()
	w.requireEqual(func(c *verify.Config) { c.From, c.Kafka = verify.FromOrders, nil })
	require.Zero(t, w.number("SELECT count() FROM orders_at(ledger = "+fmt.Sprint(w.ledger.Prefix)+", partitions = [1], positions = [1000000]) WHERE offset >= 300 AND offset < 350"))
	require.Positive(t, w.number("SELECT count() FROM orders WHERE partition = 1 AND offset >= 300 AND offset < 350"), "what the sleeper stored")

	// A takeover within the same segment: the log before the gap is gone, raw rows stand for it.
	r.stop()
	w.produce(partitions * 400)
	w.start()
	w.counted()
	asleep()
	w.requireEqual()
}

// TestGapWhileRunning: retention overtakes a running process that waits for its store.
func TestGapWhileRunning(t *testing.T) {
	w := newWorldAlone(t)
	w.fetch = 4096 // so that a process has not fetched what it cannot count yet
	r := w.start(func(c *ingest.Config) { c.BufferedRows = 1500 })
	w.produce(partitions * 100)
	w.counted()
	again := w.stopEngine()
	for range 40 {
		w.produce(partitions * 100)
	}
	w.await("full buffers", func() bool { return len(r.reasons()) == partitions })
	w.lose(2, 3900)
	again()
	w.await("the stop", func() bool { return len(r.reasons()) == 1 })
	w.await("the others", func() bool { return r.has()[0] == 4100 && r.has()[1] == 4100 })
	w.await("the sentence", func() bool {
		return r.reasons()[2] != "" && strings.Contains(r.reasons()[2], fmt.Sprintf("--from %d --to 3900", w.stored(2)))
	})
	w.sign(2, w.stored(2), 3900)
	w.counted()
	w.requireEqual()
}

// TestRecount: the log begins behind the start of the open segment, but not behind what was counted. Raw rows stand for the
// rest once an operator says so: no gap at all.
func TestRecount(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(partitions * 700) // the open segment begins at 512
	w.counted()
	r.stop()
	w.produce(partitions * 100)
	w.lose(0, 650)
	r = w.start()
	w.stops(r, 0, "festival ledger recount --partition 0")
	ctx := context.Background()
	desk, done := w.desk()
	defer done()
	_, err := desk.Recount(ctx, 1, "Ann", "nothing is lost there")
	require.ErrorIs(t, err, ingest.ErrRefused)
	_, err = desk.Gap(ctx, 0, 700, 650, "Ann", "there is no gap")
	require.ErrorIs(t, err, ingest.ErrRefused)
	require.ErrorContains(t, err, "festival ledger recount --partition 0 --config FILE --by NAME --reason WHY")
	record, err := desk.Recount(ctx, 0, "Ann", "retention was too short")
	require.NoError(t, err)
	require.Equal(t, []int64{512, 700}, []int64{record.First, record.End})
	require.NoError(t, desk.Sign(ctx, record))
	w.counted()
	w.requireEqual()
	require.Zero(t, r.metric("accepted_gap_offsets"))
	r.stop()
	w.produce(partitions * 600) // past the segment
	w.start()
	w.counted()
	w.requireEqual()
}

// TestAlteredRawRows: raw rows that do not count as they say of themselves are not taken for the log.
func TestAlteredRawRows(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(partitions * 300)
	w.counted()
	r.stop()
	w.lose(0, 200)
	require.NoError(t, w.conn.Exec(context.Background(), "ALTER TABLE orders UPDATE order_id = 'changed' WHERE partition = 0 AND offset IN (100, 101) SETTINGS mutations_sync = 2"))
	r = w.start()
	w.stops(r, 0, "festival ledger recount")
	desk, done := w.desk()
	defer done()
	record, err := desk.Recount(context.Background(), 0, "Ann", "retention was too short")
	require.NoError(t, err)
	require.NoError(t, desk.Sign(context.Background(), record))
	w.await("the refusal", func() bool { return strings.Contains(r.reasons()[0], "not what was counted") })
}

// TestGaps: random losses, restarts and sleepers; the store says what the topic holds without the accepted gaps.
func TestGaps(t *testing.T) {
	w := newWorld(t)
	var sleepers []func()
	signed := 0
	for range 6 {
		r := w.start()
		w.produce(partitions * (100 + w.random.IntN(500)))
		w.counted()
		r.stop()
		before := w.ends()
		w.produce(partitions * (10 + w.random.IntN(700)))
		p := int32(w.random.IntN(partitions))
		sleepers = append(sleepers, w.sleeper(p))
		end := w.ends()[p]
		to := before[p] - 100 + w.random.Int64N(end-before[p]+101) // perhaps a gap, perhaps a recount, perhaps neither
		w.lose(p, to)
		r = w.start()
		w.settle(r, p, &signed)
		w.counted()
		if w.random.IntN(2) == 0 {
			r.stop()
		}
		for _, wake := range sleepers {
			if w.random.IntN(2) == 0 {
				wake()
			}
		}
		w.requireEqual()
		r.stop()
	}
	t.Logf("%d sign-offs", signed)
	w.requireEqual(func(c *verify.Config) { c.From, c.Kafka = verify.FromOrders, nil })
}

// settle signs off whatever the partition asks for.
func (w *world) settle(r *run, p int32, signed *int) {
	w.t.Helper()
	desk, done := w.desk()
	defer done()
	ctx := context.Background()
	w.await("the partition to go on", func() bool {
		var from, to int64
		var record sql.Signoff
		var err error
		reason := r.reasons()[p]
		switch {
		case reason == "":
			return r.goesOn()
		case strings.Contains(reason, "festival ledger recount"):
			record, err = desk.Recount(ctx, p, "Ann", "random")
		default:
			_, after, _ := strings.Cut(reason, "accept-gap ")
			_, err = fmt.Sscanf(after, "--partition %d --from %d --to %d", new(int32), &from, &to)
			if err != nil {
				return false
			}
			record, err = desk.Gap(ctx, p, from, to, "Ann", "random")
		}
		if err != nil {
			return false // it went on meanwhile
		}
		*signed++
		return desk.Sign(ctx, record) == nil && false
	})
}

// lose deletes a partition's records before an offset.
func (w *world) lose(partition int32, before int64) {
	w.t.Helper()
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, partition, before, -1)
	_, err := kadm.NewClient(w.producer).DeleteRecords(context.Background(), offsets)
	require.NoError(w.t, err)
}

// stored is a partition's stored progress.
func (w *world) stored(partition int32) int64 {
	rows, err := w.store.Progress(context.Background(), w.ledger.Prefix)
	if err != nil {
		return -1
	}
	for _, r := range rows {
		if r.Partition == partition {
			return r.Revision
		}
	}
	return -1
}

func (w *world) client() *kafka.Client {
	w.t.Helper()
	c := kafka.DefaultConfig()
	c.Brokers, c.Topic, c.MetadataTTL = w.brokers, topic, metadataTTL
	client, err := kafka.New(c)
	require.NoError(w.t, err)
	return client
}

func (w *world) asLedger() ingest.Ledger {
	id, err := hex.DecodeString(w.ledger.ID)
	require.NoError(w.t, err)
	return ingest.Ledger{ID: [32]byte(id), Prefix: w.ledger.Prefix, LogStart: w.ledger.LogStart,
		Identity: kafka.Identity{ClusterID: w.cluster, Topic: topic, Partitions: partitions}}
}

func (w *world) desk() (*ingest.Desk, func()) {
	client := w.client()
	return &ingest.Desk{Kafka: client, Store: w.store, Ledger: w.asLedger(), Stride: stride, Clock: time.Now,
		Settle: 50 * time.Millisecond}, client.Close
}

func (w *world) sign(partition int32, from, to int64) {
	w.t.Helper()
	desk, done := w.desk()
	defer done()
	ctx := context.Background()
	record, err := desk.Gap(ctx, partition, from, to, "Ann", "retention was too short")
	require.NoError(w.t, err)
	require.Len(w.t, record.Hash, 64)
	require.Contains(w.t, record.World, "offset lost to retention")
	id, err := desk.Kafka.TopicID(ctx, 0)
	require.NoError(w.t, err)
	require.Contains(w.t, record.World, "; topic id "+id)
	require.NoError(w.t, desk.Sign(ctx, record))
	all, err := w.store.Signoffs(ctx, w.ledger.Prefix)
	require.NoError(w.t, err)
	require.Contains(w.t, all, record)
}

func (w *world) refused(partition int32, from, to int64) {
	w.t.Helper()
	desk, done := w.desk()
	defer done()
	_, err := desk.Gap(context.Background(), partition, from, to, "Ann", "wrong")
	require.ErrorIs(w.t, err, ingest.ErrRefused)
	w.t.Log(err)
}

// sleeper is a process that has counted a partition's open segment to the end of the log as it is now, and stores nothing until
// it wakes: raw rows, cells, progress and seals, under the era that it knew.
func (w *world) sleeper(partition int32) (wake func()) {
	w.t.Helper()
	ctx := context.Background()
	seals, err := w.store.LastSeals(ctx, w.ledger.Prefix, []int32{partition})
	require.NoError(w.t, err)
	signoffs, err := w.store.Signoffs(ctx, w.ledger.Prefix)
	require.NoError(w.t, err)
	client := w.client()
	defer client.Close()
	ends, err := client.Offsets(ctx, []int32{partition})
	require.NoError(w.t, err)
	config := aggregate.CoreConfig{Rules: w.rules, Ledger: w.asLedger().ID, Partition: partition}
	if s, ok := seals[partition]; ok {
		config.Start, config.PrevSeal, config.LastMs, config.MaxEventMs = s.End, s.Hash, s.LastMs, s.MaxEventMs
	}
	if ends[0].LogStart > config.Start {
		return func() {} // it would have had to recount
	}
	config.Set = aggregate.NewFingerprints(0)
	require.NoError(w.t, w.store.OrderKeys(ctx, w.ledger.Prefix, partition, 0, config.Start, config.Set.AddBatch))
	core, decoder, reader := aggregate.NewCore(config), decode.New(w.rules), client.Reader(partition)
	defer reader.Close()
	at := config.Start
	for at < ends[0].StableEnd {
		_, err := reader.Fetch(ctx, at)
		require.NoError(w.t, err)
		for reader.Next() {
			rec := reader.Record()
			var o aggregate.Order
			if reason := decoder.Decode(rec.Value, rec.KafkaMs, &o); reason != aggregate.Accepted {
				require.NoError(w.t, core.Reject(reason, rec.Offset, rec.KafkaMs, rec.Rehearsal))
				continue
			}
			_, _, err := core.Count(&o, rec.Offset, rec.KafkaMs, true, false)
			require.NoError(w.t, err)
		}
		require.NoError(w.t, reader.Err())
		at = reader.Position()
	}
	var update aggregate.Update
	sealed := core.Drain(at, aggregate.Tail(reader.Tail()), &update, nil)
	return func() { w.wake(partition, update, sealed, signoffs) }
}

// wake stores what a sleeper has counted. Its raw rows are those that are there already, but for the gaps.
func (w *world) wake(partition int32, u aggregate.Update, sealed []aggregate.Seal, knew []sql.Signoff) {
	w.t.Helper()
	ctx := context.Background()
	era := func(segment int64) (n uint8) {
		for _, s := range knew {
			if s.Kind == sql.SignoffGap && s.Partition == partition && s.Segment <= segment {
				n++
			}
		}
		return n
	}
	now, err := w.store.Signoffs(ctx, w.ledger.Prefix)
	require.NoError(w.t, err)
	for _, s := range now {
		if s.Kind == sql.SignoffGap && s.Partition == partition {
			require.NoError(w.t, w.store.InsertOrders(ctx, w.ledger.Prefix, gapOrders(s)))
		}
	}
	rows := cellRows(u)
	for i := range rows {
		rows[i].Era = era(rows[i].Segment)
		if rows[i].Dim == uint8(aggregate.DimProgress) {
			rows[i].Era = era(1 << 62)
		}
	}
	require.NoError(w.t, w.store.InsertCells(ctx, w.ledger.Prefix, rows))
	for _, s := range sealed {
		require.NoError(w.t, w.store.InsertSeals(ctx, w.ledger.Prefix, []sql.SealRow{{Partition: s.Partition, Segment: s.Segment, First: s.First,
			End: s.End, Cells: s.Cells, LastMs: s.LastMs, MaxEventMs: s.MaxEventMs, Prev: s.Prev, Hash: s.Hash, Era: era(s.Segment)}}))
	}
}

// gapOrders are raw rows of up to 500 offsets of a gap.
func gapOrders(s sql.Signoff) *sql.Orders {
	var o sql.Orders
	for at := s.First; at < min(s.End, s.First+500); at++ {
		o.Concat(&sql.Orders{OrderNumbers: sql.OrderNumbers{Partition: []int32{s.Partition}, Offset: []int64{at}, KafkaMs: []int64{openMs}, Verdict: []uint8{4}, KeyOK: []uint8{1},
			Rehearsal: []uint8{0}, Status: []uint8{2}, CreatedMs: []int64{0}, PaidMs: []int64{openMs}, RefundedMs: []int64{0}, Currency: []uint8{0},
			AmountMinor: []int64{100}, AmountFen: []int64{100}, EnvelopeMinor: []int64{-1}, Quantity: []int32{0}, BuyerSince: []int32{0},
			NewProduct: []uint8{0}, BuyerCountry: []uint8{0}, MerchantCountry: []uint8{0}, Province: []uint8{0}, Device: []uint8{0},
			Channel: []uint8{0}, Marketplace: []uint8{0}, Category: []uint8{0}}, OrderID: []string{fmt.Sprintf("lost%d", at)},
			MerchantID: []string{"m"}, RefundID: []string{""}, BuyerID: []string{""}, BrandID: []string{""}, ProductID: []string{""},
			StoreID: []string{""}, TeamID: []string{""}, ShowID: []string{""}, Broadcast: []string{""}, City: []string{""}})
	}
	return &o
}
