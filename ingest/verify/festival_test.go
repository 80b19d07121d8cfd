package verify_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate"
	"festival/ingest/decode"
	"festival/ingest/kafka"
	"festival/ingest/verify"
	"festival/sql"
)

const (
	topic      = "orders"
	cluster    = "verify-test"
	partitions = 2
	stride     = 128
	openMs     = 1794326400000 // 2026-11-11T00:00:00+08:00

	// patience bounds every wait for something that has to happen; nothing waits that long on a quiet machine.
	patience = 3 * time.Minute
)

// views are the windows of a frame; "" is the whole festival.
var views = []string{"eve", "day", ""}

// festival is a small one in full: a log in kfake, counted by the fast path, stored in the real engine.
type festival struct {
	broker   *kfake.Cluster
	brokers  []string
	producer *kgo.Client
	rules    *aggregate.Rules
	ledger   sql.Ledger
	store    *sql.Store
	conn     driver.Conn // for tampering
	board    *aggregate.Board
	cores    map[int32]*aggregate.Core // of count
	next     map[int32]int64
	updates  []aggregate.Update
	closed   *aggregate.Board // as of the close, nil while open
	closeMs  int64
	gap      [2]int64 // accepted, of partition 0
	frames   []*aggregate.Frame
	random   *rand.Rand
	unstored map[string][]sql.FrameRow // frames, by window
	made     int                       // records
	rested   int64                     // seconds without a frame
	huge     int                       // bytes of a value that is too large
}

func newFestival(t testing.TB, stride int64) *festival {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	f := &festival{huge: 70_000, unstored: map[string][]sql.FrameRow{}, random: rand.New(rand.NewPCG(seed, 0)), cores: map[int32]*aggregate.Core{}, next: map[int32]int64{}}
	var err error
	f.rules, err = aggregate.NewRules(aggregate.RulesSpec{Festival: "verify", Stride: stride,
		Windows: []aggregate.Window{{ID: "eve", StartMs: openMs - 3600_000, EndMs: openMs - 60_000},
			{ID: "day", StartMs: openMs, EndMs: openMs + 86_400_000}},
		Rates:        map[string]string{"CNY": "1", "USD": "7.1142", "JPY": "0.0478"},
		Marketplaces: []string{"tmall", "aliexpress"}, Categories: []string{"beauty", "food"}})
	require.NoError(t, err)
	f.openKafka(t)
	f.openStore(t)
	f.board = f.newBoard(t)
	return f
}

func (f *festival) newBoard(t testing.TB) *aggregate.Board {
	id, err := hex.DecodeString(f.ledger.ID)
	require.NoError(t, err)
	return aggregate.NewBoard(aggregate.BoardConfig{Rules: f.rules, Ledger: [32]byte(id), Partitions: partitions,
		LatenessMs: 2000, Zone: time.FixedZone("CST", 8*3600)})
}

func (f *festival) openKafka(t testing.TB) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, topic), kfake.ClusterID(cluster))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	f.broker, f.brokers = c, c.ListenAddrs()
	f.producer, err = kgo.NewClient(kgo.SeedBrokers(f.brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.TransactionalID("t"))
	require.NoError(t, err)
	t.Cleanup(f.producer.Close)
}

func (f *festival) openStore(t testing.TB) {
	ctx := context.Background()
	dsn := shared.DSN(t)
	var err error
	f.store, err = sql.Open(ctx, sql.Config{DSN: dsn})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.store.Close()) })
	_, err = f.store.Migrate(ctx)
	require.NoError(t, err)
	opt, err := clickhouse.ParseDSN(dsn)
	require.NoError(t, err)
	f.conn, err = clickhouse.Open(opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.conn.Close()) })

	document := f.rules.Document(cluster, topic, partitions, 1)
	id := aggregate.LedgerID(document)
	f.ledger = sql.Ledger{ID: hex.EncodeToString(id[:]), Document: string(document), LogStart: make([]int64, partitions),
		Serial: 1, Festival: "verify", Codes: codes(f.rules)}
	f.ledger.Prefix, err = sql.LedgerPrefix(f.ledger.ID)
	require.NoError(t, err)
	require.NoError(t, f.store.CreateLedger(ctx, f.ledger))
}

func codes(r *aggregate.Rules) map[string][]string {
	currencies := []string{}
	for _, rate := range r.Rates {
		currencies = append(currencies, rate.Currency)
	}
	return map[string][]string{"currency": currencies, "country": aggregate.Countries.Names(),
		"province": aggregate.Provinces.Names(), "device": aggregate.Devices.Names(), "channel": aggregate.Channels.Names(),
		"marketplace": r.Marketplaces.Names(), "category": r.Categories.Names()}
}

// pick gives one of the words.
func (f *festival) pick(words ...string) string { return words[f.random.IntN(len(words))] }

