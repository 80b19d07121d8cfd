package verify

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"

	"festival/aggregate/recount"
	"festival/sql"
)

// The bounds of what a reject keeps (docs/definitions.md, raw rows).
const (
	keptKey   = 1 << 10
	keptValue = 64 << 10
)

// comparison collects the fields of a row that differ, one text a side.
type comparison struct{ stored, recounted []string }

// same compares one field; equal ones cost nothing.
func same[T comparable](c *comparison, field string, stored, recounted T) {
	if stored != recounted {
		c.stored = append(c.stored, fmt.Sprintf("%s %s", field, show(stored)))
		c.recounted = append(c.recounted, fmt.Sprintf("%s %s", field, show(recounted)))
	}
}

func show(v any) string {
	switch v := v.(type) {
	case [32]byte:
		return fmt.Sprintf("%x", v)
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

func (w *worker) report(offset int64, c *comparison) {
	if len(c.stored) > 0 {
		w.rawDiffers(offset, strings.Join(c.stored, ", "), strings.Join(c.recounted, ", "))
	}
}

func (w *worker) rawDiffers(offset int64, stored, recounted string) {
	w.found.add(Difference{"raw row", fmt.Sprintf("partition %d offset %d", w.id, offset), stored, recounted})
}

// compareRow holds a raw row against the record in Kafka, field by field.
func (w *worker) compareRow(row *rawRow, e *recount.Entry, key, value []byte) {
	if (row.reject != nil) != (e.Reason != "") {
		w.rawDiffers(e.Offset, rowText(row), entryText(e))
		return
	}
	var c comparison
	if row.reject != nil {
		compareReject(&c, row.reject, e, key, value)
	} else {
		compareOrder(&c, &row.Entry, e)
	}
	w.report(e.Offset, &c)
}

func compareReject(c *comparison, r *sql.Reject, e *recount.Entry, key, value []byte) {
	same(c, "kafka_ms", r.KafkaMs, e.KafkaMs)
	same(c, "reason", r.Reason, e.Reason)
	same(c, "length", r.Length, int64(len(value)))
	same(c, "sha256", r.SHA256, sha256.Sum256(value))
	same(c, "rehearsal", r.Rehearsal == 1, e.Rehearsal)
	same(c, "key is the record's", bytes.Equal(r.Key, key[:min(len(key), keptKey)]), true)
	same(c, "value is the record's", bytes.Equal(r.Value, value[:min(len(value), keptValue)]), true)
}

func compareOrder(c *comparison, row, e *recount.Entry) {
	if *row == *e { // one comparison where all is well
		return
	}
	same(c, "kafka_ms", row.KafkaMs, e.KafkaMs)
	same(c, "verdict", row.Verdict, e.Verdict)
	same(c, "key_ok", row.KeyOK, e.KeyOK)
	same(c, "rehearsal", row.Rehearsal, e.Rehearsal)
	same(c, "amount_fen", row.Fen, e.Fen)
	compareFields(c, &row.Order, &e.Order)
}

func compareFields(c *comparison, s, r *recount.Order) {
	same(c, "order_id", s.OrderID, r.OrderID)
	same(c, "status", s.Status, r.Status)
	same(c, "created_ms", s.CreatedMs, r.CreatedMs)
	same(c, "paid_ms", s.PaidMs, r.PaidMs)
	same(c, "refunded_ms", s.RefundedMs, r.RefundedMs)
	same(c, "currency", s.Currency, r.Currency)
	same(c, "amount_minor", s.AmountMinor, r.AmountMinor)
	same(c, "merchant_id", s.MerchantID, r.MerchantID)
	same(c, "refund_id", s.RefundID, r.RefundID)
	same(c, "buyer_id", s.BuyerID, r.BuyerID)
	same(c, "brand_id", s.BrandID, r.BrandID)
	same(c, "product_id", s.ProductID, r.ProductID)
	same(c, "store_id", s.StoreID, r.StoreID)
	same(c, "team_id", s.TeamID, r.TeamID)
	same(c, "show_id", s.ShowID, r.ShowID)
	same(c, "broadcast", s.Broadcast, r.Broadcast)
	same(c, "buyer_country", s.BuyerCountry, r.BuyerCountry)
	same(c, "merchant_country", s.MerchantCountry, r.MerchantCountry)
	same(c, "province", s.Province, r.Province)
	same(c, "city", s.City, r.City)
	same(c, "device", s.Device, r.Device)
	same(c, "channel", s.Channel, r.Channel)
	same(c, "marketplace", s.Marketplace, r.Marketplace)
	same(c, "category", s.Category, r.Category)
	same(c, "quantity", s.Quantity, r.Quantity)
	same(c, "envelope_minor", s.EnvelopeMinor, r.EnvelopeMinor)
	same(c, "new_product", s.NewProduct, r.NewProduct)
	same(c, "buyer_since", s.BuyerSince, r.BuyerSince)
}

// entryText says what a record is, for a difference where the other side has nothing like it.
func entryText(e *recount.Entry) string {
	if e.Reason != "" {
		return "rejected " + e.Reason
	}
	return orderText(&e.Order, e.Verdict)
}

func rowText(row *rawRow) string {
	if row.reject != nil {
		return "rejected " + row.reject.Reason
	}
	return orderText(&row.Order, row.Verdict)
}

func orderText(o *recount.Order, verdict recount.Verdict) string {
	return fmt.Sprintf("order_id %q %s amount_minor %d verdict %s", o.OrderID, o.Status, o.AmountMinor, verdict)
}
