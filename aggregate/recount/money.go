package recount

import (
	"fmt"
	"math/big"
)

// MaxSum is the largest sum that is counted, 2^53-1 (DESIGN.md §2).
const MaxSum = 1<<53 - 1

// Fen converts an amount in minor units to CNY fen at the ledger's rate, half-even (DESIGN.md §3). An amount of
// more than MaxSum fen is an error: no cell could hold it.
func (r *Rules) Fen(currency string, minor int64) (int64, error) {
	rate, ok := r.rates[currency]
	if !ok {
		return 0, fmt.Errorf("currency %q has no rate in the ledger", currency)
	}
	fen := halfEven(new(big.Int).Mul(big.NewInt(minor), rate.num), rate.den)
	if !fen.IsInt64() || fen.Int64() > MaxSum || fen.Int64() < 0 {
		return 0, fmt.Errorf("%d minor units of %s are %s fen: past 2^53-1", minor, currency, fen)
	}
	return fen.Int64(), nil
}

// halfEven divides n >= 0 by d > 0 and rounds to the nearest integer, a tie to the even one.
func halfEven(n, d *big.Int) *big.Int {
	quotient, rest := new(big.Int).QuoRem(n, d, new(big.Int))
	switch rest.Lsh(rest, 1).Cmp(d) {
	case 1:
		return quotient.Add(quotient, big.NewInt(1))
	case 0:
		if quotient.Bit(0) == 1 {
			return quotient.Add(quotient, big.NewInt(1))
		}
	}
	return quotient
}

// UsdCents is floor(fen / USD rate), ok false where the ledger has no USD rate (DESIGN.md §3).
func (r *Rules) UsdCents(fen int64) (cents int64, ok bool) {
	rate, ok := r.rates["USD"]
	if !ok {
		return 0, false
	}
	n := new(big.Int).Mul(big.NewInt(fen), rate.yuan.Denom())
	return new(big.Int).Div(n, rate.yuan.Num()).Int64(), true // Div rounds down for a positive divisor
}
