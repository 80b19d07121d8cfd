package rehearsal

import "festival/aggregate"

// The wheel's buckets: 50 ms each, 819 s in all.
const (
	bucketNs = 50_000_000
	buckets  = 1 << 14
)

// entry is a pending record: an event of an order that is due, or, where at is set, one that happened already and
// still has to arrive. Times of events are Unix milliseconds, 0 where they have not happened.
type entry struct {
	order                   int64
	created, paid, refunded int64
	status                  aggregate.Status
	refund                  uint8 // number of the refund, from 1
	happened                bool  // the event time is fixed: a late arrival or a repeat
	repeat                  bool
}

// wheel keeps pending entries by the time they are due, in buckets; within a bucket in the order in which they came.
// Both calls cost the same for ten entries or ten million.
type wheel struct {
	tick  int64 // the bucket that is being emptied, counted from the start
	heads [buckets]int32
	tails [buckets]int32
	nodes []node // node 0 is unused, so that 0 means none
	free  int32
	n     int
}

type node struct {
	entry
	next int32
}

func newWheel() *wheel { return &wheel{nodes: make([]node, 1)} }

// push adds an entry due at atNs; past times are due at once, times beyond the wheel at its end.
func (w *wheel) push(atNs int64, e entry) {
	tick := min(max(atNs/bucketNs, w.tick), w.tick+buckets-1)
	i := w.free
	if i == 0 {
		i = int32(len(w.nodes))
		w.nodes = append(w.nodes, node{})
	} else {
		w.free = w.nodes[i].next
	}
	w.nodes[i] = node{entry: e}
	b := tick % buckets
	if w.heads[b] == 0 {
		w.heads[b] = i
	} else {
		w.nodes[w.tails[b]].next = i
	}
	w.tails[b] = i
	w.n++
}

// pop takes the first entry due by atNs.
func (w *wheel) pop(atNs int64) (e entry, ok bool) {
	for last := atNs / bucketNs; w.heads[w.tick%buckets] == 0; w.tick++ {
		if w.tick >= last || w.n == 0 {
			return entry{}, false
		}
	}
	if w.tick > atNs/bucketNs {
		return entry{}, false
	}
	b := w.tick % buckets
	i := w.heads[b]
	e = w.nodes[i].entry
	w.heads[b] = w.nodes[i].next
	w.nodes[i].next, w.free = w.free, i
	w.n--
	return e, true
}

// any takes the first entry whenever it is due.
func (w *wheel) any() (e entry, ok bool) {
	if w.n == 0 {
		return entry{}, false
	}
	for w.heads[w.tick%buckets] == 0 {
		w.tick++
	}
	return w.pop(w.tick * bucketNs)
}
