package aggregate

import (
	"hash/maphash"
	"math/bits"
	"strings"
)

// cell is one line of a segment's table. A segment has at most MaxStride records, so that counts fit 32 bits.
type cell struct {
	id                     packed
	gmv, mobileGmv, refund int64
	orders, mobileOrders   uint32
	created, refunds       uint32
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

// segment holds the cells of one segment of one partition. It is reused: reset keeps the memory. A slot is an index
// into cells; cells are never removed before reset.
type segment struct {
	number, first, end int64
	cells              []cell
	dirty              []uint32 // slots changed since the last Drain
	index              []entry  // open addressing by packed id, a power of two long, at most half full
	merchants          merchants
	seed               uint64 // of the index's hash, random per process: places are not foreseeable
	epoch              uint64 // differs for every use, so that cached slots of an earlier use do not match
	gmv, refund        int64  // sums over all windows; each cell is at most this
	lastMs, maxEventMs int64  // the core's at the segment's end
}

type entry struct {
	id   packed
	slot uint32 // plus one, 0 is an empty entry
}

func newSegment(seed maphash.Seed) *segment {
	s := &segment{index: make([]entry, 64), seed: maphash.Bytes(seed, nil)}
	s.merchants = merchants{seed: seed, index: make([]merchantEntry, 64)}
	return s
}

func (s *segment) reset(number, first, end int64, epoch uint64) {
	s.number, s.first, s.end, s.epoch = number, first, end, epoch
	s.gmv, s.refund = 0, 0
	s.cells, s.dirty = s.cells[:0], s.dirty[:0]
	clear(s.index)
	s.merchants.reset()
}

// slot finds the cell of an id, or makes it.
func (s *segment) slot(id packed) uint32 {
	mask := uint64(len(s.index) - 1)
	i := s.hash(id) & mask
	for s.index[i].slot != 0 {
		if s.index[i].id == id {
			return s.index[i].slot - 1
		}
		i = (i + 1) & mask
	}
	s.cells = append(s.cells, cell{id: id})
	s.index[i] = entry{id, uint32(len(s.cells))}
	if len(s.cells)*2 > len(s.index) {
		s.rehash()
	}
	return uint32(len(s.cells) - 1)
}

func (s *segment) hash(id packed) uint64 {
	hi, lo := bits.Mul64(uint64(id)^s.seed, 0x9e3779b97f4a7c15)
	return hi ^ lo
}

func (s *segment) rehash() {
	s.index = make([]entry, 2*len(s.index))
	mask := uint64(len(s.index) - 1)
	for n := range s.cells {
		i := s.hash(s.cells[n].id) & mask
		for s.index[i].slot != 0 {
			i = (i + 1) & mask
		}
		s.index[i] = entry{s.cells[n].id, uint32(n + 1)}
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

// merchants numbers the merchants of one segment as they come. Ids are copied into blocks that are only appended
// to, so that a cell's Key may be kept by its reader (it holds its block of 64 KiB in memory).
type merchants struct {
	seed  maphash.Seed
	list  []merchant
	index []merchantEntry
	block strings.Builder
}

type merchant struct {
	id     string
	window uint8  // of the slot
	slot   uint32 // of the merchant's cell in that window, plus one
}

type merchantEntry struct{ hash, number uint32 } // number plus one, 0 is an empty entry

const merchantBlock = 64 << 10

func (m *merchants) reset() {
	clear(m.list)
	m.list = m.list[:0]
	clear(m.index)
}

// number finds a merchant, or gives it the next number.
func (m *merchants) number(id []byte) uint32 {
	h := maphash.Bytes(m.seed, id)
	mask := uint64(len(m.index) - 1)
	i := h & mask
	for ; m.index[i].number != 0; i = (i + 1) & mask {
		if e := m.index[i]; e.hash == uint32(h>>32) && m.list[e.number-1].id == string(id) {
			return e.number - 1
		}
	}
	m.list = append(m.list, merchant{id: m.keep(id)})
	m.index[i] = merchantEntry{uint32(h >> 32), uint32(len(m.list))}
	if len(m.list)*2 > len(m.index) {
		m.rehash()
	}
	return uint32(len(m.list) - 1)
}

func (m *merchants) keep(id []byte) string {
	if m.block.Cap()-m.block.Len() < len(id) {
		m.block = strings.Builder{}
		m.block.Grow(max(merchantBlock, len(id)))
	}
	at := m.block.Len()
	m.block.Write(id)
	return m.block.String()[at:]
}

func (m *merchants) rehash() {
	m.index = make([]merchantEntry, 2*len(m.index))
	mask := uint64(len(m.index) - 1)
	for n := range m.list {
		h := maphash.String(m.seed, m.list[n].id)
		i := h & mask
		for m.index[i].number != 0 {
			i = (i + 1) & mask
		}
		m.index[i] = merchantEntry{uint32(h >> 32), uint32(n + 1)}
	}
}
