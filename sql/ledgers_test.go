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
