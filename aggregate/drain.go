package aggregate

import (
	"fmt"
	"unsafe"
)

// spare is how many drained segments are kept for reuse: the open one and one that is complete.
const spare = 2

// maxCities is how many keys of cities a core keeps, at most about 400 KB.
const maxCities = 4096

// cellsAhead is how many cells a pass in another order than theirs in memory loads before it reads them.
const cellsAhead = 8

// Drain appends what one flush stores: the cells that changed since the last Drain, the progress, and the seals of
// all segments that end at or before next (empty ones and gaps too). next is the next offset to read: after the
// last record given, further where the log has nothing more to count below it. Sealed segments are then forgotten.
//
// The update's strings stay valid; the slices are the caller's.
func (c *Core) Drain(next int64, tail Tail, u *Update, seals []Seal) []Seal {
	if next < c.next {
		panic(fmt.Sprintf("BUG: partition %d: drained at %d, before the next offset %d", c.config.Partition, next, c.next))
	}
	c.next = next
	if next >= c.open.end {
		c.finish()
		c.open = nil
	}
	for _, s := range c.done {
		c.emit(s, s.end, u)
		seals = c.seal(s, seals)
	}
	c.free = append(c.free, c.done[:min(len(c.done), spare-len(c.free))]...)
	clear(c.done)
	c.done = c.done[:0]
	seals = c.sealEmpty(next/c.rules.Stride, seals)
	if c.open == nil {
		c.begin(next / c.rules.Stride)
	}
	c.emit(c.open, next, u)
	u.Progress = append(u.Progress, Progress{Partition: c.config.Partition, Next: next, Tail: tail,
		LastMs: c.lastMs, MaxEventMs: c.maxEventMs})
	return seals
}

// emit appends the dirty cells of a segment and makes them clean. Merchants' keys are cut out of one copy of the
// segment's names.
func (c *Core) emit(s *segment, revision int64, u *Update) {
	names := ""
	if len(s.dirty) > 0 {
		names = string(s.names)
	}
	for i, slot := range s.dirty {
		prefetch(unsafe.Pointer(&s.cells[s.dirty[min(i+cellsAhead, len(s.dirty)-1)]]))
		l := &s.cells[slot]
		l.dirty = false
		window, d := l.id.window(), l.id.dim()
		rank, since := l.id.rank()
		key := ""
		switch d {
		case DimMerchant:
			key = names[l.nameAt : l.nameAt+uint32(l.nameLen)]
		case DimCity:
			key = c.city(rank)
		default:
			key = c.keys.key(d, rank)
		}
		u.Cells = append(u.Cells, Cell{Window: window, Dim: d, Partition: c.config.Partition, Segment: s.number,
			Revision: revision, Bucket: c.keys.bucket(window, d, since), Key: key, M: l.measures()})
	}
	s.dirty = s.dirty[:0]
}

// city gives a city's key. It is kept: a festival has a few hundred cities and flushes each of them all day. The bound
// is for a producer that makes cities up, of which there are a million and a half.
func (c *Core) city(rank uint32) string {
	key, ok := c.cities[rank]
	if !ok {
		key = c.keys.key(DimCity, rank)
		if len(c.cities) < maxCities {
			c.cities[rank] = key
		}
	}
	return key
}

// seal appends the seal of a complete segment, after those of the empty ones before it.
func (c *Core) seal(s *segment, seals []Seal) []Seal {
	seals = c.sealEmpty(s.number, seals)
	return c.sealOne(s, s.lastMs, s.maxEventMs, seals)
}

// sealEmpty appends the seals of segments without records, up to but without the given one. A gap holds no record,
// so that the times are those of the seal before; only the segments before the first record of a ledger have none.
func (c *Core) sealEmpty(until int64, seals []Seal) []Seal {
	for c.sealed < until {
		seals = c.sealOne(nil, c.sealedMs, c.sealedEventMs, seals)
	}
	return seals
}

func (c *Core) sealOne(s *segment, lastMs, maxEventMs int64, seals []Seal) []Seal {
	stride := c.rules.Stride
	seal := Seal{Partition: c.config.Partition, Segment: c.sealed, First: max(c.sealed*stride, c.config.LogStart),
		End: (c.sealed + 1) * stride, LastMs: lastMs, MaxEventMs: maxEventMs, Prev: c.prev}
	c.sealer.start(&seal, c.config.Ledger)
	c.sealer.segment(s, c.keys)
	seal.Hash = c.sealer.sum()
	if s != nil {
		seal.Cells = int64(len(s.cells))
	}
	c.sealed, c.prev = c.sealed+1, seal.Hash
	c.sealedMs, c.sealedEventMs = lastMs, maxEventMs
	return append(seals, seal)
}
