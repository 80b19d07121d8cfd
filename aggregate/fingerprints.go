package aggregate

import (
	"errors"
	"fmt"
	"math/bits"
	"unsafe"
)

// ErrFull says that a set of fingerprints is at its limit. The partition stops: without the set nothing is counted.
var ErrFull = errors.New("fingerprints: the set is at its limit; raise the limit (ingest.events, 24 bytes each) or the number of processes")

// ErrStatus says that a raw row has a status that no decoder gives. Without a status it has no event, and the same event
// of the log would be counted again.
var ErrStatus = errors.New("fingerprints: a stored order's status is none of 1 created, 2 paid, 3 refunded; " +
	"the store was altered, `festival verify` tells more")

// Fingerprints is the set of all events of a partition so far. It has one owner and no locks; the sets of different
// partitions are independent and may be rebuilt at the same time.
//
// All events of one order that have no refund_id are one entry with a bit each (Print), so that they cost 16 bytes and
// one cache line together. Entries lie in lines of four, one cache line each: in the line that their hash scales to,
// their home, or in the next one behind it that had room. Larger hashes never have a smaller home, and nothing is ever
// removed; so the set grows in place, from its end to its beginning, a few lines with each new entry (grow.go), and
// Add never pauses. The load is between 0.68 and 0.8: 20 to 23.4 bytes an entry, which an order of two events
// halves, and at most one chunk (512 KiB) more. A set of less than 8 MiB doubles, and then takes up to 41 bytes an entry.
// A fuller set is a slower one: at 0.85 a new entry is placed four lines behind its home, at 0.75 one.
type Fingerprints struct {
	chunks [][]line
	lines  uint64 // that all chunks have places for
	taken  uint64 // of them that have memory
	homes  uint64 // how many lines are homes; behind them follow those that overflow
	growth
	moving  []Print // reused by step
	due     int64   // at how many entries something is to be done for the growth
	limit   int64
	n       int64 // events
	entries int64
}

// line is a cache line of entries, filled from the first one on. An entry without event bits is empty.
type line [4]Print

const (
	chunkShift = 13 // 8,192 lines, 512 KiB
	chunkLines = 1 << chunkShift
	firstLines = 64 // a set begins with 4 KiB; its first chunk doubles up to chunkLines
)

// NewFingerprints makes an empty set that refuses to hold more than limit events; 0 or less means no limit.
func NewFingerprints(limit int64) *Fingerprints {
	f := &Fingerprints{limit: limit, homes: firstLines / 2, growth: idle, lines: firstLines, taken: firstLines, chunks: [][]line{make([]line, firstLines)}}
	f.await()
	return f
}

// SetLimit changes the limit, for instance when the process gets or loses partitions.
func (f *Fingerprints) SetLimit(limit int64) { f.limit = limit }

// Len is the number of events in the set.
func (f *Fingerprints) Len() int64 { return f.n }

// Bytes is the memory that the set takes.
func (f *Fingerprints) Bytes() int64 { return int64(f.taken)*64 + int64(cap(f.chunks))*24 }

// Add puts an event into the set; added is false where it was there already. ErrFull leaves the set as it was.
//
// Whether an order is there already, and where in its line, cannot be predicted: no branch depends on either. What is
// left to predict is whether a line is full.
func (f *Fingerprints) Add(p Print) (added bool, err error) {
	if f.limit > 0 && f.n >= f.limit {
		return f.addFull(p)
	}
	home := f.home(p.Hi)
	for at := home; ; at++ {
		if at >= f.front && home < f.front { // no place is left before the lines that are already moved
			f.step()
			return f.Add(p)
		}
		l := f.line(at)
		if i := l.place(p); i < len(l) {
			e := &l[i]
			old, event := e.Lo&eventBits, p.Lo&eventBits
			e.Hi, e.Lo = p.Hi, p.Lo|old
			n := one(old & event)
			f.n += 1 - n
			f.entries += 1 - one(old)
			if at+1 == f.lines {
				f.lengthen()
			}
			if f.entries >= f.due {
				f.grow()
			}
			return n == 0, nil
		}
	}
}

// addFull is Add for a set at its limit.
func (f *Fingerprints) addFull(p Print) (added bool, err error) {
	home := f.home(p.Hi)
	for at := home; at < f.front || home >= f.front; at++ {
		l := f.line(at)
		if i := l.place(p); i < len(l) {
			if l[i].Lo&p.Lo&eventBits != 0 {
				return false, nil
			}
			break
		}
	}
	return false, ErrFull
}

// Prefetch begins to load where a search for p begins, and does not wait. A set is larger than the caches, so Add waits
// for memory; many prefetches wait together, and what is done between them and their Adds costs nothing more.
func (f *Fingerprints) Prefetch(p Print) {
	at := f.home(p.Hi)
	prefetch(unsafe.Pointer(f.line(at)))
	prefetch(unsafe.Pointer(f.line(at + 1))) // where a third of the searches end; there is a line behind every home
}

// AddBatch puts raw rows into the set, given as columns of equal length: order_id, status (Status), refund_id (""
// where absent). Events that are there already change nothing. ErrStatus names a row that is no event; the rows before it
// are in the set.
func (f *Fingerprints) AddBatch(orderIDs []string, statuses []uint8, refundIDs []string) error {
	var prints [rowsAhead]Print
	for from := 0; from < len(orderIDs); from += rowsAhead {
		to := min(from+rowsAhead, len(orderIDs))
		for i := from; i < to; i++ {
			prints[i-from] = Fingerprint(Status(statuses[i]), orderIDs[i], refundIDs[i])
			f.Prefetch(prints[i-from])
		}
		for i := from; i < to; i++ {
			if s := Status(statuses[i]); s < Created || s > Refunded {
				return fmt.Errorf("order_id %q, status %d: %w", orderIDs[i], statuses[i], ErrStatus)
			}
			if _, err := f.Add(prints[i-from]); err != nil {
				return err
			}
		}
	}
	return nil
}

// rowsAhead is how many rows' places AddBatch waits for together.
const rowsAhead = 16

// home is the line where a search for a hash begins: the hash scaled to the homes.
func (f *Fingerprints) home(hash uint64) uint64 {
	at, _ := bits.Mul64(hash, f.homes)
	wide, _ := bits.Mul64(hash, f.wide)
	if at >= f.front { // which of them cannot be predicted while the set grows: both are there, so no branch is needed
		at = wide
	}
	return at
}

// line gives a line; the last one is always empty (Add, put), so that no search passes it.
func (f *Fingerprints) line(at uint64) *line { return &f.chunks[at>>chunkShift][at%chunkLines] }

// place is where an order stands in a line, or else the first free place, or 4 where the line is full without it.
func (l *line) place(p Print) int {
	others := l[0].other(p) | l[1].other(p)<<1 | l[2].other(p)<<2 | l[3].other(p)<<3
	return bits.TrailingZeros(^uint(others))
}

// other is 1 for an entry of another order, 0 for the same order and where nothing stands.
func (e *Print) other(p Print) int64 {
	return one((e.Hi^p.Hi)|(e.Lo^p.Lo)&^eventBits) & one(e.Lo&eventBits)
}

// used is how many entries a line has.
func (l *line) used() int64 {
	return one(l[0].Lo&eventBits) + one(l[1].Lo&eventBits) + one(l[2].Lo&eventBits) + one(l[3].Lo&eventBits)
}

// one is 1 but for 0, without a branch.
func one(x uint64) (n int64) {
	if x != 0 {
		n = 1
	}
	return n
}
