package sql

import (
	"container/list"
	"sync"
	"unsafe"
)

// RolledPartsBytes bounds what a Store remembers of answers' unchanging parts: ten curves of a day by the second.
const RolledPartsBytes = 64 << 20

// part is what a question gets of something that never changes: a run of a roll-up, or raw orders below positions. It is
// shared by all who asked, so nobody changes it.
type part struct {
	points []Point
	keys   []KeySum

	guard     string          // of points from raw orders: the ledger's gaps
	positions map[int32]int64 // of points from raw orders: up to which offsets
}

// partBytes is what a part is counted as; keys' texts at most their usual length.
func (p *part) bytes() int64 {
	return 512 + int64(cap(p.points))*int64(unsafe.Sizeof(Point{})) + int64(cap(p.keys))*int64(unsafe.Sizeof(KeySum{})+16) + int64(len(p.positions))*16
}

// rolledParts remembers parts by question; the ones not asked for longest go first. The zero value is empty and ready.
type rolledParts struct {
	mu    sync.Mutex
	bytes int64
	order list.List // of *namedPart, the one asked for last in front
	at    map[string]*list.Element
}

type namedPart struct {
	question string
	*part
}

func (m *rolledParts) get(question string) *part {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.at[question]
	if e == nil {
		return nil
	}
	m.order.MoveToFront(e)
	return e.Value.(*namedPart).part
}

// put remembers a part in place of the one that the question had. One that is larger than the bound is not remembered.
func (m *rolledParts) put(question string, p *part) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(m.at[question])
	if p.bytes() > RolledPartsBytes {
		return
	}
	for m.bytes+p.bytes() > RolledPartsBytes {
		m.drop(m.order.Back())
	}
	if m.at == nil {
		m.at = map[string]*list.Element{}
	}
	m.at[question] = m.order.PushFront(&namedPart{question, p})
	m.bytes += p.bytes()
}

func (m *rolledParts) drop(e *list.Element) {
	if e == nil {
		return
	}
	n := m.order.Remove(e).(*namedPart)
	delete(m.at, n.question)
	m.bytes -= n.bytes()
}

func (m *rolledParts) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bytes, m.at = 0, nil
	m.order.Init()
}

// RolledParts is how many bytes of answers' unchanging parts are remembered: at most RolledPartsBytes.
func (s *Store) RolledParts() int64 {
	s.parts.mu.Lock()
	defer s.parts.mu.Unlock()
	return s.parts.bytes
}