// record makes one record: mostly good orders of all kinds, some duplicates, late, outside, miskeyed and bad ones.
func (f *festival) record(partition int32) *kgo.Record {
	f.made++
	n := f.made
	if f.random.IntN(20) == 0 {
		n = 1 + f.random.IntN(f.made) // perhaps a duplicate, perhaps in the other partition
	}
	id := fmt.Sprintf("o%d", n)
	status, field := "paid", "paid_at"
	switch n % 7 {
	case 0:
		status, field = "created", "created_at"
	case 1:
		status, field = "refunded", "refunded_at"
	}
	ms := openMs + int64(f.made)*7 - int64(f.random.IntN(5000))
	if f.random.IntN(10) == 0 {
		ms -= 120_000 // in "eve", or outside
	}
	value := fmt.Sprintf(`{"order_id":%q,"status":%q,%q:%d,"currency":%q,"amount":"%d","merchant_id":"m%d"`, id, status,
		field, ms, f.pick("CNY", "USD", "JPY"), 1+f.random.IntN(900), f.random.IntN(30))
	value += fmt.Sprintf(`,"device":%q,"buyer_country":%q,"merchant_country":%q,"province":%q,"city":%q,"channel":%q,`+
		`"category":%q,"marketplace":%q,"buyer_id":"b\u4e2d%d"`, f.pick("app", "desktop", "fridge"), f.pick("CN", "RU", "ZZ", "IT"),
		f.pick("CN", "IT", ""), f.pick("330000", "440000", "x"), f.pick("330100", "CNSHA", "none"), f.pick("online", "show", ""),
		f.pick("beauty", "food", "cars"), f.pick("tmall", "aliexpress", "x"), n)
	value += f.pick("", `,"quantity":3,"red_envelope":"2.00"`, `,"new_product":true,"buyer_since":"2019-02-28"`,
		`,"new_product":false,"refund_id":"r1","show_id":"s"`) + "}"
	if strings.Contains(value, "JPY") {
		value = strings.Replace(value, `"red_envelope":"2.00"`, `"red_envelope":2`, 1)
	}
	rec := &kgo.Record{Topic: topic, Partition: partition, Key: []byte(id), Value: []byte(value),
		Timestamp: time.UnixMilli(openMs + int64(f.made)*7 + 50)}
	f.spoil(rec)
	return rec
}

func (f *festival) spoil(rec *kgo.Record) {
	switch f.random.IntN(40) {
	case 0:
		rec.Value = []byte(f.pick("", "{", `{"order_id":1}`, `{"order_id":"x","status":"gone"}`))
	case 1:
		rec.Value = []byte(strings.Repeat("x", f.huge))
	case 2:
		rec.Key = nil
	case 3:
		rec.Headers = []kgo.RecordHeader{{Key: "festival-rehearsal"}}
	case 4:
		rec.Timestamp = rec.Timestamp.Add(-time.Hour) // its event lies in the future
	}
}

// produce writes a transaction a partition; an aborted one leaves its records and a marker in the log.
func (f *festival) produce(t testing.TB, records int, end kgo.TransactionEndTry) {
	ctx := context.Background()
	require.NoError(t, f.producer.BeginTransaction())
	for i := range records {
		f.producer.Produce(ctx, f.record(int32(i%partitions)), nil)
	}
	require.NoError(t, f.producer.Flush(ctx))
	require.NoError(t, f.producer.EndTransaction(ctx, end))
}

// count lets the fast path count what the log holds by now, and stores it in flushes of one fetch, each with a frame.
func (f *festival) count(t testing.TB, maxBytes int32) {
	ctx := context.Background()
	config := kafka.DefaultConfig()
	config.Brokers, config.Topic, config.FetchBytes = f.brokers, topic, maxBytes
	client, err := kafka.New(config)
	require.NoError(t, err)
	defer client.Close()
	ends, err := kadm.NewClient(f.producer).ListCommittedOffsets(ctx, topic)
	require.NoError(t, err)
	var rows sql.Orders
	for p := range int32(partitions) {
		end, _ := ends.Lookup(topic, p)
		f.countPartition(t, client, p, end.Offset, &rows)
	}
	require.NoError(t, f.store.InsertOrders(ctx, f.ledger.Prefix, &rows))
	f.storeFrames(t)
}

