package verify_test

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/ingest/verify"
)

func fromOrders(c *verify.Config) { c.From, c.Kafka = verify.FromOrders, nil }

func text(t testing.TB, r *verify.Result) string {
	var b bytes.Buffer
	require.NoError(t, r.WriteText(&b))
	return b.String()
}

// TestVerify is the whole way in one festival: what is true is found equal from either source, and each thing that is
// altered in the store is named.
func TestVerify(t *testing.T) {
	f := newFestival(t, stride)
	f.produce(t, 700, kgo.TryCommit)
	f.produce(t, 60, kgo.TryAbort)
	f.produce(t, 740, kgo.TryCommit)
	f.count(t, 16<<10)

	t.Run("equal", func(t *testing.T) { f.isEqual(t) })
	t.Run("one partition", func(t *testing.T) { f.onePartition(t) })
	t.Run("refused", func(t *testing.T) { f.refuses(t) })
	t.Run("altered", func(t *testing.T) { f.altered(t) })
	t.Run("roll-up altered", func(t *testing.T) { f.rolledUp(t) })
	t.Run("log shortened", func(t *testing.T) { f.shortened(t) })
	t.Run("ruined", func(t *testing.T) { f.ruined(t) })
}

func (f *festival) isEqual(t *testing.T) {
	for name, with := range map[string]func(*verify.Config){"kafka": func(c *verify.Config) { c.From = verify.FromKafka },
		"orders": fromOrders} {
		r := f.verify(t, with)
		require.False(t, r.Differs(), text(t, r))
		var records, counted, cells, seals, rows int64
		for _, p := range r.Partitions {
			require.Len(t, p.Sources, 1)
			require.Equal(t, name, p.Sources[0].Source)
			require.Equal(t, p.Records, p.Counted+p.Duplicates+p.Outside+p.Rejected)
			require.NotZero(t, p.Duplicates)
			require.NotZero(t, p.Outside)
			require.NotZero(t, p.Rejected)
			require.NotZero(t, p.Miskeyed)
			records, counted, cells = records+p.Records, counted+p.Counted, cells+p.Cells
			seals, rows = seals+p.Seals, rows+p.RawRows
		}
		require.EqualValues(t, 1440, records, "aborted records are none")
		require.Equal(t, records, rows)
		require.EqualValues(t, 10, seals)
		require.Greater(t, cells, counted)
		require.EqualValues(t, len(f.frames), r.Frames.Chained)
		require.EqualValues(t, len(f.frames), r.Frames.Compared, "every frame")
		require.EqualValues(t, 2*len(f.frames), r.Frames.OfWindows)
		last := f.frames[len(f.frames)-1]
		require.Equal(t, *last.Hash, r.Frames.Verified.Hash)
		require.Equal(t, last.Total.GmvFen, r.Partitions[0].GmvFen+r.Partitions[1].GmvFen)
		require.NotZero(t, r.Split.Count)
		require.Contains(t, text(t, r), "no differences")
		require.Contains(t, text(t, r), "came in two partitions: 0 (offset ")
	}
}

func (f *festival) onePartition(t *testing.T) {
	for _, until := range []int64{1, 100, 128, 500} {
		r := f.verify(t, func(c *verify.Config) { c.Partitions, c.Until = []int32{1}, until })
		require.False(t, r.Differs(), text(t, r))
		require.Len(t, r.Partitions, 1)
		require.Equal(t, until, r.Partitions[0].Position)
		require.Equal(t, until/stride, r.Partitions[0].Seals)
		require.Zero(t, r.Frames.Compared)
	}
}

func (f *festival) refuses(t *testing.T) {
	fails := func(want string, with func(*verify.Config)) {
		t.Helper()
		cfg := verify.Config{Store: f.store, Ledger: f.ledger, Kafka: f.brokers}
		with(&cfg)
		_, err := verify.Run(context.Background(), cfg)
		require.ErrorContains(t, err, want)
	}
	fails("only ", func(c *verify.Config) { c.Partitions, c.Until = []int32{0}, 1<<40 })
	fails("name one partition", func(c *verify.Config) { c.Until = 7 })
	fails("partition 2", func(c *verify.Config) { c.Partitions = []int32{2} })
	fails("no brokers", func(c *verify.Config) { c.From, c.Kafka = verify.FromKafka, nil })
	fails("--from \"wall\"", func(c *verify.Config) { c.From = "wall" })
	r := f.verify(t, func(c *verify.Config) {
		c.Ledger.Document = strings.Replace(c.Ledger.Document, `"CNY":"1"`, `"CNY":"2"`, 1)
	})
	require.True(t, names(r, "ledger", f.ledger.ID), text(t, r))
}

