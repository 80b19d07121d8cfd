package decode

import (
	"math/bits"
	"unsafe"

	"festival/aggregate"
)

// flatBytes is the longest record that goes the short way, flatMarks how many marks it can have, and one step of marks more.
const (
	flatBytes = 2048
	flatMarks = flatBytes + 32
)

// flat is what the short way needs besides.
type flat struct {
	at     [flatMarks]uint16
	stamps stampCache
	failed uint8 // records in a row that could not go the short way
	waits  uint8 // records that are not tried after so many
}

// A producer whose records never can go the short way, because they have white space, costs a try in every 32 records.
const (
	flatPatience = 16
	flatWait     = 31
)

// flatRecord reads a record that is one flat object of plain strings, numbers, true, false and null, without white space, and
// has no fault: nearly every record. It reads nothing by halves: where it gives false, the record has to be read the
// general way, which alone says what is wrong with it.
func (d *Decoder) flatRecord(value []byte, o *aggregate.Order) bool {
	f := &d.flat
	if f.waits > 0 {
		f.waits--
		return false
	}
	if d.flatObject(value) && d.plainFields(unsafe.Pointer(unsafe.SliceData(d.buf)), o) {
		f.failed = 0
		return true
	}
	if f.failed++; f.failed >= flatPatience {
		f.failed, f.waits = flatPatience-1, flatWait
	}
	return false
}

// flatObject finds the values of a flat object.
//
// Why what it accepts is JSON: the first byte is '{', the last '}'; marks says that between them a name, a string, and a
// value stand in turn, parted by colons and commas; a value that begins with a quote is a string and nothing more,
// since a mark follows its end; any other value is read to its last byte by a reader that knows its form.
//
// All places are below n, which is at most flatBytes; no load reaches further than 40 bytes behind one: so loads from the
// scratch need no check of bounds.
func (d *Decoder) flatObject(value []byte) bool {
	n := len(value)
	if n < 2 || n > flatBytes || !hasMarks || d.general {
		return false
	}
	base := unsafe.Pointer(unsafe.SliceData(d.buf))
	count := marks(&d.flat.at[0], (*byte)(base), unsafe.SliceData(value), n)
	if count < 3 || count&1 == 0 || byteAt(base, 0) != '{' || byteAt(base, n-1) != '}' {
		return false
	}
	d.n = n
	return d.members(base, count/2) && d.plainOthers()
}

// members notes where the values stand. No step depends on the one before, and no branch on what the record holds, but for
// unknown fields: which fields are left out, and how long values are, cannot be predicted.
func (d *Decoder) members(base unsafe.Pointer, members int) bool {
	d.place = [32]span{}
	names, places := knownNames, unsafe.Pointer(&d.place)
	at := unsafe.Pointer(&d.flat.at)
	end := unsafe.Add(at, 4*members)
	var seen, texts uint32
	known := members
	for ; at != end; at = unsafe.Add(at, 4) {
		p, c, e := int(*(*uint16)(at)), int(*(*uint16)(unsafe.Add(at, 2))), int(*(*uint16)(unsafe.Add(at, 4)))
		gap := uint64(c - p)
		w := wordAt(base, p+2)
		l := names.entry(w, gap)
		text := uint32(0)
		if byteAt(base, c+1) == '"' {
			text = 1
		}
		if (w&l.mask[0]^l.word[0])|(wordAt(base, p+10)&l.mask[1]^l.word[1])|(gap^l.gap) != 0 {
			if text == 0 {
				return false
			}
			l = names.none()
			known--
		}
		*(*span)(unsafe.Add(places, l.place)) = span{int32(c+1) + int32(text), int32(e) - int32(text)}
		seen |= l.bit
		texts |= l.bit & -text
	}
	d.seen, d.texts, d.others, d.null, d.bad, d.odd, d.trusted = seen, texts, seen&^texts, 0, 0, 0, 0
	return bits.OnesCount32(seen) == known // else a field is given twice
}

// plainOthers checks that what is no text is JSON. Booleans and quantities, which every record has, are left to their
// readers.
func (d *Decoder) plainOthers() bool {
	for rest := d.others &^ neverText; rest != 0; rest &= rest - 1 {
		f := bits.TrailingZeros32(rest)
		t := d.place[f]
		switch {
		case string(d.buf[t.s:t.e]) == "null":
			d.null |= 1 << f
			d.others &^= 1 << f
			d.place[f] = span{}
		case number(d.buf, int(t.s)) != int(t.e):
			return false
		}
	}
	return true
}

func byteAt(base unsafe.Pointer, p int) byte   { return *(*byte)(unsafe.Add(base, p)) }
func wordAt(base unsafe.Pointer, p int) uint64 { return *(*uint64)(unsafe.Add(base, p)) }
