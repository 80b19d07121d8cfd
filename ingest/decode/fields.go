package decode

import "festival/aggregate"

// maxID is the longest open string in bytes after unescaping (CONTRACT.md §1).
const maxID = 64

// maxQuantity is the largest quantity (CONTRACT.md §1).
const maxQuantity = 1_000_000

// setText stores a string value [s, e) of field f, or marks the field bad.
func (d *Decoder) setText(f aggregate.Field, s, e int, o *aggregate.Order) {
	c := &d.closed
	switch f {
	case aggregate.FieldOrderID:
		o.OrderID = d.id(f, s, e)
	case aggregate.FieldStatus:
		o.Status = aggregate.Status(c.status.code(d.buf, s, e))
		d.expect(f, o.Status != 0)
	case aggregate.FieldCreatedAt:
		o.CreatedMs = d.instant(f, s, e)
	case aggregate.FieldPaidAt:
		o.PaidMs = d.instant(f, s, e)
	case aggregate.FieldRefundedAt:
		o.RefundedMs = d.instant(f, s, e)
	case aggregate.FieldCurrency:
		d.currency(s, e, o)
	case aggregate.FieldAmount:
		d.amount = span{s, e}
		d.expect(f, s < e)
	case aggregate.FieldMerchantID:
		o.MerchantID = d.id(f, s, e)
	case aggregate.FieldRefundID:
		o.RefundID = d.id(f, s, e)
	case aggregate.FieldBuyerID:
		o.BuyerID = d.id(f, s, e)
	case aggregate.FieldBrandID:
		o.BrandID = d.id(f, s, e)
	case aggregate.FieldProductID:
		o.ProductID = d.id(f, s, e)
	case aggregate.FieldStoreID:
		o.StoreID = d.id(f, s, e)
	case aggregate.FieldTeamID:
		o.TeamID = d.id(f, s, e)
	case aggregate.FieldShowID:
		o.ShowID = d.id(f, s, e)
	case aggregate.FieldBroadcast:
		o.Broadcast = d.id(f, s, e)
	case aggregate.FieldBuyerCountry:
		o.BuyerCountry = c.countries.code(d.buf, s, e)
	case aggregate.FieldMerchantCountry:
		o.MerchantCountry = c.countries.code(d.buf, s, e)
	case aggregate.FieldProvince:
		o.Province = c.provinces.code(d.buf, s, e)
	case aggregate.FieldCity:
		o.City = city(d.buf[s:e])
	case aggregate.FieldDevice:
		o.Device = c.devices.code(d.buf, s, e)
	case aggregate.FieldChannel:
		o.Channel = c.channels.code(d.buf, s, e)
	case aggregate.FieldMarketplace:
		o.Marketplace = c.marketplaces.code(d.buf, s, e)
	case aggregate.FieldCategory:
		o.Category = c.categories.code(d.buf, s, e)
	case aggregate.FieldRedEnvelope:
		d.envelope = span{s, e}
		d.expect(f, s < e)
	case aggregate.FieldBuyerSince:
		days, ok := date(d.buf[s:e])
		o.BuyerSince = days
		d.expect(f, ok)
	case aggregate.Fields: // an unknown field: any JSON will do
	default: // quantity and new_product are no strings
		d.expect(f, false)
	}
}

// setOther stores a value [s, e) of field f that is neither string nor null: valid JSON, of any other type.
func (d *Decoder) setOther(f aggregate.Field, s, e int, o *aggregate.Order) {
	ok := false
	switch f {
	case aggregate.Fields:
		ok = true
	case aggregate.FieldCreatedAt:
		o.CreatedMs, ok = unixMs(d.buf[s:e])
	case aggregate.FieldPaidAt:
		o.PaidMs, ok = unixMs(d.buf[s:e])
	case aggregate.FieldRefundedAt:
		o.RefundedMs, ok = unixMs(d.buf[s:e])
	case aggregate.FieldAmount:
		d.amount, ok = span{s, e}, true // its form, a number's too, is looked at by money
	case aggregate.FieldRedEnvelope:
		d.envelope, ok = span{s, e}, true
	case aggregate.FieldQuantity:
		var v int64
		v, ok = integer(d.buf[s:e])
		ok = ok && v >= 1 && v <= maxQuantity
		o.Quantity = int32(v)
	case aggregate.FieldNewProduct:
		o.NewProduct, ok = flag(d.buf[s])
	}
	d.expect(f, ok)
}

// expect marks field f bad unless ok.
func (d *Decoder) expect(f aggregate.Field, ok bool) {
	if !ok {
		d.bad |= 1 << f
	}
}

// id gives an open string of 1 to 64 bytes.
func (d *Decoder) id(f aggregate.Field, s, e int) []byte {
	d.expect(f, uint(e-s-1) < maxID)
	return d.buf[s:e:e]
}

// currency reads three capital letters and finds their rate.
func (d *Decoder) currency(s, e int, o *aggregate.Order) {
	if code := d.closed.currencies.code(d.buf, s, e); code != 0 {
		o.Currency, d.currencyKnown = code-1, true
		return
	}
	t := d.buf[s:e]
	d.expect(aggregate.FieldCurrency, len(t) == 3 && capital(t[0]) && capital(t[1]) && capital(t[2]))
}

func capital(c byte) bool { return c-'A' < 26 }

// city gives a GB/T 2260 or UN/LOCODE code by its form, nil for anything else.
func city(t []byte) []byte {
	switch len(t) {
	case 5:
		if !capital(t[0]) || !capital(t[1]) {
			return nil
		}
		for _, c := range t[2:] {
			if !capital(c) && c-'2' > 7 {
				return nil
			}
		}
	case 6:
		for _, c := range t {
			if c-'0' > 9 {
				return nil
			}
		}
	default:
		return nil
	}
	return t[:len(t):len(t)]
}

// flag tells true and false from other types by their first letter; the value is known to be JSON.
func flag(first byte) (aggregate.Flag, bool) {
	switch first {
	case 't':
		return aggregate.FlagTrue, true
	case 'f':
		return aggregate.FlagFalse, true
	}
	return aggregate.FlagAbsent, false
}
