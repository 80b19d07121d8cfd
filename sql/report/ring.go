package report

import (
	"math/bits"
	"sync"
	"time"
)

// The span of a Ring: sixty slots of ten seconds, so that one slow flush in a night is seen for ten minutes.
const (
	slots    = 60
	slotSpan = 10 * time.Second
)

// A duration's class is its power of two of microseconds and the three bits below it: eight classes an octave, so a
// percentile is at most 12.5 % above what was measured. 2^27 µs is more than two minutes; longer ones count there.
const (
	lowBits = 3
	classes = (28 - lowBits) << lowBits
)

// Ring remembers how long one kind of work took over the last ten minutes, in about 50 kB whatever the rate. The zero
// value is ready; any goroutine may use it.
type Ring struct {
	mu    sync.Mutex
	slots [slots]slot
}

type slot struct {
	number int64 // of the ten seconds since 1970
	counts [classes]uint32
}

// Add notes one duration that ended at a moment.
func (r *Ring) Add(at time.Time, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	number := at.UnixNano() / int64(slotSpan)
	s := &r.slots[number%slots]
	if s.number != number {
		*s = slot{number: number}
	}
	s.counts[classOf(took)]++
}

// Timing says what a Ring holds at a moment, oldest slot first.
func (r *Ring) Timing(name string, at time.Time) Timing {
	r.mu.Lock()
	defer r.mu.Unlock()
	out, all := Timing{Name: name, LineMs: make([]*int64, slots)}, [classes]uint32{}
	newest := at.UnixNano() / int64(slotSpan)
	for i := range out.LineMs {
		s := &r.slots[(newest-slots+1+int64(i))%slots]
		if s.number != newest-slots+1+int64(i) {
			continue // nothing was measured in it
		}
		n := int64(0)
		for c, count := range s.counts {
			all[c] += count
			n += int64(count)
		}
		out.N += n
		out.LineMs[i] = percentile(&s.counts, n, 99)
	}
	out.P50Ms, out.P99Ms = percentile(&all, out.N, 50), percentile(&all, out.N, 99)
	return out
}

func classOf(took time.Duration) int {
	us := uint64(max(took.Microseconds(), 1<<lowBits))
	octave := bits.Len64(us) - 1 - lowBits
	return min(octave<<lowBits|int(us>>octave)&(1<<lowBits-1), classes-1)
}

// percentile gives the upper edge of the class that holds the p-th of n durations, in whole milliseconds rounded up; nil
// of nothing.
func percentile(counts *[classes]uint32, n, p int64) *int64 {
	if n == 0 {
		return nil
	}
	rank, seen := (n*p+99)/100, int64(0)
	for c, count := range counts {
		if seen += int64(count); seen >= rank {
			edge := int64(1<<lowBits|c&(1<<lowBits-1)+1) << (c >> lowBits)
			ms := (edge + 999) / 1000
			return &ms
		}
	}
	panic("BUG: a percentile beyond all durations")
}
