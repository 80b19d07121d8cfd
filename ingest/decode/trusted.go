package decode

import (
	"math/bits"

	"festival/aggregate"
)

// usualBytes is how long the text of some fields nearly always is. Where a quote stands at that distance, the text is
// trusted to end there without a look at its bytes: that halves the way from place to place. These are fields whose readers
// look at every byte and accept nothing that is not plain, so that an accepted value was rightly trusted.
var usualBytes = [32]int32{
	aggregate.FieldCreatedAt: usualTime, aggregate.FieldPaidAt: usualTime, aggregate.FieldRefundedAt: usualTime,
	aggregate.FieldCurrency: 3, aggregate.FieldBuyerCountry: 2, aggregate.FieldMerchantCountry: 2,
	aggregate.FieldProvince: 6, aggregate.FieldCity: 6, aggregate.FieldBuyerSince: int32(len("2006-01-02")),
}

const usualTime = int32(len("2006-01-02T15:04:05.000+08:00"))

// noBytes trusts no field.
var noBytes [32]int32

// deceived tells whether a text that was trusted, and not accepted by its reader, ends elsewhere or is no JSON string. The
// record then has to be read again, with care.
func (d *Decoder) deceived() bool {
	for doubt := d.trusted & (d.bad | d.odd); doubt != 0; doubt &= doubt - 1 {
		if t := d.place[bits.TrailingZeros32(doubt)]; plain(d.buf, int(t.s)) != int(t.e) {
			return true
		}
	}
	return false
}
