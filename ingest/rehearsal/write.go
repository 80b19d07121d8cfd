package rehearsal

import (
	"strconv"
	"time"

	"festival/aggregate"
)

// writer writes records as JSON in the contract's field order, without white space, which is the order that the
// decoder guesses first. Times are in China's zone, as the shop's own systems write them.
type writer struct {
	prefix   string // of order ids: date, second of the day, seed
	catalog  *catalogue
	channels []string // pieces of the record, by code
	category []string
	minutes  [64]minute
}

// minute caches "2026-11-11T00:00:" by Unix minute: a stream's times fall into few minutes.
type minute struct {
	at   int64
	text [17]byte
}

const zoneMs = 8 * 3600 * 1000 // +08:00

var (
	shows      = [...]string{"gala-1", "gala-2", "gala-3", "fashion-1", "fashion-2", "livestream-night", "preview-1", "preview-2"}
	broadcasts = [...]string{"youku", "zjtv", "bilibili", "dragontv"}
	firstDay   = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
)

// newWriter makes a writer. Ids of two runs differ wherever their start's second or, but for one in a thousand, their
// seed differs.
func newWriter(c Config, k *catalogue) *writer {
	start := time.UnixMilli(c.StartMs + zoneMs).UTC()
	second := start.Hour()*3600 + start.Minute()*60 + start.Second()
	id := appendPadded([]byte(start.Format("060102")), uint64(second), 5)
	w := &writer{prefix: string(appendPadded(id, mix(c.Seed)%1000, 3)), catalog: k}
	for _, name := range aggregate.Channels.Names() {
		w.channels = append(w.channels, `,"channel":"`+name+`","device":"`)
	}
	for code, name := range c.Rules.Categories.Names() {
		piece := `,"category":` + strconv.Quote(name)
		if code == 0 {
			piece = ""
		}
		w.category = append(w.category, piece+`,"brand_id":"br`)
	}
	return w
}

// id writes an order id: digits only.
func (w *writer) id(b []byte, number int64) []byte {
	return appendPadded(append(b, w.prefix...), uint64(number), 7)
}

// record writes one event of an order.
func (w *writer) record(b []byte, o *order, e *entry) []byte {
	b = w.id(append(b, `{"order_id":"`...), o.number)
	b = append(b, `","status":"`...)
	b = append(b, e.status.String()...)
	b = w.events(append(b, '"'), o, e)
	rate := &w.catalog.rules.Rates[o.rate]
	b = append(append(b, `,"currency":"`...), rate.Currency...)
	b = append(b, `","amount":"`...)
	amount := o.minor
	if e.status == aggregate.Refunded {
		amount = o.part
	}
	b = appendAmount(b, amount, rate.Minor)
	b = strconv.AppendInt(append(b, `","merchant_id":"m`...), int64(o.merchant+1), 10)
	b = strconv.AppendUint(append(b, `","buyer_id":"b`...), 10_000_000+o.buyer, 10)
	b = append(append(b, '"'), o.place.text...)
	b = append(b, o.shop.from...)
	b = append(append(b, w.channels[o.channel]...), deviceNames[o.device]...)
	b = append(append(b, '"'), w.category[o.category]...)
	b = strconv.AppendInt(b, int64(o.merchant%brands+1), 10)
	b = strconv.AppendInt(append(b, `","product_id":"p`...), int64(o.merchant*products+o.product+10_000), 10)
	b = append(b, `","new_product":`...)
	b = strconv.AppendBool(b, o.fresh)
	b = strconv.AppendUint(append(b, `,"quantity":`...), o.quantity, 10)
	return append(w.extras(b, o, rate.Minor), '}')
}

// events writes the times that have happened, and a refund's id.
func (w *writer) events(b []byte, o *order, e *entry) []byte {
	b = w.time(append(b, `,"created_at":"`...), e.created)
	if e.status >= aggregate.Paid {
		b = w.time(append(b, `","paid_at":"`...), e.paid)
	}
	if e.status == aggregate.Refunded {
		b = w.time(append(b, `","refunded_at":"`...), e.refunded)
		b = w.id(append(b, `","refund_id":"r`...), o.number)
		b = append(b, '-', '0'+e.refund)
	}
	return append(b, '"')
}

// extras writes the fields that not every order has.
func (w *writer) extras(b []byte, o *order, digits int) []byte {
	if o.store > 0 {
		b = append(strconv.AppendUint(append(b, `,"store_id":"s`...), o.store, 10), '"')
	}
	if o.envelope >= 0 {
		b = append(appendAmount(append(b, `,"red_envelope":"`...), o.envelope, digits), '"')
	}
	if o.team > 0 {
		b = append(strconv.AppendUint(append(b, `,"team_id":"t`...), o.team, 10), '"')
	}
	if o.show > 0 {
		b = append(append(append(b, `,"show_id":"`...), shows[o.show-1]...), '"')
	}
	if o.cast > 0 {
		b = append(append(append(b, `,"broadcast":"`...), broadcasts[o.cast-1]...), '"')
	}
	if o.since > 0 {
		b = append(b, `,"buyer_since":"`...)
		b = append(firstDay.AddDate(0, 0, -int(o.since)).AppendFormat(b, time.DateOnly), '"')
	}
	return b
}

// time writes Unix milliseconds as RFC 3339 with three decimals.
func (w *writer) time(b []byte, ms int64) []byte {
	at := ms / 60_000
	m := &w.minutes[at%64]
	if m.at != at {
		m.at = at
		time.UnixMilli(at*60_000+zoneMs).UTC().AppendFormat(m.text[:0], "2006-01-02T15:04:")
	}
	b = append(b, m.text[:]...)
	rest := uint64(ms % 60_000)
	b = appendPadded(b, rest/1000, 2)
	b = appendPadded(append(b, '.'), rest%1000, 3)
	return append(b, "+08:00"...)
}