// altered: after one cell, one raw order, one seal or one frame is altered, verify names it. Each is put right again.
func (f *festival) altered(t *testing.T) {
	cell := "partition = 1 AND segment = 0 AND dim = 'country' AND key = 'RU' AND window = 1"
	f.alters(t, alteration{table: "cells", set: "gmv_fen = gmv_fen + 1", back: "gmv_fen = gmv_fen - 1", where: cell,
		what: "cell", at: `partition 1 segment 0 window day country "RU" bucket `})
	f.alters(t, alteration{table: "cells", set: "orders = orders + 1", back: "orders = orders - 1",
		where: "partition = 0 AND dim = 'log' AND key = 'duplicates' AND segment = (SELECT min(segment) FROM cells WHERE partition = 0 AND dim = 'log' AND key = 'duplicates')",
		what:  "cell", at: ` window none log "duplicates"`})
	f.alters(t, alteration{table: "seals", set: "last_ms = last_ms + 1", back: "last_ms = last_ms - 1",
		where: "partition = 0 AND segment = 2", what: "seal", at: "partition 0 segment 2"})
	f.alters(t, alteration{table: "seals", set: "hash = reverse(hash)", back: "hash = reverse(hash)",
		where: "partition = 0 AND segment = 2", what: "seal", at: "partition 0 segment 2"})
	f.alters(t, alteration{table: "cells", set: "created = created + 1", back: "created = created - 1",
		where: "partition = 0 AND dim = 'progress'", what: "progress", at: "partition 0"})
	f.alters(t, alteration{table: "orders", set: "amount_minor = amount_minor + 100", back: "amount_minor = amount_minor - 100",
		where: "partition = 0 AND offset IN (SELECT min(offset) FROM orders WHERE partition = 0 AND verdict = 'counted' AND status = 'paid')",
		what:  "raw row", at: "partition 0 offset ", orders: "cell"})
	f.alters(t, alteration{table: "orders", set: "broadcast = 'x'", back: "broadcast = ''",
		where: "partition = 1 AND offset = (SELECT max(offset) FROM orders WHERE partition = 1)",
		what:  "raw row", at: "partition 1 offset ", orders: "equal"}) // without the log nothing else knows of it
	f.alters(t, alteration{table: "orders", set: "amount_fen = amount_fen + 1", back: "amount_fen = amount_fen - 1",
		where: "partition = 1 AND offset = (SELECT max(offset) FROM orders WHERE partition = 1)",
		what:  "raw row", at: "partition 1 offset "})
	f.alters(t, alteration{table: "rejects", set: "reason = concat(reason, 'x')", back: "reason = substring(reason, 1, length(reason) - 1)",
		where: "partition = 1 AND offset = (SELECT max(offset) FROM rejects WHERE partition = 1)",
		what:  "raw row", at: "partition 1 offset "})
	f.alters(t, alteration{table: "frames", set: `json = replaceOne(json, '"gmv_fen":', '"gmv_fen":1')`,
		back: `json = replaceOne(json, '"gmv_fen":1', '"gmv_fen":')`, where: "seq = " + strconv.Itoa(len(f.frames)),
		what: "frame", at: " seq " + strconv.Itoa(len(f.frames)) + " total.gmv_fen"})
	f.alters(t, alteration{table: "frames", set: "json = concat(json, ' '), hash = reverse(hash)",
		back: "json = substring(json, 1, length(json) - 1), hash = reverse(hash)", where: "seq = 2", what: "frame", at: " seq 3"})
	f.isEqual(t)
}

type alteration struct {
	table, set, back, where string
	what, at                string // of a difference that has to be there
	orders                  string // where it is recounted from raw rows: another kind of difference, or "equal"
}

func (f *festival) alters(t *testing.T, a alteration) {
	t.Helper()
	f.exec(t, "ALTER TABLE "+a.table+" UPDATE "+a.set+" WHERE "+a.where)
	r := f.verify(t)
	require.True(t, r.Differs(), a.set)
	require.True(t, names(r, a.what, a.at), "%s: %s", a.set, text(t, r))
	require.Nil(t, r.Frames.Verified)
	r = f.verify(t, fromOrders)
	switch a.orders {
	case "equal":
		require.False(t, r.Differs(), text(t, r))
	case "":
		require.True(t, names(r, a.what, a.at), "%s: %s", a.set, text(t, r))
	default:
		require.True(t, names(r, a.orders, ""), "%s: %s", a.set, text(t, r))
	}
	f.exec(t, "ALTER TABLE "+a.table+" UPDATE "+a.back+" WHERE "+a.where)
}

