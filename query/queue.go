package query

import (
	"sync"

	"festival/aggregate"
)

// maxQueued is how many cells may wait for the board before waiting updates are merged by newest: about 100 MB at
// 100 bytes a cell, and some minutes of flushes of a busy festival.
const maxQueued = 1_000_000

// queue holds the updates that were acknowledged and that the board has not folded yet. push never waits for the
// board: past the bound it merges what waits, which keeps the highest revision of every cell and progress, the same
// consistent cut as the newest update gives. What merging leaves is bounded by the cells of the segments touched.
type queue struct {
	metrics *metrics
	wake    chan struct{} // one place: something waits

	mu      sync.Mutex
	updates []aggregate.Update
	pulses  map[int32]aggregate.Pulse
	cells   int
	bound   int // cells that may wait
	limit   int // cells after which the next push merges: the bound, or twice what the last merge left
	merges  int
}

func newQueue(m *metrics) *queue {
	return &queue{metrics: m, wake: make(chan struct{}, 1), pulses: map[int32]aggregate.Pulse{},
		bound: maxQueued, limit: maxQueued}
}

// push takes an update; the caller gives up its slices.
func (q *queue) push(u aggregate.Update) {
	q.mu.Lock()
	q.updates = append(q.updates, u)
	q.cells += len(u.Cells)
	if q.cells > q.limit {
		q.merge()
	}
	q.metrics.pending.Set(float64(q.cells))
	q.mu.Unlock()
	q.ring()
}

// pulse takes the newest pulse of each partition.
func (q *queue) pulse(pulses []aggregate.Pulse) {
	q.mu.Lock()
	for _, p := range pulses {
		if old, ok := q.pulses[p.Partition]; !ok || p.AtMs >= old.AtMs {
			q.pulses[p.Partition] = p
		}
	}
	q.mu.Unlock()
	q.ring()
}

func (q *queue) ring() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take gives all that waits and empties the queue; without updates, those wait on.
func (q *queue) take(updatesToo bool) ([]aggregate.Update, []aggregate.Pulse) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var pulses []aggregate.Pulse
	for _, p := range q.pulses {
		pulses = append(pulses, p)
	}
	clear(q.pulses)
	if !updatesToo {
		return nil, pulses
	}
	updates := q.updates
	q.updates, q.cells, q.limit = nil, 0, q.bound
	q.metrics.pending.Set(0)
	return updates, pulses
}

// waiting gives the cells that wait.
func (q *queue) waiting() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return int64(q.cells)
}

// identity names a cell without its revision and value.
type identity struct {
	window    uint8
	dim       aggregate.Dim
	partition int32
	segment   int64
	bucket    int64
	key       string
}

func (q *queue) merge() {
	cells, progress := map[identity]aggregate.Cell{}, map[int32]aggregate.Progress{}
	for _, u := range q.updates {
		for _, c := range u.Cells {
			id := identity{c.Window, c.Dim, c.Partition, c.Segment, c.Bucket, c.Key}
			if old, ok := cells[id]; !ok || c.Revision >= old.Revision {
				cells[id] = c
			}
		}
		for _, p := range u.Progress {
			if old, ok := progress[p.Partition]; !ok || p.Next >= old.Next {
				progress[p.Partition] = p
			}
		}
	}
	var one aggregate.Update
	for _, c := range cells {
		one.Cells = append(one.Cells, c)
	}
	for _, p := range progress {
		one.Progress = append(one.Progress, p)
	}
	q.updates, q.cells = []aggregate.Update{one}, len(one.Cells)
	q.limit = max(q.bound, 2*q.cells) // so that merging costs a bounded time for each pushed cell
	q.merges++
	q.metrics.merged.Set(float64(q.merges))
}
