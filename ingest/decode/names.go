package decode

import (
	"encoding/binary"
	"unsafe"

	"festival/aggregate"
)

// fieldNames finds a field by its whole name without a branch on which it is: the first four bytes and the length, which no
// two names share, choose the one name that it can be. The last entry is that of all unknown names.
type fieldNames struct {
	factor uint32
	name   [257]fieldName
}

// fieldName is a name as two little-endian words, their masks, and its length with its quotes and the mark before it; its
// field as a bit, and where the field's place lies: one cache line. No name is as an empty entry.
type fieldName struct {
	word, mask [2]uint64
	gap        uint64
	bit        uint32
	place      uint32 // in bytes behind the first
	_          [16]byte
}

// nameGap is what a name's place, from the mark before it to the colon, has besides the name.
const nameGap = 3

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
		t.name[i] = fieldName{gap: 1 << 63, place: unknownPlace * uint32(unsafe.Sizeof(span{}))}
	}
	for f := range unknown {
		name := aggregate.Field(f).String()
		var b [16]byte
		n := uint64(copy(b[:], name))
		w0, w1 := binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])
		l := t.entry(w0, n+nameGap)
		if l.bit != 0 {
			return false
		}
		*l = fieldName{word: [2]uint64{w0, w1}, mask: head[n], gap: n + nameGap, bit: 1 << f, place: uint32(f) * uint32(unsafe.Sizeof(span{}))}
	}
	return true
}

// unknownPlace is a place that no field has; what is noted there nobody reads.
const unknownPlace = 31

// entry gives the one name that it can be.
func (t *fieldNames) entry(word, gap uint64) *fieldName {
	return &t.name[uint8((uint32(word)+uint32(gap)*0x85ebca6b)*t.factor>>24)]
}

// none is the entry of an unknown name.
func (t *fieldNames) none() *fieldName { return &t.name[256] }
