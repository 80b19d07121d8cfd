package decode

import "festival/aggregate"

// maxID is the longest open string in bytes after unescaping (CONTRACT.md §1).
const maxID = 64

// maxQuantity is the largest quantity (CONTRACT.md §1).
const maxQuantity = 1_000_000

// Fields by the JSON types that they take: never a string, or a number or boolean too; all others are strings only.
const (
	neverText = 1<<aggregate.FieldQuantity | 1<<aggregate.FieldNewProduct
	alsoOther = neverText | 1<<aggregate.FieldCreatedAt | 1<<aggregate.FieldPaidAt | 1<<aggregate.FieldRefundedAt |
		1<<aggregate.FieldAmount | 1<<aggregate.FieldRedEnvelope
)

// fields reads the values that object found into o, every field of it, and marks those that are bad. They are read in
// one straight line, whatever the record's order: the processor predicts it.
func (d *Decoder) fields(o *aggregate.Order) {
	d.bad |= d.others&^alsoOther | d.texts&neverText
	o.Status = aggregate.Status(d.status())
	o.CreatedMs = d.instant(aggregate.FieldCreatedAt)
	o.PaidMs = d.instant(aggregate.FieldPaidAt)
	o.RefundedMs = d.instant(aggregate.FieldRefundedAt)
	d.money(o)
	d.ids(o)
	d.sets(o)
	o.Quantity = d.quantity()
	o.NewProduct = d.flag(aggregate.FieldNewProduct)
	o.BuyerSince = d.date(aggregate.FieldBuyerSince)
}

func (d *Decoder) ids(o *aggregate.Order) {
	o.OrderID = d.id(aggregate.FieldOrderID)
	o.MerchantID = d.id(aggregate.FieldMerchantID)
	o.RefundID = d.id(aggregate.FieldRefundID)
	o.BuyerID = d.id(aggregate.FieldBuyerID)
	o.BrandID = d.id(aggregate.FieldBrandID)
	o.ProductID = d.id(aggregate.FieldProductID)
	o.StoreID = d.id(aggregate.FieldStoreID)
	o.TeamID = d.id(aggregate.FieldTeamID)
	o.ShowID = d.id(aggregate.FieldShowID)
	o.Broadcast = d.id(aggregate.FieldBroadcast)
}

func (d *Decoder) sets(o *aggregate.Order) {
	c := &d.closed
	o.BuyerCountry = d.code(aggregate.FieldBuyerCountry, &c.countries)
	o.MerchantCountry = d.code(aggregate.FieldMerchantCountry, &c.countries)
	o.Province = d.code(aggregate.FieldProvince, &c.provinces)
	o.City = d.city(aggregate.FieldCity)
	o.Device = d.code(aggregate.FieldDevice, &c.devices)
	o.Channel = d.code(aggregate.FieldChannel, &c.channels)
	o.Marketplace = d.code(aggregate.FieldMarketplace, &c.marketplaces)
	o.Category = d.code(aggregate.FieldCategory, &c.categories)
}

// isText tells whether a field was given as a string, isOther as a number, a boolean, an object or an array.
func (d *Decoder) isText(f aggregate.Field) bool  { return d.texts>>(f&31)&1 != 0 }
func (d *Decoder) isOther(f aggregate.Field) bool { return d.others>>(f&31)&1 != 0 }

// given is the value of a field that was given as text or other.
func (d *Decoder) given(f aggregate.Field) []byte {
	t := d.place[f&31]
	return d.buf[t.s:t.e:t.e]
}

// expect marks field f bad unless ok.
func (d *Decoder) expect(f aggregate.Field, ok bool) {
	if !ok {
		d.bad |= 1 << (f & 31)
	}
}

// id gives an open string of 1 to 64 bytes, nil where it is absent.
func (d *Decoder) id(f aggregate.Field) []byte {
	if !d.isText(f) {
		return nil
	}
	t := d.given(f)
	if uint(len(t)-1) >= maxID {
		d.bad |= 1 << (f & 31)
	}
	return t
}

// code gives the code of a closed set's name, 0 where it is absent or outside.
func (d *Decoder) code(f aggregate.Field, set *lookup) uint8 {
	if !d.isText(f) {
		return 0
	}
	code := set.code(d.buf, d.place[f&31])
	if code == 0 {
		d.odd |= 1 << (f & 31)
	}
	return code
}

func (d *Decoder) status() uint8 {
	code := d.code(aggregate.FieldStatus, &d.closed.status)
	d.expect(aggregate.FieldStatus, code != 0 || !d.isText(aggregate.FieldStatus))
	return code
}

// money reads the currency, then the amounts, which only the currency's minor unit defines: without one that is known,
// the currency is what the record is rejected for, and the amounts need not be looked at.
func (d *Decoder) money(o *aggregate.Order) {
	const c, a, r = aggregate.FieldCurrency, aggregate.FieldAmount, aggregate.FieldRedEnvelope
	code := d.code(c, &d.closed.currencies)
	o.Currency, o.AmountMinor, o.EnvelopeMinor = code-1, 0, -1
	if d.currencyKnown = code != 0; !d.currencyKnown {
		d.expect(c, !d.isText(c) || capitals(d.given(c)))
		return
	}
	minor, ok := d.rates[o.Currency].Minor, true
	if d.isText(a) || d.isOther(a) {
		o.AmountMinor, ok = minorUnits(d.buf, d.place[a], minor)
		d.expect(a, ok && o.AmountMinor > 0)
	}
	if d.isText(r) || d.isOther(r) {
		o.EnvelopeMinor, ok = minorUnits(d.buf, d.place[r], minor)
		d.expect(r, ok)
	}
}

// capitals tells whether a currency has the form of one.
func capitals(t []byte) bool {
	return len(t) == 3 && capital(t[0]) && capital(t[1]) && capital(t[2])
}

func capital(c byte) bool { return c-'A' < 26 }

func (d *Decoder) quantity() int32 {
	const f = aggregate.FieldQuantity
	if !d.isOther(f) {
		return 0
	}
	v, ok := integer(d.given(f))
	d.expect(f, ok && v >= 1 && v <= maxQuantity)
	return int32(v)
}

// flag tells true and false from other types by their first letter; the value is known to be JSON.
func (d *Decoder) flag(f aggregate.Field) aggregate.Flag {
	if !d.isOther(f) || d.isText(f) { // given as both: bad already, and its place may be an empty text
		return aggregate.FlagAbsent
	}
	flag, c := aggregate.FlagTrue, d.given(f)[0]
	if c != 't' { // no branch depends on which it is: that cannot be predicted
		flag = aggregate.FlagFalse
	}
	if c|('t'^'f') != 't'|'f' { // neither; no JSON value begins with the two others that this takes for one
		d.expect(f, false)
		return aggregate.FlagAbsent
	}
	return flag
}
