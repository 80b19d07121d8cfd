package decode

import (
	"math/bits"

	"festival/aggregate"
)

// pad is how many zero bytes follow the record in the scratch: more than the widest load past any position, which
// is a time of 40 bytes.
const pad = 64

// Decoder reads records one after the other. It is owned by one goroutine; its scratch is 64 KiB. What it has
// learned of a producer's field order (predicted.go) and its cached calendar day change its speed, never its answer.
type Decoder struct {
	buf []byte // the record, then pad zero bytes
	n   int    // bytes of the record

	seen uint32 // fields given, null included, by bit
	null uint32 // fields given as null
	bad  uint32 // fields of a wrong type, form or range, or given twice

	currencyKnown bool
	amount        span
	envelope      span

	guess  predictor
	day    dayCache
	closed closedSets
	rates  []aggregate.Rate
}

// span is a piece [s, e) of the scratch: text without quotes, unescaped.
type span struct{ s, e int }

// New makes a decoder for the festival's sealed rules.
func New(rules *aggregate.Rules) *Decoder {
	return &Decoder{
		buf:    make([]byte, aggregate.MaxValueBytes+pad),
		guess:  newPredictor(),
		closed: newClosedSets(rules),
		rates:  rules.Rates,
	}
}

// required are the fields that every record must have; statusTime adds the one that the status names.
const required = 1<<aggregate.FieldOrderID | 1<<aggregate.FieldStatus | 1<<aggregate.FieldCurrency |
	1<<aggregate.FieldAmount | 1<<aggregate.FieldMerchantID

var (
	statusTime = [...]uint32{0, 1 << aggregate.FieldCreatedAt, 1 << aggregate.FieldPaidAt, 1 << aggregate.FieldRefundedAt}
	timeField  = [...]aggregate.Field{0, aggregate.FieldCreatedAt, aggregate.FieldPaidAt, aggregate.FieldRefundedAt}
)

// Decode reads one record value into o and gives Accepted, or the first reason that applies; o is then undefined.
// kafkaMs is the record's Kafka time in Unix milliseconds (below 1: none). value is not kept; o's byte slices alias
// the decoder's scratch and are valid until the next call.
func (d *Decoder) Decode(value []byte, kafkaMs int64, o *aggregate.Order) aggregate.Reason {
	if len(value) > aggregate.MaxValueBytes {
		return aggregate.TooLarge
	}
	d.load(value)
	*o = aggregate.Order{} // a literal with values would be built aside and copied
	o.EnvelopeMinor, o.BuyerSince = -1, aggregate.NoDate
	if !d.object(o) {
		return aggregate.NotJSON
	}
	if d.currencyKnown {
		d.money(o)
	}
	if r := d.fault(o); r != aggregate.Accepted {
		return r
	}
	if kafkaMs >= 1 && o.EventMs()-kafkaMs > aggregate.FutureMs {
		return aggregate.Future(timeField[o.Status])
	}
	return aggregate.Accepted
}

// load copies the record into the scratch and forgets the one before.
func (d *Decoder) load(value []byte) {
	d.n = copy(d.buf, value)
	clear(d.buf[d.n : d.n+pad])
	d.seen, d.null, d.bad = 0, 0, 0
	d.currencyKnown = false
	d.amount, d.envelope = span{}, span{}
}

// fault gives the reason of the first field, in the contract's order, that is bad, missing or an unknown currency.
func (d *Decoder) fault(o *aggregate.Order) aggregate.Reason {
	missing := (required | statusTime[o.Status]) &^ (d.seen &^ d.null)
	faults := d.bad | missing
	if !d.currencyKnown {
		faults |= 1 << aggregate.FieldCurrency
	}
	if faults == 0 {
		return aggregate.Accepted
	}
	f := aggregate.Field(bits.TrailingZeros32(faults))
	switch bit := uint32(1) << f; {
	case d.bad&bit != 0:
		return aggregate.Bad(f)
	case missing&bit != 0:
		return aggregate.Missing(f)
	default:
		return aggregate.CurrencyUnknown
	}
}

// money turns amount and red_envelope into minor units, which only the currency defines.
func (d *Decoder) money(o *aggregate.Order) {
	minor := d.rates[o.Currency].Minor
	if d.amount.e != 0 {
		v, ok := minorUnits(d.buf[d.amount.s:d.amount.e], minor)
		if !ok || v == 0 {
			d.bad |= 1 << aggregate.FieldAmount
		}
		o.AmountMinor = v
	}
	if d.envelope.e != 0 {
		v, ok := minorUnits(d.buf[d.envelope.s:d.envelope.e], minor)
		if !ok {
			d.bad |= 1 << aggregate.FieldRedEnvelope
		}
		o.EnvelopeMinor = v
	}
}