// countPartition adds raw rows to the given ones and stores all else.
func (f *festival) countPartition(t testing.TB, client *kafka.Client, partition int32, end int64, rows *sql.Orders) {
	ctx := context.Background()
	id, _ := hex.DecodeString(f.ledger.ID)
	if f.cores[partition] == nil {
		f.cores[partition] = aggregate.NewCore(aggregate.CoreConfig{Rules: f.rules, Ledger: [32]byte(id), Partition: partition})
	}
	core := f.cores[partition]
	decoder, reader := decode.New(f.rules), client.Reader(partition)
	defer reader.Close()
	var rejects []sql.Reject
	var seals []aggregate.Seal
	for at := f.next[partition]; at < end; at = reader.Position() {
		_, err := reader.Fetch(ctx, at)
		require.NoError(t, err)
		for reader.Next() {
			rec := reader.Record()
			if partition == 0 && rec.Offset >= f.gap[0] && rec.Offset < f.gap[1] {
				continue
			}
			var o aggregate.Order
			if reason := decoder.Decode(rec.Value, rec.KafkaMs, &o); reason != aggregate.Accepted {
				require.NoError(t, core.Reject(reason, rec.Offset, rec.KafkaMs, rec.Rehearsal))
				rejects = append(rejects, reject(partition, rec, reason))
				continue
			}
			keyOK := string(rec.Key) == string(o.OrderID)
			verdict, fen, err := core.Count(&o, rec.Offset, rec.KafkaMs, keyOK, rec.Rehearsal)
			require.NoError(t, err)
			appendOrder(rows, partition, rec, &o, verdict, fen, keyOK)
		}
		require.NoError(t, reader.Err())
		seals = append(seals, f.flush(t, core, reader.Position(), aggregate.Tail(reader.Tail()))...)
		f.next[partition] = reader.Position()
	}
	require.NoError(t, f.store.InsertRejects(ctx, f.ledger.Prefix, rejects))
	require.NoError(t, f.store.InsertSeals(ctx, f.ledger.Prefix, f.sealsOfEra(sealRows(seals))))
}

// flush stores cells, of which each revision is a row of its own, and makes a frame.
func (f *festival) flush(t testing.TB, core *aggregate.Core, next int64, tail aggregate.Tail) []aggregate.Seal {
	var update aggregate.Update
	seals := core.Drain(next, tail, &update, nil)
	require.NoError(t, f.store.InsertCells(context.Background(), f.ledger.Prefix, f.ofEra(cellRows(update))))
	require.NoError(t, f.board.Fold(update))
	f.updates = append(f.updates, update)
	f.frame(t)
	return seals
}

// ofEra marks partition 0's rows as written by one who knows of the gap.
func (f *festival) ofEra(rows []sql.CellRow) []sql.CellRow {
	for i := range rows {
		if rows[i].Partition == 0 && f.gap[1] > 0 {
			rows[i].Era = 1
		}
	}
	return rows
}

func (f *festival) sealsOfEra(rows []sql.SealRow) []sql.SealRow {
	for i := range rows {
		if rows[i].Partition == 0 && f.gap[1] > 0 {
			rows[i].Era = 1
		}
	}
	return rows
}

func (f *festival) frame(t testing.TB) {
	nowMs := openMs + (int64(len(f.frames))+f.rested)*1000
	prev := f.ledger.ID
	if n := len(f.frames); n > 0 {
		prev = *f.frames[n-1].Hash
	}
	st := aggregate.FrameState{Seq: int64(len(f.frames)) + 1, Second: nowMs, Official: true, Prev: prev, Certainty: "provisional"}
	board, atMs := f.board, nowMs
	if f.closed != nil {
		was, now := f.closed.Sum(), f.board.Sum()
		board, atMs, st.Closed, st.Certainty, st.After = f.closed, f.closeMs, true, "final", f.board.Positions()
		st.AfterClose, st.AfterCloseFen = now.Orders-was.Orders, now.GmvFen-was.GmvFen
	}
	frame, err := board.Frame(atMs, st)
	require.NoError(t, err)
	f.frames = append(f.frames, frame)
	for _, view := range views {
		one := frame
		if view != "" {
			one, _ = frame.OfWindow(view)
		}
		f.unstored[view] = append(f.unstored[view], sql.FrameRow{Second: nowMs / 1000, Seq: frame.Seq, Hash: *frame.Hash, JSON: string(one.JSON())})
	}
}

// storeFrames stores the frames that are not stored yet, one insert for all of a window: the whole festival's at the end, because
// theirs make the windows' official.
func (f *festival) storeFrames(t testing.TB) {
	for _, view := range views {
		require.NoError(t, f.store.InsertFrames(context.Background(), f.ledger.Prefix, view, f.unstored[view]))
	}
	clear(f.unstored)
}

// rests lets seconds pass without a frame, then makes one.
func (f *festival) rests(t testing.TB, seconds int64) {
	f.rested += seconds
	f.frame(t)
	f.storeFrames(t)
}

func reject(partition int32, rec *kafka.Record, reason aggregate.Reason) sql.Reject {
	return sql.Reject{Partition: partition, Offset: rec.Offset, KafkaMs: rec.KafkaMs, Reason: reason.String(),
		Length: int64(len(rec.Value)), SHA256: sha256.Sum256(rec.Value), Key: append([]byte{}, rec.Key...),
		Value: append([]byte{}, rec.Value[:min(len(rec.Value), 64<<10)]...), Rehearsal: flag(rec.Rehearsal)}
}

