package aggregate

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"unsafe"
)

// cell is one line of a segment's table, and one cache line: 64 bytes. A segment has at most MaxStride records, so
// that counts fit 32 bits.
type cell struct {
	id                     packed // of a merchant's cell, its slot stands for the key
	head                   uint64 // a merchant's id: its first eight bytes
	gmv, mobileGmv, refund int64
	orders, mobileOrders   uint32
	created, refunds       uint32
	nameAt                 uint32 // a merchant's id: where it begins in segment.names
	nameLen                uint8
	dirty                  bool // in segment.dirty
}

func (c *cell) measures() Measures {
	return Measures{Orders: int64(c.orders), GmvFen: c.gmv, MobileOrders: int64(c.mobileOrders), MobileGmvFen: c.mobileGmv,
		Created: int64(c.created), Refunds: int64(c.refunds), RefundFen: c.refund}
}

// delta is what one event adds to each of its cells.
type delta struct {
	gmv, mobileGmv, refund                 int64
	orders, mobileOrders, created, refunds uint32
}

// deltaOf gives what an event adds. No branch depends on its status or device, which cannot be predicted.
func deltaOf(o *Order, fen int64) (d delta) {
	var created, refunded, mobile int64
	if o.Status == Created {
		created = 1
	}
	if o.Status == Refunded {
		refunded = 1
	}
	if Mobile(o.Device) {
		mobile = 1
	}
	paid := 1 - created - refunded
	mobile &= paid
	d.created, d.refunds, d.orders, d.mobileOrders = uint32(created), uint32(refunded), uint32(paid), uint32(mobile)
	d.refund, d.gmv, d.mobileGmv = fen&-refunded, fen&-paid, fen&-mobile
	return d
}

// segment holds the cells of one segment of one partition. It is reused: reset keeps the memory. A slot is an index
// into cells; cells are never removed before reset. Names are at most 64 bytes a record, so
// that 32 bits hold their places for all strides up to MaxStride.
type segment struct {
	number, first, end int64
	cells              []cell
	names              []byte   // merchant ids one after the other
	dirty              []uint32 // slots changed since the last Drain
	index              []entry  // open addressing, a power of two long, at most half full
	seed               maphash.Seed
	salt               uint64 // of packed ids' hash, random per process: places are not foreseeable
	epoch              uint64 // differs for every use, so that cached slots of an earlier use do not match
	gmv, refund        int64  // sums over all windows; each cell is at most this
	lastMs, maxEventMs int64  // the core's at the segment's end
}

// entry points to a cell: high bits of its hash, and its slot plus one; 0 is an empty entry.
type entry struct{ tag, slot uint32 }

func newSegment(seed maphash.Seed) *segment {
	return &segment{index: make([]entry, 64), seed: seed, salt: maphash.Bytes(seed, nil)}
}

func (s *segment) reset(number, first, end int64, epoch uint64) {
	s.number, s.first, s.end, s.epoch = number, first, end, epoch
	s.gmv, s.refund = 0, 0
	s.cells, s.names, s.dirty = s.cells[:0], s.names[:0], s.dirty[:0]
	clear(s.index)
}

// slot finds the cell of an id, or makes it.
func (s *segment) slot(id packed) uint32 {
	h := s.hash(id)
	mask := uint64(len(s.index) - 1)
	i := h & mask
	for ; s.index[i].slot != 0; i = (i + 1) & mask {
		if e := s.index[i]; e.tag == uint32(h>>32) && s.cells[e.slot-1].id == id {
			return e.slot - 1
		}
	}
	return s.put(i, h, cell{id: id})
}

// merchantHash is the hash of a merchant's cell in a window.
func merchantHash(seed maphash.Seed, name []byte, w uint8) uint64 {
	return maphash.Bytes(seed, name) + uint64(w)*0x9e3779b97f4a7c15
}

// prefetchEntry and prefetchCell begin to load what merchant will read first: the entry of a hash, then the cell of that
// entry.
func (s *segment) prefetchEntry(h uint64) {
	prefetch(unsafe.Pointer(&s.index[h&uint64(len(s.index)-1)]))
}

func (s *segment) prefetchCell(h uint64) {
	if slot := s.index[h&uint64(len(s.index)-1)].slot; slot != 0 {
		prefetch(unsafe.Pointer(&s.cells[slot-1]))
	}
}

// merchant finds the cell of a merchant in a window by its hash, or makes it.
func (s *segment) merchant(h uint64, name []byte, w uint8) uint32 {
	first := head(name)
	window := packed(w)<<windowShift | packed(DimMerchant)<<dimShift
	mask := uint64(len(s.index) - 1)
	i := h & mask
	for ; s.index[i].slot != 0; i = (i + 1) & mask {
		if e := s.index[i]; e.tag == uint32(h>>32) {
			c := &s.cells[e.slot-1]
			if c.head == first && c.id>>dimShift == window>>dimShift && int(c.nameLen) == len(name) &&
				(len(name) <= 8 || string(s.name(c)) == string(name)) { // most names are their head: no third wait
				return e.slot - 1
			}
		}
	}
	at := uint32(len(s.names))
	s.names = append(s.names, name...)
	return s.put(i, h, cell{id: window | packed(len(s.cells)), head: first, nameAt: at, nameLen: uint8(len(name))})
}

// head gives the first eight bytes, big endian, so that it orders as the bytes do.
func head(name []byte) uint64 {
	if len(name) >= 8 {
		return binary.BigEndian.Uint64(name)
	}
	var b [8]byte
	copy(b[:], name)
	return binary.BigEndian.Uint64(b[:])
}

// name gives the id of a merchant's cell, valid until reset.
func (s *segment) name(c *cell) []byte { return s.names[c.nameAt : c.nameAt+uint32(c.nameLen)] }

func (s *segment) put(at, hash uint64, c cell) uint32 {
	s.cells = append(s.cells, c)
	s.index[at] = entry{uint32(hash >> 32), uint32(len(s.cells))}
	if len(s.cells)*2 > len(s.index) {
		s.rehash()
	}
	return uint32(len(s.cells) - 1)
}

func (s *segment) hash(id packed) uint64 {
	hi, lo := bits.Mul64(uint64(id)^s.salt, 0x9e3779b97f4a7c15)
	return hi ^ lo
}

func (s *segment) rehash() {
	s.index = make([]entry, 2*len(s.index))
	mask := uint64(len(s.index) - 1)
	for n := range s.cells {
		c := &s.cells[n]
		h := s.hash(c.id)
		if c.id.dim() == DimMerchant {
			h = merchantHash(s.seed, s.name(c), c.id.window())
		}
		i := h & mask
		for s.index[i].slot != 0 {
			i = (i + 1) & mask
		}
		s.index[i] = entry{uint32(h >> 32), uint32(n + 1)}
	}
}

// add adds an event to a cell.
func (s *segment) add(slot uint32, d *delta) {
	c := &s.cells[slot]
	c.gmv += d.gmv
	c.mobileGmv += d.mobileGmv
	c.refund += d.refund
	c.orders += d.orders
	c.mobileOrders += d.mobileOrders
	c.created += d.created
	c.refunds += d.refunds
	if !c.dirty {
		c.dirty = true
		s.dirty = append(s.dirty, slot)
	}
}
