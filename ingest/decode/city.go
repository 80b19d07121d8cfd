package decode

import "festival/aggregate"

// city gives a city's code if it has one of the two forms: GB/T 2260 (six digits) or UN/LOCODE (two capitals, then
// three capitals or digits from 2 to 9); else nil.
func (d *Decoder) city(f aggregate.Field) []byte {
	if !d.isText(f) {
		return nil
	}
	t := d.given(f)
	if len(t) == 6 && allDigits(t) || len(t) == 5 && locode(t) {
		return t
	}
	d.odd |= 1 << aggregate.FieldCity
	return nil
}

func allDigits(t []byte) bool {
	for _, c := range t {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

func locode(t []byte) bool {
	for i, c := range t {
		if !capital(c) && (i < 2 || c-'2' > 7) {
			return false
		}
	}
	return true
}
