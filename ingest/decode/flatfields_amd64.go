package decode

import (
	"unsafe"

	"festival/aggregate"
)

// plainFields reads the values of a flat record into o as fields does, but hardly a branch depends on what the record
// holds, and it gives false for a record that has any fault.
func (d *Decoder) plainFields(base unsafe.Pointer, o *aggregate.Order) bool {
	c := &d.closed
	status := d.plainCode(base, aggregate.FieldStatus, &c.status)
	currency := d.plainCode(base, aggregate.FieldCurrency, &c.currencies)
	given := d.seen &^ d.null
	if currency == 0 || (required|statusTime[status&3])&^given != 0 || status == 0 ||
		d.others&^alsoOther|d.texts&neverText != 0 {
		return false
	}
	o.Status, o.Currency = aggregate.Status(status), currency-1
	o.CreatedMs = d.stamp(base, aggregate.FieldCreatedAt)
	o.PaidMs = d.stamp(base, aggregate.FieldPaidAt)
	o.RefundedMs = d.stamp(base, aggregate.FieldRefundedAt)
	minor := d.rates[o.Currency].Minor
	o.AmountMinor = d.plainAmount(aggregate.FieldAmount, minor)
	o.EnvelopeMinor = d.plainAmount(aggregate.FieldRedEnvelope, minor) - int64(^given>>aggregate.FieldRedEnvelope&1)
	wrong := d.plainIDs(base, o)
	o.BuyerCountry = d.plainCode(base, aggregate.FieldBuyerCountry, &c.countries)
	o.MerchantCountry = d.plainCode(base, aggregate.FieldMerchantCountry, &c.countries)
	o.Province = d.plainCode(base, aggregate.FieldProvince, &c.provinces)
	o.City = d.plainCity(base)
	o.Device = d.plainCode(base, aggregate.FieldDevice, &c.devices)
	o.Channel = d.plainCode(base, aggregate.FieldChannel, &c.channels)
	o.Marketplace = d.plainCode(base, aggregate.FieldMarketplace, &c.marketplaces)
	o.Category = d.plainCode(base, aggregate.FieldCategory, &c.categories)
	o.Quantity = d.plainQuantity(base)
	o.NewProduct = d.plainFlag(base)
	o.BuyerSince = d.plainDate(base)
	return d.bad == 0 && wrong >= 0 && o.AmountMinor > 0
}

// plainIDs gives a negative number where an id is empty or has more than maxID bytes.
func (d *Decoder) plainIDs(base unsafe.Pointer, o *aggregate.Order) (wrong int32) {
	o.OrderID = d.plainID(base, aggregate.FieldOrderID, &wrong)
	o.MerchantID = d.plainID(base, aggregate.FieldMerchantID, &wrong)
	o.RefundID = d.plainID(base, aggregate.FieldRefundID, &wrong)
	o.BuyerID = d.plainID(base, aggregate.FieldBuyerID, &wrong)
	o.BrandID = d.plainID(base, aggregate.FieldBrandID, &wrong)
	o.ProductID = d.plainID(base, aggregate.FieldProductID, &wrong)
	o.StoreID = d.plainID(base, aggregate.FieldStoreID, &wrong)
	o.TeamID = d.plainID(base, aggregate.FieldTeamID, &wrong)
	o.ShowID = d.plainID(base, aggregate.FieldShowID, &wrong)
	o.Broadcast = d.plainID(base, aggregate.FieldBroadcast, &wrong)
	return wrong
}

// plainID gives an open string, nil where it is absent: it then has its place at 0, where no value stands.
func (d *Decoder) plainID(base unsafe.Pointer, f aggregate.Field, wrong *int32) []byte {
	t := d.place[f&31]
	n, first := t.e-t.s, (*byte)(unsafe.Add(base, t.s))
	*wrong |= (maxID - n) | (n-1)&-t.s
	if t.s == 0 {
		first = nil
	}
	return unsafe.Slice(first, n)
}

// plainCode gives the code of a closed set's name, 0 where it is absent or outside.
func (d *Decoder) plainCode(base unsafe.Pointer, f aggregate.Field, set *lookup) uint8 {
	t := d.place[f&31]
	n := int(t.e - t.s)
	if n > 16 {
		return set.long[string(d.buf[t.s:t.e])]
	}
	return set.short(wordAt(base, int(t.s)), wordAt(base, int(t.s)+8), n)
}

// plainCity gives a city's code where it has one of the two forms, else nil.
func (d *Decoder) plainCity(base unsafe.Pointer) []byte {
	const digits = 0x767676767676 // 0x7f less 9
	t := d.place[aggregate.FieldCity]
	x := wordAt(base, int(t.s))&0xffffffffffff ^ 0x303030303030
	if t.e-t.s == 6 && (x+digits|x)&highs == 0 {
		return d.buf[t.s:t.e:t.e]
	}
	if t.s == 0 {
		return nil
	}
	return d.city(aggregate.FieldCity)
}

// plainDate gives buyer_since.
func (d *Decoder) plainDate(base unsafe.Pointer) int32 {
	const f = aggregate.FieldBuyerSince
	const zeros, limits = 0x2d30302d30303030, 0x7f76767f76767676 // "0000-00-", 0x7f less 9 and 0
	t := d.place[f]
	if t.s == 0 || t.e-t.s != 10 {
		return d.date(f)
	}
	x := wordAt(base, int(t.s)) ^ zeros
	z := wordAt(base, int(t.s)+8)&0xffff ^ 0x3030
	wrong := (x+limits|x)&highs | (z+0x7676|z)&highs
	x, z = x*10+x>>8, z*10+z>>8
	year, month, day := int32(x&0xff)*100+int32(x>>16&0xff), int32(x>>40&0xff), int32(z&0xff)
	if wrong != 0 || uint32(month-1) >= 12 || day < 1 || day > 28 && day > monthDays(year, month) {
		d.bad |= 1 << f
		return aggregate.NoDate
	}
	return civil(year, month, day)
}

