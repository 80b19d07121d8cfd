package aggregate

import "math/bits"

var powers = [...]uint64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
	10_000_000_000, 100_000_000_000, 1_000_000_000_000}

// fraction128 gives fen per minor unit as mul/div: Digits / 10^Scale yuan per unit, 10^Minor minor units in a
// unit, 100 fen in a yuan. mul is below 10^14, div at most 10^10.
func fraction128(r Rate) (mul, div uint64) {
	if tens := r.Scale + r.Minor; tens >= 2 {
		return uint64(r.Digits), powers[tens-2]
	} else {
		return uint64(r.Digits) * powers[2-tens], 1
	}
}

// Fen converts an amount in minor units of Rates[currency] to CNY fen: the exact product with the sealed rate,
// rounded half to even, once per order. The amount is not negative. A result past MaxSum is given as MaxSum+1,
// which no sum holds.
func (r *Rules) Fen(amountMinor int64, currency uint8) int64 {
	rate := &r.Rates[currency]
	if rate.mul == rate.div { // Fast path: CNY.
		return min(amountMinor, MaxSum+1)
	}
	hi, lo := bits.Mul64(uint64(amountMinor), rate.mul)
	if hi >= rate.div {
		return MaxSum + 1
	}
	q, rem := bits.Div64(hi, lo, rate.div)
	if twice := rem * 2; twice > rate.div || twice == rate.div && q&1 == 1 {
		q++
	}
	return int64(min(q, MaxSum+1))
}

// UsdCents gives floor(fen / USD rate) in US cents (CONTRACT.md §4); fen is not negative. It is false without a
// USD rate, and where the cents pass MaxSum.
func (r *Rules) UsdCents(fen int64) (int64, bool) {
	i, ok := r.currencies["USD"]
	if !ok || fen < 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(uint64(fen), powers[r.Rates[i].Scale])
	if hi >= uint64(r.Rates[i].Digits) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(r.Rates[i].Digits))
	return int64(q), q <= MaxSum
}

// share gives part/whole as a decimal with four places, rounded down; nil where the whole is 0.
// 0 <= part <= whole <= MaxSum.
func share(part, whole int64) *string {
	if whole <= 0 {
		return nil
	}
	hi, lo := bits.Mul64(uint64(part), 10_000)
	q, _ := bits.Div64(hi, lo, uint64(whole))
	text := [6]byte{'0' + byte(q/10_000), '.', '0' + byte(q/1000%10), '0' + byte(q/100%10), '0' + byte(q/10%10), '0' + byte(q%10)}
	s := string(text[:])
	return &s
}
