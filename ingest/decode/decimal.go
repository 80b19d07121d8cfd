package decode

// maxMajor is the largest amount in major units (CONTRACT.md §1).
const maxMajor = 1_000_000_000

// minorUnits reads a decimal of the form (0|[1-9][0-9]*)(\.[0-9]+)? and gives it in units of 10^-minor, exactly.
// Not ok: another form, more than maxMajor, or a digit other than 0 beyond the minor unit. Any number of digits may
// come; the value is at most 10^9 * 10^4 (the widest minor unit of data/currencies.csv), so nothing overflows.
func minorUnits(t []byte, minor int) (v int64, ok bool) {
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
