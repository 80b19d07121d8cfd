package sql

import (
	"context"
	"fmt"

	"github.com/ClickHouse/ch-go/proto"
)

// columns are the first of the raw rows' columns, in the order of query/orders_insert.sql and query/orders_export.sql.
func (o *OrderNumbers) columns() []column {
	return []column{
		int32s(&o.Partition), int64s(&o.Offset), int64s(&o.KafkaMs), enum8s(&o.Verdict), uint8s(&o.KeyOK), uint8s(&o.Rehearsal),
		enum8s(&o.Status), int64s(&o.CreatedMs), int64s(&o.PaidMs), int64s(&o.RefundedMs),
		uint8s(&o.Currency), int64s(&o.AmountMinor), int64s(&o.AmountFen), int64s(&o.EnvelopeMinor), int32s(&o.Quantity),
		int32s(&o.BuyerSince), uint8s(&o.NewProduct),
		uint8s(&o.BuyerCountry), uint8s(&o.MerchantCountry), uint8s(&o.Province), uint8s(&o.Device), uint8s(&o.Channel),
		uint8s(&o.Marketplace), uint8s(&o.Category),
	}
}

// columns are all of them; the texts come last.
func (o *Orders) columns() []column {
	return append(o.OrderNumbers.columns(),
		textsOf(&o.OrderID), textsOf(&o.MerchantID), textsOf(&o.RefundID), textsOf(&o.BuyerID), textsOf(&o.BrandID),
		textsOf(&o.ProductID), textsOf(&o.StoreID), textsOf(&o.TeamID), textsOf(&o.ShowID), textsOf(&o.Broadcast), textsOf(&o.City))
}

// texts are the columns behind those of the numbers.
func (b *OrderBatch) texts() []*Packed {
	return []*Packed{&b.OrderID, &b.MerchantID, &b.RefundID, &b.BuyerID, &b.BrandID, &b.ProductID, &b.StoreID, &b.TeamID, &b.ShowID,
		&b.Broadcast, &b.City}
}

// inputs are all columns as they go into an encoded block, in the order of Orders.columns.
func (b *OrderBatch) inputs() (out []proto.ColInput) {
	for _, c := range b.columns() {
		out = append(out, c.input())
	}
	for _, t := range b.texts() {
		out = append(out, t)
	}
	return out
}

// unpacked are the same rows; the numbers are shared.
func (b *OrderBatch) unpacked() *Orders {
	return &Orders{OrderNumbers: b.OrderNumbers,
		OrderID: b.OrderID.texts(), MerchantID: b.MerchantID.texts(), RefundID: b.RefundID.texts(), BuyerID: b.BuyerID.texts(),
		BrandID: b.BrandID.texts(), ProductID: b.ProductID.texts(), StoreID: b.StoreID.texts(), TeamID: b.TeamID.texts(),
		ShowID: b.ShowID.texts(), Broadcast: b.Broadcast.texts(), City: b.City.texts()}
}

// Len is the number of rows.
func (o *OrderNumbers) Len() int { return len(o.Offset) }

// Reset empties all columns and keeps their memory.
func (o *Orders) Reset() {
	for _, c := range o.columns() {
		c.reset()
	}
}

// Reset empties all columns and keeps their memory.
func (b *OrderBatch) Reset() {
	for _, c := range b.columns() {
		c.reset()
	}
	for _, t := range b.texts() {
		t.reset()
	}
}

// InsertOrders stores raw rows, at most MaxRows. It keeps nothing of them. Repeating it does no harm.
func (s *Store) InsertOrders(ctx context.Context, ledger uint64, o *Orders) error {
	return s.insert(ctx, "orders_insert", o.Len(), append([]column{ledgerOf(ledger, o.Len())}, o.columns()...)...)
}

// OrderKeys reads what the duplicate rule compares of a partition's raw rows with offsets [from, before), rejected ones
// excepted: order ids, statuses (1 created, 2 paid, 3 refunded) and refund ids ("" absent), in no order, some
// perhaps twice. The slices are block's until it returns; the strings it may keep.
func (s *Store) OrderKeys(ctx context.Context, ledger uint64, partition int32, from, before int64,
	block func(orderID []string, status []uint8, refundID []string) error) error {
	var order, refund []string
	var status []uint8
	return s.read(ctx, "orders_keys", []any{named("ledger", ledger), named("partition", partition), named("from", from), named("before", before)},
		[]column{textsOf(&order), uint8s(&status), textsOf(&refund)},
		func(int) error { return block(order, status, refund) })
}

// OrderCount is how many raw rows a partition has at offsets [from, before), some perhaps counted twice: what OrderKeys is about to give.
func (s *Store) OrderCount(ctx context.Context, ledger uint64, partition int32, from, before int64) (n int64, err error) {
	err = s.conn.QueryRow(plain(ctx), statement("orders_count"), named("ledger", ledger), named("partition", partition),
		named("from", from), named("before", before)).Scan(&n)
	if err != nil {
		err = fmt.Errorf("orders_count: %w", short(err))
	}
	return n, err
}

// ExportQuery bounds an export of raw rows by offsets.
type ExportQuery struct {
	Positions map[int32]int64 // by partition: rows below; a partition that is not here gives nothing
	From      map[int32]int64 // by partition: rows at or past; absent: from the beginning
}

// OrdersExport streams raw rows in the order of the log (partition, offset), one row per offset. The columns are
// block's until it returns; the strings it may keep.
func (s *Store) OrdersExport(ctx context.Context, ledger uint64, q ExportQuery, block func(*Orders) error) error {
	var o Orders
	args := positionArgs(ledger, q.Positions)
	partitions, _ := split(q.Positions)
	starts := make([]int64, len(partitions))
	for i, p := range partitions {
		starts[i] = q.From[p]
	}
	args = append(args, named("starts", starts))
	return s.read(ctx, "orders_export", args, o.columns(), func(int) error { return block(&o) })
}
