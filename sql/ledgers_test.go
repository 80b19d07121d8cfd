package sql_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/stretchr/testify/require"

	"festival/sql"
)

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// column runs a SELECT of one column.
func column[T any](t testing.TB, conn driver.Conn, query string) (out []T) {
	t.Helper()
	rows, err := conn.Query(context.Background(), query)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var v T
		require.NoError(t, rows.Scan(&v))
		out = append(out, v)
	}
	require.NoError(t, rows.Err())
	return out
}

func sampleLedger() sql.Ledger {
	id := hexOf(1)
	prefix, _ := sql.LedgerPrefix(id)
	return sql.Ledger{ID: id, Prefix: prefix, Document: `{"festival":"1111-2026"}`, LogStart: []int64{0, 17, 1 << 40}, Serial: 1,
		CreatedMs: 1000, Festival: "1111-2026", Codes: map[string][]string{
			"currency": {"CNY", "USD"}, "country": {"unknown", "IT", "CN"}, "province": {"unknown", "330000"},
			"device": {"unknown", "app", "mobile_web", "mini_program", "desktop"}, "channel": {"unknown", "online"},
			"marketplace": {"unknown", "tmall"}, "category": {"unknown", "beauty"}}}
}

func TestLedgerOldestStands(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	none, err := store.Ledgers(ctx)
	require.NoError(t, err)
	require.Empty(t, none)

	l := sampleLedger()
	require.NoError(t, store.CreateLedger(ctx, l))
	later := l
	later.LogStart, later.CreatedMs = []int64{9, 9, 9}, 2000
	require.NoError(t, store.CreateLedger(ctx, later))
	second := l
	second.ID, second.Serial, second.CreatedMs = hexOf(2), 2, 3000
	second.Prefix, _ = sql.LedgerPrefix(second.ID)
	require.NoError(t, store.CreateLedger(ctx, second))

	got, err := store.Ledgers(ctx)
	require.NoError(t, err)
	l.Codes, second.Codes = nil, nil
	require.Equal(t, []sql.Ledger{l, second}, got)
}

func TestLedgerNeedsItsCatalogues(t *testing.T) {
	store, _ := open(t)
	l := sampleLedger()
	delete(l.Codes, "channel")
	require.ErrorContains(t, store.CreateLedger(context.Background(), l), "catalogue channel has 0 names")
	l = sampleLedger()
	l.Prefix++
	require.ErrorContains(t, store.CreateLedger(context.Background(), l), "prefix")
}

func TestClosing(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	l := sampleLedger()
	require.NoError(t, store.CreateLedger(ctx, l))
	_, ok, err := store.Closing(ctx, l.Prefix)
	require.NoError(t, err)
	require.False(t, ok)

	in := sql.Closing{AtMs: 5000, FrameHash: hexOf(7), FrameJSON: `{"seq":7}`, Reason: "partition 3 is gone",
		Seals: []sql.SealRow{{Partition: 0, Segment: 4, First: 1, End: 99, Cells: 2, Prev: hash(1), Hash: hash(2)}},
		Cells: []sql.CellRow{{Window: 0, Dim: 1, Partition: 0, Bucket: 60, Revision: 99, M: [7]int64{1, 2, 3, 4, 5, 6, 7}},
			{Window: 255, Dim: 11, Key: "outside", M: [7]int64{9}}}}
	require.NoError(t, store.InsertClosing(ctx, l.Prefix, in))
	later := in
	later.AtMs, later.Reason = 6000, "again"
	require.NoError(t, store.InsertClosing(ctx, l.Prefix, later))

	got, ok, err := store.Closing(ctx, l.Prefix)
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, store.ClosingCells(ctx, l.Prefix, got.AtMs, func(r sql.CellRow) error {
		got.Cells = append(got.Cells, r)
		return nil
	}))
	require.Equal(t, in, got)
	all, err := store.Ledgers(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 5000, all[0].ClosedMs)
}
