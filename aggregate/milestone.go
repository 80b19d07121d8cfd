package aggregate

import (
	"maps"
	"slices"
)

// Milestone is when a window's cumulative GMV reached a threshold, by event time and as of now: late orders may move
// it earlier (DESIGN.md §4).
type Milestone struct {
	ThresholdFen int64
	EventSecond  *int64 // first Unix second s whose cumulative GMV through s reaches it; nil where it is not reached
	SinceStartS  *int64 // EventSecond less the second in which the window starts
}

// Milestones gives the milestones of a window, in the order of the thresholds. It looks through the window's hours,
// then through the seconds of one hour for each threshold: about 10 µs.
func (b *Board) Milestones(window uint8) []Milestone {
	t := &b.windows[window]
	hours := slices.Sorted(maps.Keys(t.hours))
	start := b.config.Rules.Windows[window].StartMs / 1000
	out := make([]Milestone, 0, len(b.config.ThresholdsFen))
	for _, threshold := range b.config.ThresholdsFen {
		m := Milestone{ThresholdFen: threshold}
		if second, ok := t.reached(hours, threshold); ok {
			since := second - start
			m.EventSecond, m.SinceStartS = &second, &since
		}
		out = append(out, m)
	}
	return out
}

// reached finds the first second whose cumulative GMV reaches the threshold. Seconds' GMV is never negative.
func (t *tally) reached(hours []int64, threshold int64) (second int64, ok bool) {
	var sum int64
	for _, n := range hours {
		h := t.hours[n]
		if sum+h.gmv < threshold {
			sum += h.gmv
			continue
		}
		for i := range h.seconds {
			if sum += h.seconds[i].GmvFen; sum >= threshold && h.seconds[i] != (SecondTotal{}) {
				return n*3600 + int64(i), true
			}
		}
	}
	return 0, false
}

// SecondTotals gives what each of the Unix seconds [from, to) holds in a window, appended to dst.
func (b *Board) SecondTotals(window uint8, from, to int64, dst []SecondTotal) []SecondTotal {
	for s := from; s < to; s++ {
		dst = append(dst, b.windows[window].at(s))
	}
	return dst
}
