package rehearsal

import (
	"bytes"
	"strings"

	"festival/aggregate"
)

// fault is one way to spoil a good record, and the reason for which it must be rejected then.
type fault struct {
	reason aggregate.Reason
	status aggregate.Status // of the record that is spoilt
	spoil  func(b []byte) []byte
	ahead  bool // the event lies in the future
}

// badness makes bad records, for every reason of the contract in turn, so that each comes early.
type badness struct {
	writer *writer
	faults []fault
	made   int64
	reason aggregate.Reason // of the last one
}

// firstBad numbers the orders of bad records, so that they are nobody else's.
const firstBad = 5_000_000_000

func newBadness(w *writer) badness { return badness{writer: w, faults: faults()} }

// next writes one bad record whose event happens at nowMs.
func (b *badness) next(key, value []byte, nowMs int64) ([]byte, []byte) {
	f := &b.faults[b.made%int64(len(b.faults))]
	e := entry{order: firstBad + b.made, status: f.status, created: nowMs - 3000, paid: nowMs - 2000, refunded: nowMs - 1000, refund: 1}
	if f.ahead {
		late := nowMs + aggregate.FutureMs + 1 + b.made%1000
		*[...]*int64{&e.created, &e.paid, &e.refunded}[f.status-1] = late
	}
	b.made++
	b.reason = f.reason
	var o order
	b.writer.catalog.draw(e.order, e.created, &o)
	value = b.writer.record(value, &o, &e)
	return b.writer.id(key, e.order), f.spoil(value)
}

// faults lists every reason of CONTRACT.md §1 at least once.
func faults() (all []fault) {
	add := func(r aggregate.Reason, s aggregate.Status, spoil func([]byte) []byte) {
		all = append(all, fault{reason: r, status: s, spoil: spoil})
	}
	for f := range aggregate.Fields {
		value := badValues[f]
		add(aggregate.Bad(f), aggregate.Paid, func(b []byte) []byte { return set(b, f, value) })
	}
	add(aggregate.Bad(aggregate.FieldAmount), aggregate.Paid, func(b []byte) []byte {
		return append(b[:len(b)-1], `,"amount":"1.00"}`...) // given twice
	})
	for _, broken := range notJSON {
		add(aggregate.NotJSON, aggregate.Paid, broken)
	}
	for _, f := range []aggregate.Field{aggregate.FieldOrderID, aggregate.FieldStatus, aggregate.FieldCurrency,
		aggregate.FieldAmount, aggregate.FieldMerchantID} {
		add(aggregate.Missing(f), aggregate.Paid, func(b []byte) []byte { return drop(b, f) })
	}
	for i, f := range []aggregate.Field{aggregate.FieldCreatedAt, aggregate.FieldPaidAt, aggregate.FieldRefundedAt} {
		s := aggregate.Status(i + 1)
		add(aggregate.Missing(f), s, func(b []byte) []byte { return set(b, f, "null") })
		all = append(all, fault{aggregate.Future(f), s, func(b []byte) []byte { return b }, true})
	}
	add(aggregate.CurrencyUnknown, aggregate.Paid, func(b []byte) []byte { return set(b, aggregate.FieldCurrency, `"XTS"`) })
	add(aggregate.TooLarge, aggregate.Paid, func(b []byte) []byte {
		return append(b[:len(b)-1], `,"note":"`+strings.Repeat("x", aggregate.MaxValueBytes)+`"}`...)
	})
	return all
}

// badValues are JSON values that each field refuses; a type, a range, a form or a repeat.
var badValues = [aggregate.Fields]string{
	`""`, `"cancelled"`, `"2026-11-11 00:00:07"`, `"2026-11-11T00:00:60+08:00"`, `1794326407`, `"RMB "`, `"-129.90"`,
	`20417`, `"` + strings.Repeat("r", 65) + `"`, `{"id":1}`, `[]`, `true`, `""`, `55`, `1.5`, `false`, `86`, `{}`, `330000`,
	`["330100"]`, `1`, `0`, `true`, `7`, `1000001`, `"-1.00"`, `"true"`, `"2026-02-30"`,
}

// notJSON are ways to break a record.
var notJSON = []func(b []byte) []byte{
	func(b []byte) []byte { return b[:len(b)/2] },
	func(b []byte) []byte { return b[:0] },
	func(b []byte) []byte { return append(b[:len(b)-1], `,}`...) },
	func(b []byte) []byte { return append(b[:len(b)-1], ",\"note\":\"\xff\"}"...) },
	func(b []byte) []byte { return append(b[:len(b)-1], `,"note":"\ud83d"}`...) },
}

// set gives a field another JSON value, or adds the field.
func set(b []byte, f aggregate.Field, value string) []byte {
	s, e := find(b, f)
	if s < 0 {
		return append(b[:len(b)-1], `,"`+f.String()+`":`+value+`}`...)
	}
	return append(append(append([]byte(nil), b[:s]...), value...), b[e:]...)
}

// drop leaves a field out.
func drop(b []byte, f aggregate.Field) []byte {
	s, e := find(b, f)
	s -= len(f.String()) + len(`"":`)
	if b[e] == ',' {
		return append(b[:s], b[e+1:]...)
	}
	return append(b[:s-1], b[e:]...)
}

// find gives the place of a field's value in a record of ours: strings without escapes, or words.
func find(b []byte, f aggregate.Field) (s, e int) {
	name := []byte(`"` + f.String() + `":`)
	if s = bytes.Index(b, name); s < 0 {
		return -1, -1
	}
	s += len(name)
	if b[s] == '"' {
		return s, s + 2 + bytes.IndexByte(b[s+1:], '"')
	}
	return s, s + bytes.IndexAny(b[s:], ",}")
}
