package decode

import (
	"encoding/binary"

	"festival/aggregate"
)

// fieldNames finds a field by its whole name without a branch on which it is: the first four bytes and the length, which no
// two names share, choose the one name that it can be.
type fieldNames struct {
	factor uint32
	name   [256]fieldName
}

// fieldName is a name as two little-endian words, their masks, and its length: one cache line. No name is as an empty entry.
type fieldName struct {
	word, mask [2]uint64
	n          uint64
	field      uint8
	_          [23]byte
}

var knownNames = newFieldNames()

func newFieldNames() *fieldNames {
	t := &fieldNames{factor: 0x9e3779b1}
	for !t.place() {
		t.factor += 2 * 0x632be59
	}
	return t
}

// place gives each name its entry, false where two names meet.
func (t *fieldNames) place() bool {
	for i := range t.name {
		t.name[i] = fieldName{n: 1 << 63, field: unknown}
	}
	for f := range unknown {
		name := aggregate.Field(f).String()
		var b [16]byte
		n := uint64(copy(b[:], name))
		w0, w1 := binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])
		l := &t.name[t.entry(w0, n)]
		if l.field != unknown {
			return false
		}
		*l = fieldName{word: [2]uint64{w0, w1}, mask: head[n], n: n, field: f}
	}
	return true
}

func (t *fieldNames) entry(word, n uint64) uint8 {
	return uint8((uint32(word) + uint32(n)*0x85ebca6b) * t.factor >> 24)
}
