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

	texts  uint32   // fields given as a string
	others uint32   // fields given as a value of another type, null left out
	place  [32]span // where the values of these fields stand; a field given twice: either

	trusted uint32 // fields whose text has not been looked at yet (trusted.go)
	odd     uint32 // fields with a text outside their closed set
	careful bool   // trust none
	general bool   // never go the short way; for tests

	currencyKnown bool

	guess  predictor
	day    dayCache
	flat   flat // the short way's (flat_amd64.go)
	closed closedSets
	rates  []aggregate.Rate
}

// span is a piece [s, e) of the scratch: text without quotes, unescaped, or any other value as it stands.
type span struct{ s, e int32 }

// New makes a decoder for the festival's sealed rules.
func New(rules *aggregate.Rules) *Decoder {
	return &Decoder{
		buf:    make([]byte, ScratchBytes),
		guess:  newPredictor(),
		closed: newClosedSets(rules),
		rates:  rules.Rates,
	}
}

// ScratchBytes is how long a scratch for Use has to be.
const ScratchBytes = aggregate.MaxValueBytes + pad

// Use makes the decoder read into another scratch of ScratchBytes from now on. What was read before stays valid in
// its own scratch until that one is used again: so several orders can be held at once.
func (d *Decoder) Use(scratch []byte) { d.buf = scratch[:ScratchBytes] }

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
	if !d.flatRecord(value, o) {
		if !d.read(value, o) {
			return aggregate.NotJSON
		}
		if r := d.fault(o); r != aggregate.Accepted {
			return r
		}
	}
	if kafkaMs >= 1 && o.EventMs()-kafkaMs > aggregate.FutureMs {
		return aggregate.Future(timeField[o.Status])
	}
	return aggregate.Accepted
}

// read reads all fields of the record into o, false where it is not JSON. A record in which a text was trusted wrongly is
// read twice.
func (d *Decoder) read(value []byte, o *aggregate.Order) bool {
	d.load(value)
	ok := d.object()
	if ok {
		d.fields(o)
	}
	if d.trusted != 0 && (!ok || d.deceived()) {
		d.careful = true
		ok = d.read(value, o)
		d.careful = false
	}
	return ok
}

// load copies the record into the scratch and forgets the one before.
func (d *Decoder) load(value []byte) {
	d.n = copy(d.buf, value)
	clear(d.buf[d.n : d.n+pad])
	d.seen, d.null, d.bad, d.texts, d.others, d.trusted, d.odd = 0, 0, 0, 0, 0, 0, 0
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
