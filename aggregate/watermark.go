package aggregate

import (
	"fmt"
	"math"
	"slices"
)

// silenceMs is after how long without a pulse, or with a stable end that stands still below the high watermark, a
// partition is incomplete (DESIGN.md §4: 5 s).
const silenceMs = 5000

// Pulse takes what ingest saw of a partition's end. Older ones than the newest are ignored, unless the newest is so far ahead of them
// that its clock must have been set back since.
func (b *Board) Pulse(p Pulse) {
	if !b.has(p.Partition) {
		return
	}
	t := &b.partitions[p.Partition]
	older := t.pulsed && p.AtMs < t.pulse.AtMs
	if older && !ahead(t.pulse.AtMs, p.AtMs) {
		return
	}
	switch {
	case p.StableEnd >= p.HighWatermark:
		t.stuckMs = 0
	case t.stuckMs == 0 || p.StableEnd != t.pulse.StableEnd:
		t.stuckMs = p.AtMs
	}
	switch {
	case older: // times of that clock tell nothing
		t.readMs, t.stuckMs = 0, 0
	case t.atEnd():
		t.readMs = t.pulse.AtMs
	}
	t.pulse, t.pulsed = p, true
}

// Incomplete gives the partitions whose figures may lack something, with the reasons, in order of partitions.
func (b *Board) Incomplete(nowMs int64) []Gap {
	out := []Gap{}
	for i := range b.partitions {
		if reason := b.partitions[i].gap(nowMs); reason != "" {
			out = append(out, Gap{Partition: int32(i), Reason: reason})
		}
	}
	return out
}

// gap gives the reason why a partition is incomplete, "" where it is not.
func (p *partition) gap(nowMs int64) string {
	switch {
	case p.pulsed && p.pulse.Stopped != "":
		return "stopped: " + p.pulse.Stopped
	case p.next < 0:
		return "not assigned yet"
	case !p.pulsed || nowMs-p.pulse.AtMs > silenceMs:
		return "no pulse for 5 s"
	case ahead(p.pulse.AtMs, nowMs): // no proof of life: whoever wrote it may be gone since, and newer ones are older by their clock
		return fmt.Sprintf("its pulse is %d s ahead of this clock", (p.pulse.AtMs-nowMs)/1000)
	case p.stuckMs != 0 && p.pulse.AtMs-p.stuckMs >= silenceMs:
		return "stable end has not moved for 5 s while below the high watermark"
	}
	return ""
}

// ahead says whether a time that another process wrote lies so far in this one's future that it tells nothing of now.
func ahead(ms, nowMs int64) bool { return ms-nowMs > silenceMs }

// atEnd says whether the partition is read to the high watermark of its newest pulse.
func (p *partition) atEnd() bool { return p.pulsed && p.next >= p.pulse.HighWatermark }

// Watermark is the smallest watermark of the partitions in Unix milliseconds, false while one has none. A
// partition's is its largest min(event time, Kafka time) less the lateness; one that is read to its high watermark
// and not incomplete has now less the lateness; an incomplete one holds the whole back (DESIGN.md §4).
func (b *Board) Watermark(nowMs int64) (int64, bool) {
	if len(b.partitions) == 0 {
		return 0, false
	}
	least := int64(math.MaxInt64)
	for i := range b.partitions {
		p := &b.partitions[i]
		ms := p.maxEventMs
		if p.atEnd() && p.gap(nowMs) == "" {
			ms = nowMs
		}
		if ms == 0 {
			return 0, false
		}
		least = min(least, ms)
	}
	return least - b.config.LatenessMs, true
}

// freshMs is now less the least, over the partitions, of now where the position is at the high watermark, else the
// Kafka time of the last record read; at least 0. A partition that has read nothing counts from 0.
func (b *Board) freshMs(nowMs int64) int64 {
	oldest := nowMs
	for i := range b.partitions {
		oldest = min(oldest, b.partitions[i].freshAt(nowMs))
	}
	return nowMs - oldest
}

// freshAt is the moment up to which a partition is known to be read. A high watermark that nobody has confirmed for silenceMs is
// that of its pulse: there may be newer records. One that is behind has read at least what the last pulse told that it was not
// behind: the first order after a quiet minute does not make the figures a minute old until its flush (no orders is not stale).
func (p *partition) freshAt(nowMs int64) int64 {
	switch {
	case ahead(p.pulse.AtMs, nowMs) || ahead(p.readMs, nowMs):
		return p.lastMs
	case !p.atEnd():
		return max(p.lastMs, p.readMs)
	case nowMs-p.pulse.AtMs > silenceMs:
		return max(p.lastMs, p.pulse.AtMs)
	}
	return nowMs
}

// Complete says whether the watermark has passed an event second, in Unix seconds: no order of it is awaited.
func (b *Board) Complete(second, nowMs int64) bool {
	ms, ok := b.Watermark(nowMs)
	return ok && ms >= (second+1)*1000
}

// pace gives what the newest complete event second holds in the given windows: zero where it lies in none of them,
// null before the first second of the first.
func (b *Board) pace(nowMs int64, windows ...int) Pace {
	ms, ok := b.Watermark(nowMs)
	first := b.config.Rules.Windows[slices.Min(windows)].StartMs / 1000
	second := ms/1000 - 1
	if !ok || second < first {
		return Pace{}
	}
	var s SecondTotal
	for _, w := range windows {
		at := b.windows[w].at(second)
		s.Orders, s.GmvFen, s.Created = s.Orders+at.Orders, s.GmvFen+at.GmvFen, s.Created+at.Created
	}
	return Pace{OrdersPerS: &s.Orders, GmvFenPerS: &s.GmvFen, CreatedPerS: &s.Created}
}