func flag(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

func appendOrder(c *sql.Orders, partition int32, rec *kafka.Record, o *aggregate.Order, v aggregate.Verdict, fen int64, keyOK bool) {
	c.Partition, c.Offset, c.KafkaMs = append(c.Partition, partition), append(c.Offset, rec.Offset), append(c.KafkaMs, rec.KafkaMs)
	c.Verdict, c.KeyOK, c.Rehearsal = append(c.Verdict, uint8(v)), append(c.KeyOK, flag(keyOK)), append(c.Rehearsal, flag(rec.Rehearsal))
	c.Status, c.CreatedMs = append(c.Status, uint8(o.Status)), append(c.CreatedMs, o.CreatedMs)
	c.PaidMs, c.RefundedMs = append(c.PaidMs, o.PaidMs), append(c.RefundedMs, o.RefundedMs)
	c.Currency, c.AmountMinor = append(c.Currency, o.Currency), append(c.AmountMinor, o.AmountMinor)
	c.AmountFen, c.EnvelopeMinor = append(c.AmountFen, fen), append(c.EnvelopeMinor, o.EnvelopeMinor)
	c.Quantity, c.BuyerSince = append(c.Quantity, o.Quantity), append(c.BuyerSince, o.BuyerSince)
	c.NewProduct, c.BuyerCountry = append(c.NewProduct, uint8(o.NewProduct)), append(c.BuyerCountry, o.BuyerCountry)
	c.MerchantCountry, c.Province = append(c.MerchantCountry, o.MerchantCountry), append(c.Province, o.Province)
	c.Device, c.Channel = append(c.Device, o.Device), append(c.Channel, o.Channel)
	c.Marketplace, c.Category = append(c.Marketplace, o.Marketplace), append(c.Category, o.Category)
	c.OrderID, c.MerchantID = append(c.OrderID, string(o.OrderID)), append(c.MerchantID, string(o.MerchantID))
	c.RefundID, c.BuyerID = append(c.RefundID, string(o.RefundID)), append(c.BuyerID, string(o.BuyerID))
	c.BrandID, c.ProductID = append(c.BrandID, string(o.BrandID)), append(c.ProductID, string(o.ProductID))
	c.StoreID, c.TeamID = append(c.StoreID, string(o.StoreID)), append(c.TeamID, string(o.TeamID))
	c.ShowID, c.Broadcast = append(c.ShowID, string(o.ShowID)), append(c.Broadcast, string(o.Broadcast))
	c.City = append(c.City, string(o.City))
}

func cellRows(u aggregate.Update) (rows []sql.CellRow) {
	for _, c := range u.Cells {
		rows = append(rows, sql.CellRow{Window: c.Window, Dim: uint8(c.Dim), Partition: c.Partition, Segment: c.Segment,
			Bucket: c.Bucket, Revision: c.Revision, Key: c.Key, M: [7]int64{c.M.Orders, c.M.GmvFen, c.M.MobileOrders,
				c.M.MobileGmvFen, c.M.Created, c.M.Refunds, c.M.RefundFen}})
	}
	for _, p := range u.Progress {
		rows = append(rows, sql.CellRow{Window: aggregate.NoWindow, Dim: uint8(aggregate.DimProgress), Partition: p.Partition,
			Revision: p.Next, M: [7]int64{p.Tail.BaseOffset, int64(p.Tail.CRC), int64(p.Tail.LeaderEpoch), p.LastMs, p.MaxEventMs}})
	}
	return rows
}

func sealRows(seals []aggregate.Seal) (rows []sql.SealRow) {
	for _, s := range seals {
		rows = append(rows, sql.SealRow{Partition: s.Partition, Segment: s.Segment, First: s.First, End: s.End, Cells: s.Cells,
			LastMs: s.LastMs, MaxEventMs: s.MaxEventMs, Prev: s.Prev, Hash: s.Hash})
	}
	return rows
}

// verify runs with the given changes to the configuration.
func (f *festival) verify(t testing.TB, with ...func(*verify.Config)) *verify.Result {
	t.Helper()
	cfg := verify.Config{Store: f.store, Ledger: f.ledger, Kafka: f.brokers}
	for _, w := range with {
		w(&cfg)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	result, err := verify.Run(ctx, cfg)
	require.NoError(t, err)
	t.Logf("verify %d ms", result.DurationMs)
	return result
}

// exec runs a statement behind the store's back and waits for it.
func (f *festival) exec(t testing.TB, statement string) {
	t.Helper()
	ctx := clickhouse.Context(context.Background(), clickhouse.WithSettings(clickhouse.Settings{"mutations_sync": 2}))
	require.NoError(t, f.conn.Exec(ctx, statement))
}
