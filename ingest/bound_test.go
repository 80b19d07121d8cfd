package ingest

import (
	"testing"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/ingest/kafka"
	"festival/sql"
)

// The stated total is the sum of its parts in /metrics, and no part is smaller than what it stands for.
func TestMemoryBound(t *testing.T) {
	registry := prometheus.NewRegistry()
	cfg := Config{Events: 10_000_000, Standby: 10_000_000, BufferedRows: 200_000, Registry: registry, Ledger: Ledger{Identity: kafka.Identity{Partitions: 4}}}
	newMetrics(cfg)
	var sum int64
	for _, part := range cfg.memoryBound() {
		require.Positive(t, part.bytes, part.of)
		sum += part.bytes
	}
	families, err := registry.Gather()
	require.NoError(t, err)
	shown := 0.0
	for _, f := range families {
		if f.GetName() == "festival_ingest_memory_bound_bytes" {
			for _, one := range f.GetMetric() {
				shown += one.GetGauge().GetValue()
			}
		}
	}
	require.EqualValues(t, sum, shown)
	require.EqualValues(t, 3_753_448_192, sum, "as docs/operations.md states it")
	require.GreaterOrEqual(t, cellBytes, int(unsafe.Sizeof(aggregate.Cell{})+unsafe.Sizeof(sql.CellRow{}))+64)
}

// TestRowBytes: a record with every string as long as it may be takes no more than rowBytes once a batch has grown.
func TestRowBytes(t *testing.T) {
	const rows = 20_000
	long := make([]byte, 64)
	o := aggregate.Order{OrderID: long, MerchantID: long, RefundID: long, BuyerID: long, BrandID: long, ProductID: long, StoreID: long,
		TeamID: long, ShowID: long, Broadcast: long, City: long}
	var b batch
	for range rows {
		b.order(0, &kafka.Record{}, &o, aggregate.Counted, 0, true)
	}
	c := &b.orders
	taken := 0
	for _, column := range []*sql.Packed{&c.OrderID, &c.MerchantID, &c.RefundID, &c.BuyerID, &c.BrandID, &c.ProductID, &c.StoreID, &c.TeamID, &c.ShowID, &c.Broadcast, &c.City} {
		taken += column.Cap()
	}
	for _, column := range [][]int64{c.Offset, c.KafkaMs, c.CreatedMs, c.PaidMs, c.RefundedMs, c.AmountMinor, c.AmountFen, c.EnvelopeMinor} {
		taken += 8 * cap(column)
	}
	for _, column := range [][]uint8{c.Verdict, c.KeyOK, c.Rehearsal, c.Status, c.Currency, c.NewProduct, c.BuyerCountry, c.MerchantCountry,
		c.Province, c.Device, c.Channel, c.Marketplace, c.Category} {
		taken += cap(column)
	}
	taken += 4 * (cap(c.Partition) + cap(c.Quantity) + cap(c.BuyerSince))
	require.LessOrEqual(t, taken, rows*rowBytes)
}
