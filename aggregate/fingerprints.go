package aggregate

import (
	"errors"
	"fmt"
	"math/bits"
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
// Add never pauses. The load is between 0.73 and 0.875: 18.3 to 22 bytes an entry, which an order of two events
// halves, and at most one chunk (512 KiB) more. A set of less than 8 MiB doubles, and then takes up to 37 bytes an entry.
type Fingerprints struct {
	chunks [][]line
	lines  uint64 // in all chunks
	homes  uint64 // how many lines are homes; behind them follow those that overflow
	growth
	moving  []Print // reused by step
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
	return &Fingerprints{limit: limit, homes: firstLines / 2, growth: idle, lines: firstLines, chunks: [][]line{make([]line, firstLines)}}
}

// SetLimit changes the limit, for instance when the process gets or loses partitions.
func (f *Fingerprints) SetLimit(limit int64) { f.limit = limit }

// Len is the number of events in the set.
func (f *Fingerprints) Len() int64 { return f.n }

// Bytes is the memory that the set takes.
func (f *Fingerprints) Bytes() int64 { return int64(f.lines)*64 + int64(cap(f.chunks))*24 }

// Add puts an event into the set; added is false where it was there already. ErrFull leaves the set as it was.
func (f *Fingerprints) Add(p Print) (added bool, err error) {
	home := f.home(p.Hi)
	for at := home; ; at++ {
		l := f.line(at)
		for i := range l {
			if e := &l[i]; e.Hi == p.Hi && (e.Lo^p.Lo)&^eventBits == 0 && e.Lo&eventBits != 0 {
				return f.mark(e, p.Lo&eventBits)
			}
		}
		if used := l.used(); used < len(l) {
			if f.limit > 0 && f.n >= f.limit {
				return false, ErrFull
			}
			if home < f.front && at >= f.front { // no place is left before the lines that are already moved
				f.step()
				return f.Add(p)
			}
			f.fill(at, used, p)
			f.n++
			f.entries++
			f.grow()
			return true, nil
		}
	}
}

// mark adds an event to its order's entry.
func (f *Fingerprints) mark(e *Print, event uint64) (added bool, err error) {
	if e.Lo&event != 0 {
		return false, nil
	}
	if f.limit > 0 && f.n >= f.limit {
		return false, ErrFull
	}
	e.Lo |= event
	f.n++
	return true, nil
}

// Touch loads the line where a search for p begins and gives what stands there, which means nothing. A set is larger
// than the caches, so Add waits for memory; several touches in a row wait together, and the Adds after them do not.
func (f *Fingerprints) Touch(p Print) uint64 { return f.line(f.home(p.Hi))[0].Hi }

// AddBatch puts raw rows into the set, given as columns of equal length: order_id, status (Status), refund_id (""
// where absent). Events that are there already change nothing. ErrStatus names a row that is no event; the rows before it
// are in the set.
func (f *Fingerprints) AddBatch(orderIDs []string, statuses []uint8, refundIDs []string) error {
	for i, id := range orderIDs {
		if s := Status(statuses[i]); s < Created || s > Refunded {
			return fmt.Errorf("order_id %q, status %d: %w", id, statuses[i], ErrStatus)
		}
		if _, err := f.Add(Fingerprint(Status(statuses[i]), id, refundIDs[i])); err != nil {
			return err
		}
	}
	return nil
}

// home is the line where a search for a hash begins: the hash scaled to the homes.
func (f *Fingerprints) home(hash uint64) uint64 {
	at, _ := bits.Mul64(hash, f.homes)
	if at >= f.front {
		at, _ = bits.Mul64(hash, f.wide)
	}
	return at
}

// line gives a line; the last one is always empty (fill), so that no search passes it.
func (f *Fingerprints) line(at uint64) *line { return &f.chunks[at>>chunkShift][at%chunkLines] }

// fill puts an entry into the first free place of a line.
func (f *Fingerprints) fill(at uint64, used int, p Print) {
	f.line(at)[used&3] = p
	if at+1 == f.lines {
		f.extend(at + 2)
	}
}

// used is how many entries a line has, without a branch: their number cannot be predicted.
func (l *line) used() int {
	n := uint64(0)
	for i := range l {
		n += (l[i].Lo&eventBits + eventBits) >> eventShift
	}
	return int(n)
}
