package rehearsal

import (
	"math"
	"math/bits"
)

// random is splitmix64 (Steele, Lea, Flood 2014): one word of state, so one can be set up per order.
type random struct{ s uint64 }

func (r *random) next() uint64 {
	r.s += 0x9e3779b97f4a7c15
	return mix(r.s)
}

// mix is splitmix64's finalizer: a good hash of a word.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below gives a number in [0, n); its bias of n/2^64 does not matter here.
func (r *random) below(n uint64) uint64 { return scale(r.next(), n) }

// scale maps a random word to [0, n).
func scale(word, n uint64) uint64 {
	hi, _ := bits.Mul64(word, n)
	return hi
}

// share is the threshold under which a random word falls with probability p, below 1.
func share(p float64) uint64 { return uint64(p*(1<<63)) << 1 }

// alias draws from weighted choices in constant time (Vose 1991).
type alias struct {
	keep  []uint32 // of 2^32: stay at this index
	other []int32
}

func newAlias(weights []float64) alias {
	n, sum := len(weights), 0.0
	for _, w := range weights {
		sum += w
	}
	a := alias{make([]uint32, n), make([]int32, n)}
	p := make([]float64, n)
	var small, large []int
	for i, w := range weights {
		p[i] = w * float64(n) / sum
		if p[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.keep[s], a.other[s] = uint32(p[s]*math.MaxUint32), int32(l)
		if p[l] += p[s] - 1; p[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) {
		a.keep[i], a.other[i] = math.MaxUint32, int32(i)
	}
	return a
}

// draw turns one random word into an index.
func (a *alias) draw(word uint64) int {
	i := word >> 32 * uint64(len(a.keep)) >> 32
	if uint32(word) <= a.keep[i] {
		return int(i)
	}
	return int(a.other[i])
}

// quantiles tabulates n values of a distribution's inverse at the middles of n equal parts.
func quantiles(n int, inverse func(u float64) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = inverse((float64(i) + 0.5) / float64(n))
	}
	return out
}

// normal is the inverse of the standard normal distribution.
func normal(u float64) float64 { return math.Sqrt2 * math.Erfinv(2*u-1) }