// stampCache remembers what the last time of another form, day or zone had: all of "2026-11-11T00:00:00.000+08:00" but
// the digits of clock and fraction.
type stampCache struct {
	date, dateEnd  uint64 // "2026-11-11T" as words
	zone, zoneMask uint64 // "+08:00" or "Z"
	n              int
	ms             int64 // of midnight in the zone
}

// stamp gives a time in Unix milliseconds, 0 where it is absent. What is absent is read at 0, where no time begins.
func (d *Decoder) stamp(base unsafe.Pointer, f aggregate.Field) int64 {
	t, c := d.place[f&31], &d.flat.stamps
	p, n := int(t.s), int(t.e-t.s)
	clock, clockBad := plainClock(wordAt(base, p+11))
	cut, cutBad := plainCut(wordAt(base, p+19))
	wrong := (wordAt(base, p) ^ c.date) | (wordAt(base, p+8)&0xffffff ^ c.dateEnd) | (wordAt(base, p+23)&c.zoneMask ^ c.zone) |
		uint64(n^c.n) | clockBad | cutBad
	if wrong&-uint64(d.texts>>f&1)|uint64(d.others>>f&1) != 0 {
		return d.otherStamp(base, f)
	}
	return (c.ms + clock + cut) & -int64(d.texts>>f&1)
}

// otherStamp reads a time of another form or day than the last, and remembers it.
func (d *Decoder) otherStamp(base unsafe.Pointer, f aggregate.Field) int64 {
	ms := d.instant(f)
	t := d.place[f&31]
	p, n := int(t.s), int(t.e-t.s)
	clock, clockBad := plainClock(wordAt(base, p+11))
	cut, cutBad := plainCut(wordAt(base, p+19))
	if zone := n - 23; (zone == 6 || zone == 1) && d.bad|d.others>>f&1 == 0 && clockBad|cutBad == 0 {
		mask := head[zone][0]
		midnight := ms - clock - cut
		if midnight >= minMs && midnight < maxMs-dayMs { // so is every time of that day
			d.flat.stamps = stampCache{wordAt(base, p), wordAt(base, p+8) & 0xffffff, wordAt(base, p+23) & mask, mask, n, midnight}
		}
	}
	return ms
}

// plainClock is clockMs; bad is not 0 where the word is no clock.
func plainClock(w uint64) (ms int64, bad uint64) {
	const (
		zeros  = 0x30303a30303a3030 // as in clockMs
		limits = 0x767a7f767a7f767d
	)
	x := w ^ zeros
	bad = (x + limits | x) & highs
	x = x*10 + x>>8
	h := x & 0xff
	return (int64(h)*3600 + int64(x>>24&0xff)*60 + int64(x>>48&0xff)) * 1000, bad | (23-h)>>63
}

// plainCut reads ".120", the first four bytes of a word.
func plainCut(w uint64) (ms int64, bad uint64) {
	const limits = 0x7676767f // 0x7f less 0 9 9 9
	x := w&0xffffffff ^ 0x3030302e
	bad = (x + limits | x) & 0x80808080
	return int64(x>>8&0xff)*100 + int64(x>>16&0xff)*10 + int64(x>>24&0xff), bad
}

// plainAmount reads amount or red_envelope, 0 where it is absent.
func (d *Decoder) plainAmount(f aggregate.Field, minor int) int64 {
	v, ok := shortMinorUnits(d.buf, d.place[f&31], minor)
	if !ok && (d.texts|d.others)>>f&1 != 0 {
		v, ok = longMinorUnits(d.given(f), minor)
		d.expect(f, ok)
	}
	return v
}

// plainQuantity reads the quantity, 0 where it is absent.
func (d *Decoder) plainQuantity(base unsafe.Pointer) int32 {
	const f = aggregate.FieldQuantity
	t := d.place[f]
	c := int32(byteAt(base, int(t.s))) - '0'
	if t.e-t.s == 1 && uint32(c-1) < 9 {
		return c
	}
	if d.others>>f&1 == 0 {
		return 0
	}
	v, ok := integer(d.given(f))
	d.expect(f, ok && c != 0 && v >= 1 && v <= maxQuantity)
	return int32(v)
}

// plainFlag reads new_product.
func (d *Decoder) plainFlag(base unsafe.Pointer) aggregate.Flag {
	const f = aggregate.FieldNewProduct
	const wordTrue, wordFalse = 't' | 'r'<<8 | 'u'<<16 | 'e'<<24, 'f' | 'a'<<8 | 'l'<<16 | 's'<<24 | 'e'<<32
	t := d.place[f]
	n := int(t.e - t.s)
	w := wordAt(base, int(t.s)) & head[uint(n)&7][0]
	flag, want, length := aggregate.FlagTrue, uint64(wordTrue), 4
	if w&0xff == 'f' {
		flag, want, length = aggregate.FlagFalse, wordFalse, 5
	}
	if w == want && n == length {
		return flag
	}
	d.expect(f, d.others>>f&1 == 0)
	return aggregate.FlagAbsent
}
