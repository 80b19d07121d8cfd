package decode

import (
	"encoding/binary"

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

// lookup finds the code of a short name by two words: open addressing, at most a quarter full. A map would hash the
// bytes one by one and costs three times as much. Names over 16 bytes are in long.
type lookup struct {
	slots []slot // a power of two of them
	shift uint8
	long  map[string]uint8
}

// slot holds a name as two little-endian words, filled with zeros, which no name that is looked up can begin with
// but which may follow: length tells "a" from "a\x00".
type slot struct {
	w0, w1 uint64
	length uint8
	code   uint8 // 0: free
}

// newLookup gives name i the code i+1.
func newLookup(names []string) lookup {
	size, shift := 8, uint8(61)
	for size < 4*len(names) {
		size, shift = 2*size, shift-1
	}
	l := lookup{slots: make([]slot, size), shift: shift, long: map[string]uint8{}}
	for i, name := range names {
		if len(name) > 16 {
			l.long[name] = uint8(i + 1)
			continue
		}
		var b [16]byte
		copy(b[:], name)
		l.insert(slot{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:]), uint8(len(name)), uint8(i + 1)})
	}
	return l
}

func (l *lookup) insert(s slot) {
	i := hash(s.w0, s.w1) >> l.shift
	for l.slots[i].code != 0 {
		i = (i + 1) & uint64(len(l.slots)-1)
	}
	l.slots[i] = s
}

// code finds the name at t; b is readable for 16 bytes from there.
func (l *lookup) code(b []byte, t span) uint8 {
	s, e := int(t.s), int(t.e)
	n := e - s
	if n > 16 {
		return l.long[string(b[s:e])]
	}
	w := b[s : s+16]
	w0 := binary.LittleEndian.Uint64(w) & head[n][0]
	w1 := binary.LittleEndian.Uint64(w[8:]) & head[n][1]
	for i := hash(w0, w1) >> l.shift; ; i++ {
		c := &l.slots[i&uint64(len(l.slots)-1)]
		if c.code == 0 || c.w0 == w0 && c.w1 == w1 && int(c.length) == n {
			return c.code
		}
	}
}

// hash spreads two words by multiplication (Fibonacci hashing; the constants are odd fractions of 2^64).
func hash(w0, w1 uint64) uint64 {
	return (w0 ^ w1*0xff51afd7ed558ccd) * 0x9e3779b97f4a7c15
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
