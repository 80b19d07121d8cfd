package sql_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// TestSignoffs: after a gap only rows of its era count, from the segment that was open on, and raw rows within it are not read.
func TestSignoffs(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	cell := func(segment, revision, orders int64, key string, era uint8) sql.CellRow {
		return sql.CellRow{Dim: 2, Partition: 1, Segment: segment, Revision: revision, Key: key, M: [7]int64{orders}, Era: era}
	}
	progress := func(next int64, era uint8) sql.CellRow {
		return sql.CellRow{Window: 255, Dim: 12, Partition: 1, Revision: next, Era: era}
	}
	require.NoError(t, store.InsertCells(ctx, ledger, []sql.CellRow{cell(0, 100, 5, "app", 0), cell(1, 150, 6, "app", 0), progress(150, 0)}))
	require.NoError(t, store.InsertSeals(ctx, ledger, []sql.SealRow{{Partition: 1, Segment: 0, End: 100}}))
	var orders sql.Orders
	for _, offset := range []int64{149, 150, 179, 180} {
		addOrder(&orders, 1, offset)
	}
	require.NoError(t, store.InsertOrders(ctx, ledger, &orders))
	// The copies under the new era are not seen before the record, and replace the old ones with it.
	require.NoError(t, store.InsertCells(ctx, ledger, []sql.CellRow{cell(1, 150, 6, "app", 1), progress(150, 1)}))
	require.Equal(t, map[string]int64{"app": 11}, sums(t, store, ledger))
	record := sql.Signoff{Kind: sql.SignoffGap, Partition: 1, Era: 1, Segment: 1, First: 150, End: 180, By: "a", Reason: "b", AtMs: 3, World: "c", Hash: "d"}
	require.NoError(t, store.InsertSignoff(ctx, ledger, record))
	second := record
	second.End, second.AtMs = 500, 4 // another operator, later: the oldest stands
	require.NoError(t, store.InsertSignoff(ctx, ledger, second))
	got, err := store.Signoffs(ctx, ledger)
	require.NoError(t, err)
	require.Equal(t, []sql.Signoff{record}, got)
	require.Equal(t, map[string]int64{"app": 11}, sums(t, store, ledger))

	// A writer that slept: further than the gap, and a seal of its own.
	require.NoError(t, store.InsertCells(ctx, ledger, []sql.CellRow{cell(1, 190, 60, "app", 0), cell(1, 190, 1, "desktop", 0), progress(190, 0)}))
	require.NoError(t, store.InsertSeals(ctx, ledger, []sql.SealRow{{Partition: 1, Segment: 1, First: 100, End: 200}}))
	require.Equal(t, map[string]int64{"app": 11}, sums(t, store, ledger))
	require.NoError(t, conn.Exec(ctx, "OPTIMIZE TABLE cells FINAL"))
	require.Equal(t, map[string]int64{"app": 11}, sums(t, store, ledger), "rows of two eras do not replace each other")
	rows, err := store.Progress(ctx, ledger)
	require.NoError(t, err)
	require.EqualValues(t, 150, rows[0].Revision)
	seals, err := store.LastSeals(ctx, ledger, []int32{1})
	require.NoError(t, err)
	require.EqualValues(t, 100, seals[1].End)
	var tail []sql.CellRow
	require.NoError(t, store.Tail(ctx, ledger, map[int32]int64{1: 149}, func(r sql.CellRow) error { tail = append(tail, r); return nil }))
	require.Len(t, tail, 2)
	for _, r := range tail {
		require.EqualValues(t, 150, r.Revision)
	}

	var offsets []int64
	require.NoError(t, store.RawOrders(ctx, ledger, 1, 0, 1000, func(o *sql.Orders) error { offsets = append(offsets, o.Offset...); return nil }))
	require.Equal(t, []int64{149, 180}, offsets)
	keys := 0
	require.NoError(t, store.OrderKeys(ctx, ledger, 1, 0, 1000, func(ids []string, _ []uint8, _ []string) error { keys += len(ids); return nil }))
	require.Equal(t, 2, keys)
	offsets = nil
	require.NoError(t, store.OrdersExport(ctx, ledger, sql.ExportQuery{Positions: map[int32]int64{1: 1000}}, func(o *sql.Orders) error {
		offsets = append(offsets, o.Offset...)
		return nil
	}))
	require.Equal(t, []int64{149, 180}, offsets)
	// Other ledgers and partitions are as they were.
	require.NoError(t, store.InsertCells(ctx, ledger+1, []sql.CellRow{cell(1, 190, 60, "app", 0)}))
	require.Equal(t, map[string]int64{"app": 60}, sums(t, store, ledger+1))
}

func sums(t *testing.T, store *sql.Store, ledger uint64) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	require.NoError(t, store.BoardSums(context.Background(), ledger, map[int32]int64{1: 99}, func(r sql.CellRow) error {
		out[r.Key] += r.M[0]
		return nil
	}))
	return out
}
