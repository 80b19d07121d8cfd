package verify

import (
	"context"
	"sync"

	"festival/aggregate/recount"
)

// maxHeld is how many changed figures may wait for partitions that are behind, about 150 bytes each.
const maxHeld = 1 << 20

// sheet is where the changes of all partitions meet, frame by frame. A partition that is ahead waits while too much is
// held; the hindmost never waits, so it always goes on.
type sheet struct {
	mu      sync.Mutex
	moved   sync.Cond
	max     int
	held    int        // figures that wait
	due     int        // the frame that is asked for next
	passed  []int      // by partition: it has given the changes of frames [0, passed)
	changes [][]change // by partition, not taken yet, in the order of frames
}

type change struct {
	frame   int
	figures *recount.Figures
}

func newSheet(partitions, max int) *sheet {
	s := &sheet{max: max, passed: make([]int, partitions), changes: make([][]change, partitions)}
	s.moved.L = &s.mu
	return s
}

// put gives what a partition counted since the frame before.
func (s *sheet) put(ctx context.Context, partition int32, frame int, figures *recount.Figures) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer context.AfterFunc(ctx, s.wake)()
	for s.held > s.max && s.passed[partition] > s.due && ctx.Err() == nil {
		s.moved.Wait()
	}
	if figures.Len() > 0 {
		s.held += figures.Len()
		s.changes[partition] = append(s.changes[partition], change{frame, figures})
	}
	s.passed[partition] = frame + 1
	s.moved.Broadcast()
	return ctx.Err()
}

// take waits until every partition has passed a frame and gives what changed since the frame before. Frames are asked
// for in order.
func (s *sheet) take(ctx context.Context, frame int) ([]*recount.Figures, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer context.AfterFunc(ctx, s.wake)()
	s.due = frame
	s.moved.Broadcast()
	for s.behind(frame) && ctx.Err() == nil {
		s.moved.Wait()
	}
	var out []*recount.Figures
	for p, list := range s.changes {
		for len(list) > 0 && list[0].frame <= frame {
			out = append(out, list[0].figures)
			s.held -= list[0].figures.Len()
			list = list[1:]
		}
		s.changes[p] = list
	}
	return out, ctx.Err()
}

func (s *sheet) behind(frame int) bool {
	for _, passed := range s.passed {
		if passed <= frame {
			return true
		}
	}
	return false
}

func (s *sheet) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved.Broadcast()
}
