package ingest

import (
	"bytes"
	"crypto/sha256"

	"festival/aggregate"
	"festival/ingest/kafka"
	"festival/sql"
)

const (
	maxRejectKey = 1 << 10
	// maxRejectBytes bounds the kept bytes of rejects that wait for the store: a flood of 64 KiB garbage pauses
	// fetching instead of filling memory.
	maxRejectBytes = 64 << 20
)

// batch is what one partition has ready for the next flush: raw rows and rejects in offset order. The partition
// fills one while the flusher stores the other; each has one owner at a time.
type batch struct {
	orders      sql.OrderBatch
	rejects     []sql.Reject
	rejectBytes int
}

func (b *batch) rows() int { return len(b.orders.Offset) + len(b.rejects) }

func (b *batch) reset() {
	b.orders.Reset()
	clear(b.rejects)
	b.rejects, b.rejectBytes = b.rejects[:0], 0
}

// reject keeps a record that could not be read: its first bytes, its length and its hash.
func (b *batch) reject(partition int32, rec *kafka.Record, reason aggregate.Reason) {
	key, value := rec.Key[:min(len(rec.Key), maxRejectKey)], rec.Value[:min(len(rec.Value), aggregate.MaxValueBytes)]
	b.rejects = append(b.rejects, sql.Reject{
		Partition: partition, Offset: rec.Offset, KafkaMs: rec.KafkaMs, Reason: reason.String(),
		Length: int64(len(rec.Value)), SHA256: sha256.Sum256(rec.Value),
		Key: bytes.Clone(key), Value: bytes.Clone(value), Rehearsal: flag(rec.Rehearsal),
	})
	b.rejectBytes += len(key) + len(value)
}

// dropRejects takes the rejects past the first n back.
func (b *batch) dropRejects(n int) {
	for _, r := range b.rejects[n:] {
		b.rejectBytes -= len(r.Key) + len(r.Value)
	}
	clear(b.rejects[n:])
	b.rejects = b.rejects[:n]
}

// order keeps a decodable record, whatever its verdict.
func (b *batch) order(partition int32, rec *kafka.Record, o *aggregate.Order, verdict aggregate.Verdict, fen int64, keyOK bool) {
	c := &b.orders
	c.Partition = append(c.Partition, partition)
	c.Offset = append(c.Offset, rec.Offset)
	c.KafkaMs = append(c.KafkaMs, rec.KafkaMs)
	c.Verdict = append(c.Verdict, uint8(verdict))
	c.KeyOK = append(c.KeyOK, flag(keyOK))
	c.Rehearsal = append(c.Rehearsal, flag(rec.Rehearsal))
	c.Status = append(c.Status, uint8(o.Status))
	c.CreatedMs = append(c.CreatedMs, o.CreatedMs)
	c.PaidMs = append(c.PaidMs, o.PaidMs)
	c.RefundedMs = append(c.RefundedMs, o.RefundedMs)
	c.Currency = append(c.Currency, o.Currency)
	c.AmountMinor = append(c.AmountMinor, o.AmountMinor)
	c.AmountFen = append(c.AmountFen, fen)
	c.EnvelopeMinor = append(c.EnvelopeMinor, o.EnvelopeMinor)
	c.Quantity = append(c.Quantity, o.Quantity)
	c.BuyerSince = append(c.BuyerSince, o.BuyerSince)
	c.NewProduct = append(c.NewProduct, uint8(o.NewProduct))
	b.codes(o)
	b.texts(o)
}

func (b *batch) codes(o *aggregate.Order) {
	c := &b.orders
	c.BuyerCountry = append(c.BuyerCountry, o.BuyerCountry)
	c.MerchantCountry = append(c.MerchantCountry, o.MerchantCountry)
	c.Province = append(c.Province, o.Province)
	c.Device = append(c.Device, o.Device)
	c.Channel = append(c.Channel, o.Channel)
	c.Marketplace = append(c.Marketplace, o.Marketplace)
	c.Category = append(c.Category, o.Category)
}

func (b *batch) texts(o *aggregate.Order) {
	c := &b.orders
	c.OrderID.Append(o.OrderID)
	c.MerchantID.Append(o.MerchantID)
	c.RefundID.Append(o.RefundID)
	c.BuyerID.Append(o.BuyerID)
	c.BrandID.Append(o.BrandID)
	c.ProductID.Append(o.ProductID)
	c.StoreID.Append(o.StoreID)
	c.TeamID.Append(o.TeamID)
	c.ShowID.Append(o.ShowID)
	c.Broadcast.Append(o.Broadcast)
	c.City.Append(o.City)
}

func flag(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
