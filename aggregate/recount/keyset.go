package recount

import (
	"encoding/binary"
	"math/bits"
)

// keySet is a set of 128-bit keys that are spread evenly, as pieces of a SHA-256 are: open addressing in pieces by the first
// byte, each of which grows by a quarter when it is three quarters full. So a key takes 21 to 27 bytes, nothing doubles at
// once, and one look-up both asks and remembers. A map takes 17 to 35 bytes and five times as long.
type keySet struct{ pieces [256]keyPiece }

// keyPiece are the keys of one first byte. A free slot is zero, which the zero key cannot tell apart from itself.
type keyPiece struct {
	slots [][16]byte
	used  int
	zero  bool
}

// add tells whether a key is new.
func (s *keySet) add(key [16]byte) bool {
	p := &s.pieces[key[0]]
	if key == [16]byte{} {
		known := p.zero
		p.zero = true
		return !known
	}
	if 4*p.used >= 3*len(p.slots) {
		p.grow()
	}
	slot := p.slot(key)
	if *slot == key {
		return false
	}
	*slot = key
	p.used++
	return true
}

// slot is where a key stands, or the free place where it belongs: the first from that part of the slots on which its
// last eight bytes name.
func (p *keyPiece) slot(key [16]byte) *[16]byte {
	at, _ := bits.Mul64(binary.BigEndian.Uint64(key[8:]), uint64(len(p.slots)))
	for p.slots[at] != [16]byte{} && p.slots[at] != key {
		if at++; at == uint64(len(p.slots)) {
			at = 0
		}
	}
	return &p.slots[at]
}

func (p *keyPiece) grow() {
	old := p.slots
	p.slots = make([][16]byte, len(old)+len(old)/4+8)
	for _, key := range old {
		if key != [16]byte{} {
			*p.slot(key) = key
		}
	}
}
