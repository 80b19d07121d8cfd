package rehearsal

import (
	"math/big"
	"math/bits"
	"strconv"

	"festival/aggregate"
)

// maxMajor keeps amounts under the contract's bound of 10^9 major units.
const maxMajor = 900_000_000

var power10 = [...]uint64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12}

// fromFen gives about what an amount in fen is in a currency's minor units: at least 1, at most maxMajor.
func fromFen(fen int64, r *aggregate.Rate) int64 {
	most := maxMajor * power10[r.Minor]
	hi, lo := bits.Mul64(uint64(fen), power10[r.Minor+r.Scale])
	divisor := uint64(r.Digits) * 100
	if hi >= divisor {
		return int64(most)
	}
	minor, _ := bits.Div64(hi, lo, divisor)
	return int64(max(1, min(minor, most)))
}

// toFen is the exact conversion that the answer sheet counts with: minor units at the sealed rate, half-even
// (DESIGN.md §3). Yuan, by far the most, need no arithmetic.
func toFen(minor int64, r *aggregate.Rate) int64 {
	if r.Currency == "CNY" {
		return minor
	}
	// fen = minor / 10^Minor * Digits / 10^Scale * 100
	num := new(big.Int).Mul(big.NewInt(minor), big.NewInt(r.Digits))
	num.Mul(num, big.NewInt(100))
	den := new(big.Int).SetUint64(power10[r.Minor+r.Scale])
	fen, rest := num.QuoRem(num, den, new(big.Int))
	switch rest.Lsh(rest, 1).Cmp(den) {
	case 1:
		fen.Add(fen, big.NewInt(1))
	case 0:
		fen.Add(fen, big.NewInt(int64(fen.Bit(0))))
	}
	return fen.Int64()
}

// appendAmount writes minor units as a decimal in major units.
func appendAmount(b []byte, minor int64, digits int) []byte {
	unit := int64(power10[digits])
	b = strconv.AppendInt(b, minor/unit, 10)
	if digits == 0 {
		return b
	}
	return appendPadded(append(b, '.'), uint64(minor%unit), digits)
}

// appendPadded writes n with at least width digits.
func appendPadded(b []byte, n uint64, width int) []byte {
	for ; width > 1 && n < power10[width-1]; width-- {
		b = append(b, '0')
	}
	return strconv.AppendUint(b, n, 10)
}