func names(r *verify.Result, what, at string) bool {
	for _, d := range r.Differences {
		if d.What == what && strings.Contains(d.Where, at) && d.Stored != d.Recounted {
			return true
		}
	}
	return false
}

// shortened: the log's beginning is gone; what lies before is recounted from raw rows. Then rows are missing there.
func (f *festival) shortened(t *testing.T) {
	ctx := context.Background()
	cut := kadm.Offsets{}
	cut.AddOffset(topic, 0, 300, -1)
	deleted, err := kadm.NewClient(f.producer).DeleteRecords(ctx, cut)
	require.NoError(t, err)
	require.NoError(t, deleted.Error())
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.Equal(t, []verify.Range{{Source: "orders", First: 0, End: 300}, {Source: "kafka", First: 300, End: r.Partitions[0].Position}},
		r.Partitions[0].Sources)
	require.Contains(t, text(t, r), "from orders [0, 300), kafka [300, ")

	_, err = verify.Run(ctx, verify.Config{Store: f.store, Ledger: f.ledger, Kafka: f.brokers, From: verify.FromKafka})
	require.ErrorContains(t, err, "begins at 300")

	f.exec(t, "ALTER TABLE orders DELETE WHERE partition = 0 AND offset BETWEEN 290 AND 310")
	r = f.verify(t)
	require.True(t, names(r, "raw row", "partition 0 offset 310") || names(r, "raw row", "partition 0 offset 309"), text(t, r))
	require.True(t, names(r, "cell", "partition 0 segment 2"), text(t, r))
	require.True(t, names(r, "seal", "partition 0 segment 2"), text(t, r))
	require.True(t, names(r, "frame", " total.orders"), text(t, r))
}

// ruined: things that are not there and things that should not be.
func (f *festival) ruined(t *testing.T) {
	f.exec(t, "ALTER TABLE cells DELETE WHERE partition = 1 AND segment = 1 AND dim = 'total' AND window = 1")
	f.exec(t, "INSERT INTO cells SELECT * REPLACE ('ghost' AS key) FROM cells WHERE partition = 1 AND segment = 2 AND dim = 'merchant' LIMIT 1")
	f.exec(t, "INSERT INTO cells SELECT * REPLACE (99 AS segment) FROM cells WHERE partition = 1 AND dim = 'log' LIMIT 1")
	f.exec(t, "ALTER TABLE seals DELETE WHERE partition = 1 AND segment = 1")
	f.exec(t, "INSERT INTO seals SELECT * REPLACE (77 AS segment) FROM (SELECT * FROM seals WHERE partition = 1 AND segment = 2)")
	f.exec(t, "ALTER TABLE orders DELETE WHERE partition = 1 AND offset % 100 = 0")
	f.exec(t, "INSERT INTO orders SELECT * REPLACE (355 AS offset) FROM (SELECT * FROM orders WHERE partition = 1 LIMIT 1)") // aborted
	f.exec(t, "ALTER TABLE frames DELETE WHERE seq = 3")
	r := f.verify(t)
	for _, want := range []verify.Difference{
		{What: "cell", Where: "partition 1 segment 1 window day total", Stored: "nothing"},
		{What: "cell", Where: `partition 1 segment 2 window`, Recounted: "nothing"},
		{What: "cell", Where: `partition 1 segment 99`, Recounted: "nothing"},
		{What: "seal", Where: "partition 1 segment 1", Stored: "nothing"},
		{What: "seal", Where: "partition 1 segment 77", Recounted: "nothing"},
		{What: "raw row", Where: "partition 1 offset ", Stored: "nothing"},
		{What: "raw row", Where: "partition 1 offset 355", Recounted: "nothing"},
		{What: "frame", Where: " seq 4", Stored: "seq 4", Recounted: "seq 3"},
	} {
		require.True(t, has(r, want), "%v: %s", want, text(t, r))
	}
}

func has(r *verify.Result, want verify.Difference) bool {
	for _, d := range r.Differences {
		if d.What == want.What && strings.Contains(d.Where, want.Where) && (want.Stored == "" || d.Stored == want.Stored) &&
			(want.Recounted == "" || d.Recounted == want.Recounted) {
			return true
		}
	}
	return false
}
