package decode

import (
	"encoding/binary"
	"math/bits"
)

// maxMajor is the largest amount in major units (CONTRACT.md §1).
const maxMajor = 1_000_000_000

// minorUnits reads the decimal at t of b in units of 10^-minor; see longMinorUnits for the rules.
func minorUnits(b []byte, t span, minor int) (v int64, ok bool) {
	if v, ok = shortMinorUnits(b, t, minor); ok { // Fast path
		return v, true
	}
	return longMinorUnits(b[t.s:t.e], minor)
}

// longMinorUnits reads a decimal of the form (0|[1-9][0-9]*)(\.[0-9]+)? and gives it in units of 10^-minor, exactly.
// Not ok: another form, more than maxMajor, or a digit other than 0 beyond the minor unit. Any number of digits may
// come; the value is at most 10^9 * 10^4 (the widest minor unit of data/currencies.csv), so nothing overflows.
func longMinorUnits(t []byte, minor int) (v int64, ok bool) {
	i := 0
	for ; i < len(t) && t[i]-'0' <= 9; i++ {
		if v = v*10 + int64(t[i]-'0'); v > maxMajor {
			return 0, false
		}
	}
	if i == 0 || i > 1 && t[0] == '0' {
		return 0, false
	}
	fraction := t[i:]
	if len(fraction) > 0 {
		if fraction[0] != '.' || len(fraction) == 1 {
			return 0, false
		}
		fraction = fraction[1:]
	}
	whole := v
	for i, c := range fraction {
		if c-'0' > 9 || i >= minor && c != '0' {
			return 0, false
		}
		if i < minor {
			v = v*10 + int64(c-'0')
		}
	}
	for i := len(fraction); i < minor; i++ {
		v *= 10
	}
	return v, whole < maxMajor || v == maxMajor*power10[minor]
}

// shortMinorUnits is longMinorUnits for what nearly every amount is: at most eight bytes, with a point and no more digits
// after it than the minor unit has. It has no loop over digits, whose number cannot be predicted. Not ok means only
// that the other has to look. b is readable for eight bytes from t.
func shortMinorUnits(b []byte, t span, minor int) (v int64, ok bool) {
	n := int(t.e - t.s)
	if n > 8 {
		return 0, false
	}
	x := (binary.LittleEndian.Uint64(b[t.s:]) ^ '0'*ones) & head[n][0]
	y := x ^ ('.'^'0')*ones
	point := bits.TrailingZeros64((y-ones)&^y&highs) >> 3 // bytes before the point, 8 without one
	fraction := n - 1 - point
	if fraction < 1 || fraction > minor || point < 1 || point > 1 && x&0xff == 0 {
		return 0, false
	}
	below := uint64(1)<<(8*point) - 1
	x = (x&below | x>>8&^below) << (8 * (9 - n)) // without the point, leading zeros before
	if (x+0x76*ones|x)&highs != 0 {
		return 0, false
	}
	x = (x*10 + x>>8) & 0x00ff00ff00ff00ff // pairs, fours, eight digits
	x = (x*100 + x>>16) & 0x0000ffff0000ffff
	x = (x*10000 + x>>32) & 0xffffffff
	return int64(x) * power10[minor-fraction], true
}

var power10 = [...]int64{1, 10, 100, 1000, 10000}

// integer reads digits only: no sign, fraction or exponent. Numbers over 15 digits are not ok, for all ranges of the
// contract are smaller. t is a valid JSON value, so there is no leading zero.
func integer(t []byte) (v int64, ok bool) {
	if len(t) > 15 {
		return 0, false
	}
	for _, c := range t {
		if c-'0' > 9 {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	return v, true
}
