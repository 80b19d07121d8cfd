package aggregate

import "math"

// growth is how far a set of fingerprints has come in growing from homes to wide lines. Lines from front on are done:
// a hash whose old home lies there has its home by wide.
//
// Invariant: entries whose old home is before front lie before front, and the others at or behind it. For the first
// half Add takes a step rather than place an entry behind front; the second holds since a home by wide is never before
// the old one.
type growth struct{ wide, front uint64 }

// idle is no growth: no line is at or behind its front.
var idle = growth{front: math.MaxUint64}

// stepLines is how many lines move with a new entry, at least: so a growth ends after an eighth of an entry a line, when
// its last lines are hardly fuller than at the beginning (0.875 and a thirty-second).
const stepLines = 8

// grow takes a step of the growth, or begins one where the lines are 7/8 full.
func (f *Fingerprints) grow() {
	if f.front != idle.front {
		f.step()
	} else if f.entries > int64(f.homes)*7/2 {
		f.begin(f.homes + f.more())
	}
}

// more is by how many homes the set grows: a fifth, which moves an entry five times on average but keeps the load high.
// Below 8 MiB memory is cheaper than time: there the set doubles and moves an entry once.
func (f *Fingerprints) more() uint64 {
	if f.homes < 1<<17 {
		return f.homes
	}
	return f.homes / 5
}

// begin starts the growth to a number of homes. Behind the last home lie only entries that found no room before.
func (f *Fingerprints) begin(wide uint64) {
	end := f.homes
	for f.line(end).used() > 0 {
		end++
	}
	f.extend(wide + 1)
	f.growth = growth{wide: wide, front: end}
}

// step moves the last lines that have not moved yet to their new homes. It goes back to a line that none before it
// has overflowed into: so what is taken out is found nowhere else, and what stays is complete.
func (f *Fingerprints) step() {
	first := f.front - min(f.front, stepLines)
	for first > 0 && f.line(first-1).used() == len(line{}) {
		first--
	}
	f.moving = f.moving[:0]
	for at := first; at < f.front; at++ {
		l := f.line(at)
		f.moving = append(f.moving, l[:l.used()]...)
		*l = line{}
	}
	f.front = first
	for _, p := range f.moving {
		f.put(p)
	}
	if first == 0 {
		f.homes, f.growth = f.wide, idle
	}
}

// put places an entry that moves.
func (f *Fingerprints) put(p Print) {
	for at := f.home(p.Hi); ; at++ {
		if used := f.line(at).used(); used < len(line{}) {
			f.fill(at, used, p)
			return
		}
	}
}

// extend makes chunks for a number of lines. The first one doubles until it is whole, at most 512 KiB to copy.
func (f *Fingerprints) extend(lines uint64) {
	if first := uint64(len(f.chunks[0])); first < chunkLines {
		for first < min(lines, chunkLines) {
			first *= 2
		}
		chunk := make([]line, first)
		copy(chunk, f.chunks[0])
		f.chunks[0], f.lines = chunk, first
	}
	for f.lines < lines {
		f.chunks = append(f.chunks, make([]line, chunkLines))
		f.lines += chunkLines
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
