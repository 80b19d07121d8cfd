package export

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"festival/aggregate"
	"festival/sql"
)

// OrderStore gives raw rows, one per offset, in the order of the log.
type OrderStore interface {
	OrdersExport(ctx context.Context, ledger uint64, q sql.ExportQuery, block func(*sql.Orders) error) error
}

// orderField is one column of the export: how the rows of a block go into it.
type orderField struct {
	arrow.Field
	fill func(array.Builder, *sql.Orders)
}

// Orders writes all raw rows below the positions. It gives the number of rows.
func Orders(ctx context.Context, store OrderStore, ledger uint64, rules *aggregate.Rules, positions map[int32]int64, format string, w io.Writer, progress func(rows int64)) (int64, error) {
	fields := orderFields(rules)
	out, err := newSink(format, w, orderSchema(fields))
	if err != nil {
		return 0, err
	}
	build := array.NewRecordBuilder(memory.DefaultAllocator, orderSchema(fields))
	defer build.Release()
	var rows int64
	err = store.OrdersExport(ctx, ledger, sql.ExportQuery{Positions: positions}, func(o *sql.Orders) error {
		for i := range fields {
			fields[i].fill(build.Field(i), o)
		}
		rows += int64(o.Len())
		progress(rows)
		return writeBatch(out, build)
	})
	return rows, errors.Join(err, out.Close())
}

func writeBatch(out sink, build *array.RecordBuilder) error {
	batch := build.NewRecordBatch()
	defer batch.Release()
	return out.Write(batch)
}

func orderSchema(fields []orderField) *arrow.Schema {
	list := make([]arrow.Field, len(fields))
	for i := range fields {
		list[i] = fields[i].Field
	}
	return arrow.NewSchema(list, nil)
}

func orderFields(rules *aggregate.Rules) []orderField {
	currencies := make([]string, len(rules.Rates))
	for i, r := range rules.Rates {
		currencies[i] = r.Currency
	}
	return []orderField{
		int32Field("partition", func(o *sql.Orders) []int32 { return o.Partition }),
		int64Field("offset", func(o *sql.Orders) []int64 { return o.Offset }),
		timeField("kafka_time", func(o *sql.Orders) []int64 { return o.KafkaMs }),
		codeField("verdict", []string{"", "rejected", "duplicate", "outside", "counted"}, func(o *sql.Orders) []uint8 { return o.Verdict }),
		flagField("key_ok", func(o *sql.Orders) []uint8 { return o.KeyOK }),
		flagField("rehearsal", func(o *sql.Orders) []uint8 { return o.Rehearsal }),
		textField("order_id", func(o *sql.Orders) []string { return o.OrderID }),
		codeField("status", []string{"", "created", "paid", "refunded"}, func(o *sql.Orders) []uint8 { return o.Status }),
		timeField("created_at", func(o *sql.Orders) []int64 { return o.CreatedMs }),
		timeField("paid_at", func(o *sql.Orders) []int64 { return o.PaidMs }),
		timeField("refunded_at", func(o *sql.Orders) []int64 { return o.RefundedMs }),
		codeField("currency", currencies, func(o *sql.Orders) []uint8 { return o.Currency }),
		int64Field("amount_minor", func(o *sql.Orders) []int64 { return o.AmountMinor }),
		int64Field("amount_fen", func(o *sql.Orders) []int64 { return o.AmountFen }),
		textField("merchant_id", func(o *sql.Orders) []string { return o.MerchantID }),
		textField("refund_id", func(o *sql.Orders) []string { return o.RefundID }),
		textField("buyer_id", func(o *sql.Orders) []string { return o.BuyerID }),
		codeField("buyer_country", aggregate.Countries.Names(), func(o *sql.Orders) []uint8 { return o.BuyerCountry }),
		codeField("province", aggregate.Provinces.Names(), func(o *sql.Orders) []uint8 { return o.Province }),
		textField("city", func(o *sql.Orders) []string { return o.City }),
		codeField("merchant_country", aggregate.Countries.Names(), func(o *sql.Orders) []uint8 { return o.MerchantCountry }),
		codeField("marketplace", rules.Marketplaces.Names(), func(o *sql.Orders) []uint8 { return o.Marketplace }),
		codeField("channel", aggregate.Channels.Names(), func(o *sql.Orders) []uint8 { return o.Channel }),
		codeField("device", aggregate.Devices.Names(), func(o *sql.Orders) []uint8 { return o.Device }),
		codeField("category", rules.Categories.Names(), func(o *sql.Orders) []uint8 { return o.Category }),
		textField("brand_id", func(o *sql.Orders) []string { return o.BrandID }),
		textField("product_id", func(o *sql.Orders) []string { return o.ProductID }),
		codeField("new_product", []string{"", "false", "true"}, func(o *sql.Orders) []uint8 { return o.NewProduct }),
		quantityField("quantity", func(o *sql.Orders) []int32 { return o.Quantity }),
		textField("store_id", func(o *sql.Orders) []string { return o.StoreID }),
		envelopeField("red_envelope_minor", func(o *sql.Orders) []int64 { return o.EnvelopeMinor }),
		textField("team_id", func(o *sql.Orders) []string { return o.TeamID }),
		textField("show_id", func(o *sql.Orders) []string { return o.ShowID }),
		textField("broadcast", func(o *sql.Orders) []string { return o.Broadcast }),
		dateField("buyer_since", func(o *sql.Orders) []int32 { return o.BuyerSince }),
	}
}
