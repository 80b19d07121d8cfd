package decode

import (
	"encoding/binary"
	"math/bits"

	"festival/aggregate"
)

// closedSets are the look-ups of names that may stand in a record. Code 0 is always "not in the set".
type closedSets struct {
	names                    lookup // field names; code is the field and 1
	status                   lookup // code is the aggregate.Status
	currencies               lookup // code is the index of the rate and 1
	countries, provinces     lookup
	devices, channels        lookup
	marketplaces, categories lookup
}

func newClosedSets(rules *aggregate.Rules) closedSets {
	var fields, status, rates []string
	for f := range aggregate.Fields {
		fields = append(fields, f.String())
	}
	for s := aggregate.Created; s <= aggregate.Refunded; s++ {
		status = append(status, s.String())
	}
	for _, r := range rules.Rates {
		rates = append(rates, r.Currency)
	}
	return closedSets{
		names: newLookup(fields), status: newLookup(status), currencies: newLookup(rates),
		countries: newLookup(names(aggregate.Countries)), provinces: newLookup(names(aggregate.Provinces)),
		devices: newLookup(names(aggregate.Devices)), channels: newLookup(names(aggregate.Channels)),
		marketplaces: newLookup(names(rules.Marketplaces)), categories: newLookup(names(rules.Categories)),
	}
}

// names are a set's names without Unknown, so that position i has code i+1; a nil set has none.
func names(s *aggregate.Set) []string {
	if s == nil {
		return nil
	}
	return s.Names()[1:]
}

// lookup finds the code of a short name by two words, without a branch on which it is: a factor is chosen so that no two
// names of the set meet (perfect hashing). A map would hash the bytes one by one and costs three times as much. Names over
// 16 bytes are in long.
type lookup struct {
	index  []uint8 // by hash: the code of the only name that it can be, 0 none; a power of two long
	names  *[256]word16
	factor uint64
	shift  uint8
	long   map[string]uint8
}

// word16 holds a name as two little-endian words, filled with zeros, and its length, which tells "a" from "a\x00".
type word16 struct{ w0, w1, n uint64 }

// newLookup gives name i the code i+1; there are at most 255.
func newLookup(names []string) lookup {
	l := lookup{names: &[256]word16{}, long: map[string]uint8{}}
	l.names[0].n = 1 << 63 // as no name
	for i, name := range names {
		var b [16]byte
		if n := copy(b[:], name); n == len(name) {
			l.names[i+1] = word16{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:]), uint64(n)}
		} else {
			l.long[name] = uint8(i + 1)
		}
	}
	l.factor = 0x9e3779b97f4a7c15
	for tries, size := 0, 8; !l.place(size, len(names)); tries++ {
		l.factor += 2 * 0x632be59bd9b4e019
		if tries&63 == 63 {
			size *= 2
		}
	}
	return l
}

// place gives each name its entry in an index of a size, false where two meet.
func (l *lookup) place(size, names int) bool {
	l.index, l.shift = make([]uint8, size), uint8(64-bits.TrailingZeros(uint(size)))
	for code := 1; code <= names; code++ {
		if w := l.names[code]; w.n != 0 {
			e := &l.index[l.hash(w.w0, w.w1, w.n)]
			if *e != 0 {
				return false
			}
			*e = uint8(code)
		}
	}
	return true
}

// hash spreads two words and a length by multiplication (Fibonacci hashing).
func (l *lookup) hash(w0, w1, n uint64) uint64 {
	return (w0 ^ (w1+n)*0xff51afd7ed558ccd) * l.factor >> l.shift
}

// code finds the name at t; b is readable for 16 bytes from there.
func (l *lookup) code(b []byte, t span) uint8 {
	s, e := int(t.s), int(t.e)
	if e-s > 16 {
		return l.long[string(b[s:e])]
	}
	w := b[s : s+16]
	return l.short(binary.LittleEndian.Uint64(w), binary.LittleEndian.Uint64(w[8:]), e-s)
}

// short finds a name of n bytes, at most 16, given as two words with whatever follows it.
func (l *lookup) short(w0, w1 uint64, n int) uint8 {
	h := &head[n]
	w0, w1 = w0&h[0], w1&h[1]
	code := l.index[l.hash(w0, w1, uint64(n))]
	if e := &l.names[code]; (w0^e.w0)|(w1^e.w1)|(uint64(n)^e.n) != 0 {
		code = 0
	}
	return code
}

// head[n] keeps the first n bytes of two words.
var head = makeHead()

func makeHead() (m [17][2]uint64) {
	for n := range m {
		for i := range n {
			m[n][i/8] |= 0xff << (8 * (i % 8))
		}
	}
	return m
}
