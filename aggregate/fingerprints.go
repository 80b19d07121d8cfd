package aggregate

import (
	"errors"
	"math/bits"
)

// ErrFull says that a set of fingerprints is at its limit. The partition stops: without the set nothing is counted.
var ErrFull = errors.New("fingerprints: the set is at its limit; raise the limit (ingest.events, 24 bytes each) or the number of processes")

// Print is the 128-bit fingerprint of a duplicate key. With n events in a set the chance that any new one is taken
// for a duplicate is below n^2/2^129: for the 2.6e9 events of a season 2^-66.
type Print struct{ Hi, Lo uint64 }

// The key of the fingerprints. It is fixed, so that a set can be rebuilt anywhere; SipHash is used for its quality.
const (
	printKey0 = 0x6665737469766131 // "festiva1"
	printKey1 = 0x3131312d32303236 // "111-2026"
)

// Fingerprint identifies an event for deduplication: (order_id, status, and for refunded the refund_id or nothing),
// DESIGN.md §2. Both ids are at most 64 bytes; the encoding (status, length of order_id, order_id, refund_id) is
// unambiguous. A refund_id on any other status means nothing.
func Fingerprint[T []byte | string](status Status, orderID, refundID T) Print {
	var b [2 + 64 + 64]byte
	b[0], b[1] = byte(status), byte(len(orderID))
	n := 2 + copy(b[2:66], orderID)
	if status == Refunded {
		n += copy(b[n:n+64], refundID)
	}
	lo, hi := siphash128(printKey0, printKey1, b[:n])
	if hi|lo == 0 {
		lo = 1 // zero marks an empty entry
	}
	return Print{Hi: hi, Lo: lo}
}

// Fingerprints is the set of all events of a partition so far. It has one owner and no locks; the sets of different
// partitions are independent and may be rebuilt at the same time.
//
// The set is cut by the top bits of the fingerprint into subTables, so that growing one never pauses for more than a
// few milliseconds (2.6e9 events in one set: 635,000 entries a sub-table). Each is a sorted array with gaps: an entry
// lies at or after the place that its value points to, in ascending order. Searches end at the first larger entry,
// growing is one pass in order, and the load may be high: between 0.73 and 0.875, which is 18.3 to 22 bytes an event
// (20 on average) and 130 KB for the set itself.
type Fingerprints struct {
	subs  [subTables]subTable
	limit int64
	n     int64
	room  int64 // entries in all sub-tables
}

const (
	subBits   = 12
	subTables = 1 << subBits
)

// NewFingerprints makes an empty set that refuses to hold more than limit events; 0 or less means no limit.
func NewFingerprints(limit int64) *Fingerprints { return &Fingerprints{limit: limit} }

// SetLimit changes the limit, for instance when the process gets or loses partitions.
func (f *Fingerprints) SetLimit(limit int64) { f.limit = limit }

// Len is the number of events in the set.
func (f *Fingerprints) Len() int64 { return f.n }

// Bytes is the memory that the set takes.
func (f *Fingerprints) Bytes() int64 { return f.room*16 + subTables*32 + 24 }

// Add puts an event into the set; added is false where it was there already. ErrFull leaves the set as it was.
func (f *Fingerprints) Add(p Print) (added bool, err error) {
	s := &f.subs[p.Hi>>(64-subBits)]
	at, found := s.search(p)
	if found {
		return false, nil
	}
	if f.limit > 0 && f.n >= f.limit {
		return false, ErrFull
	}
	for s.n >= s.home-s.home/8 || !s.insert(at, p) {
		f.room -= int64(len(s.entries))
		s.grow()
		f.room += int64(len(s.entries))
		at, _ = s.search(p)
	}
	f.n++
	return true, nil
}

// Touch loads the place where a search for p begins and gives what stands there, which means nothing. A set is larger
// than the caches, so Add waits for memory; several touches in a row wait together, and the Adds after them do not.
func (f *Fingerprints) Touch(p Print) uint64 {
	s := &f.subs[p.Hi>>(64-subBits)]
	if s.home == 0 {
		return 0
	}
	return s.entries[place(p, s.home)].Hi
}

// AddBatch puts raw rows into the set, given as columns of equal length: order_id, status (Status), refund_id (""
// where absent). Events that are there already change nothing.
func (f *Fingerprints) AddBatch(orderIDs []string, statuses []uint8, refundIDs []string) error {
	for i, id := range orderIDs {
		if _, err := f.Add(Fingerprint(Status(statuses[i]), id, refundIDs[i])); err != nil {
			return err
		}
	}
	return nil
}

// Reserve grows the set for n events at once, before a rebuild of that size.
func (f *Fingerprints) Reserve(n int64) {
	each := n/subTables + n/subTables/64 + 1
	for i := range f.subs {
		s := &f.subs[i]
		if home := each * 8 / 7; home > int64(s.home) {
			f.room -= int64(len(s.entries))
			s.resize(home)
			f.room += int64(len(s.entries))
		}
	}
}

// subTable holds the fingerprints with one prefix, ascending, with gaps of zero entries. Invariant: no gap lies
// between an entry's home and the entry.
type subTable struct {
	entries []Print // home places and a margin behind them
	home    uint32  // how many places are homes
	n       uint32  // how many entries there are
}

// place is the home of p: its bits after the prefix, scaled to the homes. Larger p never have a smaller home.
func place(p Print, home uint32) int {
	hi, _ := bits.Mul64(p.Hi<<subBits, uint64(home))
	return int(hi)
}

// search finds p, or the place where it has to be inserted.
func (s *subTable) search(p Print) (at int, found bool) {
	i := place(p, s.home)
	for ; i < len(s.entries); i++ {
		e := s.entries[i]
		if e.Hi == p.Hi && e.Lo == p.Lo {
			return i, true
		}
		if e.Hi > p.Hi || e.Hi == p.Hi && e.Lo > p.Lo || e.Hi|e.Lo == 0 {
			break
		}
	}
	return i, false
}

// insert moves the entries from at to the next gap by one place. It is false where no gap is left.
func (s *subTable) insert(at int, p Print) bool {
	for gap := at; gap < len(s.entries); gap++ {
		if e := s.entries[gap]; e.Hi|e.Lo == 0 {
			copy(s.entries[at+1:gap+1], s.entries[at:gap])
			s.entries[at] = p
			s.n++
			return true
		}
	}
	return false
}

// grow makes a fifth more room.
func (s *subTable) grow() { s.resize(int64(s.home) + int64(s.home)/5 + 8) }

// resize copies the entries in order, each to its new home or the first place after it that is free. The capacity is
// rounded up to what the allocator gives anyway. The margin is for entries whose home is near the end; it is doubled
// in the rare case that it does not do.
func (s *subTable) resize(home int64) {
	for margin := min(4+home/64, 96); ; margin *= 2 {
		entries := append([]Print(nil), make([]Print, home+margin)...)
		entries = entries[:cap(entries)]
		home = int64(len(entries)) - margin
		if fill(entries, s.entries, uint32(home)) {
			s.entries, s.home = entries, uint32(home)
			return
		}
	}
}

// fill is false where the last entries do not fit into the margin.
func fill(to, from []Print, home uint32) bool {
	next := 0
	for _, e := range from {
		if e.Hi|e.Lo == 0 {
			continue
		}
		next = max(next, place(e, home))
		if next == len(to) {
			return false
		}
		to[next] = e
		next++
	}
	return true
}
