package aggregate

import (
	"math"
	"math/bits"
	"slices"
	"unsafe"
)

// growth is how far a set of fingerprints has come in growing from homes to wide lines. Lines from front on are done:
// a hash whose old home lies there has its home by wide.
//
// Invariant: entries whose old home is before front lie before front, and the others at or behind it. For the first
// half Add takes a step rather than place an entry behind front; the second holds since a home by wide is never before
// the old one.
//
// Chunks of wide lines have memory from held on: a growth of a large set would pause for taking it at once (a growth by 300 MB
// paused for 12 ms of CPU; that this was the cause is inferred, not profiled).
type growth struct{ wide, front, held uint64 }

// idle is no growth: no line is at or behind its front.
var idle = growth{front: math.MaxUint64}

// fullest is how many entries sixteen lines hold on average when a growth begins.
const fullest = 51

// stepLines is how many lines move at least with every stepEntries new entries: so a growth ends after an eighth of an
// entry a line, when its last lines are hardly fuller than at the beginning (0.8 and a thirty-second).
const (
	stepLines   = 16
	stepEntries = 2
)

// grow takes a step of the growth, or begins one.
func (f *Fingerprints) grow() {
	if f.front != idle.front {
		f.step()
	} else {
		f.begin(f.homes + f.more())
	}
	f.await()
}

// await says at how many entries grow is called again.
func (f *Fingerprints) await() {
	f.due = f.entries + stepEntries
	if f.front == idle.front {
		f.due = int64(f.homes)*fullest/16 + 1
	}
}

// more is by how many homes the set grows: a sixth, which moves an entry six times on average but keeps the load high.
// Below 8 MiB memory is cheaper than time: there the set doubles and moves an entry once.
func (f *Fingerprints) more() uint64 {
	if f.homes < 1<<17 {
		return f.homes
	}
	return f.homes / 6
}

// begin starts the growth to a number of homes. Behind the last home lie only entries that found no room before.
func (f *Fingerprints) begin(wide uint64) {
	end := f.homes
	for f.line(end).used() > 0 {
		end++
	}
	f.extend(wide + 1)
	f.growth = growth{wide: wide, front: end, held: uint64(len(f.chunks))}
	f.hold(wide)
}

// step moves the last lines that have not moved yet to their new homes. It goes back to a line that none before it
// has overflowed into: so what is taken out is found nowhere else, and what stays is complete.
func (f *Fingerprints) step() {
	first := f.front - min(f.front, stepLines)
	for first > 0 && f.line(first-1).used() == int64(len(line{})) {
		first--
	}
	f.moving = slices.Grow(f.moving[:0], len(line{})*int(f.front-first))
	n, moving := 0, f.moving[:cap(f.moving)]
	for at := first; at < f.front; at++ {
		l := f.line(at)
		copy(moving[n:n+len(l)], l[:])
		n += int(l.used())
		*l = line{}
	}
	f.moving = moving[:n]
	f.front = first
	f.hold(f.widened(first))
	for i := range f.moving {
		f.put(&f.moving[i])
	}
	if first == 0 {
		f.homes, f.growth = f.wide, idle
		f.await()
		return
	}
	f.ahead(first)
}

// put places an entry that moves.
func (f *Fingerprints) put(p *Print) {
	for at, _ := bits.Mul64(p.Hi, f.wide); ; at++ {
		l := f.line(at)
		if used := l.used(); used < int64(len(l)) {
			l[used&3] = *p
			if at+1 == f.lines {
				f.lengthen()
			}
			return
		}
	}
}

// ahead prefetches what the next step will read and where it will write.
func (f *Fingerprints) ahead(front uint64) {
	first := front - min(front, stepLines+2)
	for at := first; at < front; at++ {
		prefetch(unsafe.Pointer(f.line(at)))
	}
	for at, end := f.widened(first), f.widened(front); at <= end; at++ {
		if l := f.chunks[at>>chunkShift]; l != nil {
			prefetch(unsafe.Pointer(&l[at%chunkLines]))
		}
	}
}

// widened is the first home by wide of hashes whose old home is a line or one behind it.
func (f *Fingerprints) widened(at uint64) uint64 {
	hi, lo := bits.Mul64(at, f.wide)
	at, _ = bits.Div64(hi, lo, f.homes)
	return at
}

// extend makes room for a number of lines. The first chunk doubles until it is whole, at most 512 KiB to copy; of the others
// only the places are made.
func (f *Fingerprints) extend(lines uint64) {
	if first := uint64(len(f.chunks[0])); first < chunkLines {
		f.taken -= first
		for first < min(lines, chunkLines) {
			first *= 2
		}
		chunk := make([]line, first)
		copy(chunk, f.chunks[0])
		f.chunks[0], f.lines = chunk, first
		f.taken += first
	}
	for f.lines < lines {
		f.chunks = append(f.chunks, nil)
		f.lines += chunkLines
	}
}

// hold takes the memory of a line and of those behind it. What has none yet is one stretch of chunks, which ends before
// f.held: between the old lines and where the growth has come to among the wide ones. Nothing lies there, and no search comes.
func (f *Fingerprints) hold(at uint64) {
	for ; f.held > at>>chunkShift && f.chunks[f.held-1] == nil; f.held-- {
		f.chunks[f.held-1] = make([]line, chunkLines)
		f.taken += chunkLines
	}
}

// lengthen adds a line behind the last one.
func (f *Fingerprints) lengthen() {
	chunks := len(f.chunks)
	f.extend(f.lines + 1)
	if len(f.chunks) > chunks {
		f.chunks[chunks] = make([]line, chunkLines)
		f.taken += chunkLines
	}
}

// Reserve grows the set at once for n events that each need an entry of their own, before a rebuild of that size.
func (f *Fingerprints) Reserve(n int64) {
	for f.front != idle.front {
		f.step()
	}
	if wide := uint64(n/7*2 + 16); wide > f.homes {
		f.begin(wide)
		for f.front != idle.front {
			f.step()
		}
	}
}
