package sql_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// The native protocol's way, batches in and scanned rows out, for every type of column. The engine speaks HTTP only;
// clickhouse-go has the same calls there.
func TestBatchesAndScannedRows(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	store.ByRows()

	var orders, more, back sql.Orders
	for o := range int64(3) {
		addOrder(&orders, 0, o)
		addOrder(&more, 1, o)
	}
	require.NoError(t, store.InsertOrderParts(ctx, ledger, []*sql.OrderBatch{sql.Pack(&orders), sql.Pack(&more)}))
	positions := map[int32]int64{0: 100, 1: 100}
	require.NoError(t, store.OrdersExport(ctx, ledger, sql.ExportQuery{Positions: positions}, func(o *sql.Orders) error {
		back.Concat(o)
		return nil
	}))
	orders.Concat(&more)
	require.Equal(t, orders, back)

	cells := []sql.CellRow{{Dim: 3, Key: "CN", Bucket: 60, Revision: 9, M: [7]int64{1, 2, 3, 4, 5, 6, 7}}, {Window: 255, Dim: dimProgress, Revision: 9}}
	require.NoError(t, store.InsertCells(ctx, ledger, cells))
	require.Equal(t, cells, tail(t, store, map[int32]int64{0: 8}))

	seal := sql.SealRow{Partition: 1, Segment: 2, First: 3, End: 4, Cells: 5, LastMs: 6, MaxEventMs: 7, Prev: hash(1), Hash: hash(2)}
	require.NoError(t, store.InsertSeals(ctx, ledger, []sql.SealRow{seal}))
	seals, err := store.LastSeals(ctx, ledger, []int32{1})
	require.NoError(t, err)
	require.Equal(t, map[int32]sql.SealRow{1: seal}, seals)

	rejects := []sql.Reject{{Offset: 1, Reason: "not_json", SHA256: hash(3), Key: []byte{0xff}, Value: []byte{0}}}
	require.NoError(t, store.InsertRejects(ctx, ledger, rejects))
	got, err := store.Rejects(ctx, ledger, positions, 10)
	require.NoError(t, err)
	require.Equal(t, rejects, got)

	l := sampleLedger()
	require.NoError(t, store.CreateLedger(ctx, l))
	all, err := store.Ledgers(ctx)
	require.NoError(t, err)
	require.Equal(t, l.LogStart, all[0].LogStart)
}

// More rows than the row path hands over at once.
func TestScannedRowsComeInBlocks(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	rows := make([]sql.CellRow, 150_000)
	for i := range rows {
		rows[i] = sql.CellRow{Dim: 1, Bucket: int64(i), Revision: 1, M: [7]int64{int64(i)}}
	}
	require.NoError(t, store.InsertCells(ctx, ledger, rows))
	store.ByRows()
	equalRows(t, rows, tail(t, store, map[int32]int64{0: 0}))
}
