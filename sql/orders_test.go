package sql_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

func TestOrdersRoundTrip(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	var in sql.Orders
	for p := range int32(2) {
		for o := range int64(1000) {
			addOrder(&in, p, o*3)
		}
	}
	require.NoError(t, store.InsertOrders(ctx, ledger, &in))

	var out sql.Orders
	err := store.OrdersExport(ctx, ledger, sql.ExportQuery{Positions: map[int32]int64{0: 1 << 40, 1: 1 << 40}}, func(o *sql.Orders) error {
		out.Concat(o) // a block's slices are gone afterwards
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, in, out) // they came in the order of the log

	in.Reset()
	require.Zero(t, in.Len())
	require.Empty(t, in.City)
}

// The reading view: a flush that was written twice, an offset at a position, one past it, a partition without position.
func TestOrdersAtPositions(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	var in sql.Orders
	for p := range int32(3) {
		for o := range int64(100) {
			addOrder(&in, p, o)
		}
	}
	require.NoError(t, store.InsertOrders(ctx, ledger, &in))
	require.NoError(t, store.InsertOrders(ctx, ledger, &in))
	require.NoError(t, store.InsertOrders(ctx, ledger+1, &in))
	require.EqualValues(t, 900, one[uint64](t, conn, "SELECT count() FROM orders"), "the rows are there twice")

	var got [][2]int64
	q := sql.ExportQuery{Positions: map[int32]int64{0: 50, 1: 100}, From: map[int32]int64{1: 98}}
	require.NoError(t, store.OrdersExport(ctx, ledger, q, func(o *sql.Orders) error {
		for i := range o.Len() {
			got = append(got, [2]int64{int64(o.Partition[i]), o.Offset[i]})
		}
		return nil
	}))
	var want [][2]int64
	for o := range int64(50) {
		want = append(want, [2]int64{0, o})
	}
	require.Equal(t, append(want, [2]int64{1, 98}, [2]int64{1, 99}), got)
}

func TestOrderKeys(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	var in sql.Orders
	for p := range int32(2) {
		for o := range int64(5000) {
			addOrder(&in, p, o)
		}
	}
	in.RefundID[17] = "r1"
	require.NoError(t, store.InsertOrders(ctx, ledger, &in))
	var ids []string
	err := store.OrderKeys(ctx, ledger, 0, 0, 1234, func(id []string, status []uint8, refund []string) error {
		for i := range id {
			ids = append(ids, id[i]+string(rune('0'+status[i]))+refund[i])
		}
		return nil
	})
	require.NoError(t, err)
	slices.Sort(ids)
	require.Len(t, ids, 1234)
	n, err := store.OrderCount(ctx, ledger, 0, 0, 1234)
	require.NoError(t, err)
	require.EqualValues(t, 1234, n)
	require.Equal(t, in.OrderID[17]+string(rune('0'+in.Status[17]))+"r1", ids[17])
}

func TestOrdersNamed(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	l := sampleLedger()
	require.NoError(t, store.CreateLedger(ctx, l))
	var in sql.Orders
	addOrder(&in, 0, 0)
	addOrder(&in, 0, 1)
	require.NoError(t, store.InsertOrders(ctx, l.Prefix, &in))
	from := "FROM orders_named(ledger = " + decimal(l.Prefix) + ", partitions = [0], positions = [2]) ORDER BY offset"
	require.Equal(t, []string{"unknown", "IT"}, column[string](t, conn, "SELECT buyer_country "+from))
	require.Equal(t, []string{"CNY", "USD"}, column[string](t, conn, "SELECT currency "+from))
	require.Equal(t, []string{"created", "paid"}, column[string](t, conn, "SELECT toString(status) "+from))
	require.Equal(t, []uint8{1, 1}, column[uint8](t, conn, "SELECT quantity IS NULL OR quantity = 1 "+from))
	require.Equal(t, []string{"2025-11-10 16:00:00.001", "2025-11-10 16:00:00.008"}, column[string](t, conn, "SELECT toString(paid_at) "+from))
	require.Equal(t, []uint8{1, 1}, column[uint8](t, conn, "SELECT buyer_since IS NULL AND red_envelope_minor IS NULL AND team_id IS NULL "+from))
}

func TestInsertRefusesTwoBlocks(t *testing.T) {
	store, _ := open(t)
	rows := make([]sql.CellRow, 1_000_000)
	err := store.InsertCells(context.Background(), ledger, rows)
	require.ErrorContains(t, err, "1000000 rows in one insert, at most 999999")
	require.False(t, sql.IsUnavailable(err))
	require.NoError(t, store.InsertCells(context.Background(), ledger, nil))
}

func TestInsertRefusesRaggedColumns(t *testing.T) {
	store, _ := open(t)
	var in sql.Orders
	addOrder(&in, 0, 1)
	in.City = nil
	require.ErrorContains(t, store.InsertOrders(context.Background(), ledger, &in), `"city" has 0 rows, expected 1`)
}

func TestInsertOrderPartsIsOneInsert(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	var first, none, second sql.Orders
	for o := range int64(100) {
		addOrder(&first, 0, o)
		addOrder(&second, 1, o)
	}
	require.NoError(t, store.InsertOrderParts(ctx, ledger, []*sql.OrderBatch{sql.Pack(&first), sql.Pack(&none), sql.Pack(&second)}))
	require.NoError(t, store.InsertOrderParts(ctx, ledger, nil))
	require.EqualValues(t, 1, one[uint64](t, conn, "SELECT count() FROM system.parts WHERE database = currentDatabase() AND table = 'orders' AND active"))
	var got sql.Orders
	err := store.OrdersExport(ctx, ledger, sql.ExportQuery{Positions: map[int32]int64{0: 100, 1: 100}}, func(o *sql.Orders) error {
		got.Concat(o)
		return nil
	})
	require.NoError(t, err)
	first.Concat(&second)
	require.Equal(t, first, got)
}
