package verify

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate/recount"
	"festival/sql"
)

const modelStride = 8

// modelStore is what a store has of one partition; nothing in it is ever changed but by its methods.
type modelStore struct {
	revisions map[int64]map[int64]int64 // by segment and cell
	progress  int64
	seals     map[int64]bool
	frames    []stand
	second    int64
}

func (s *modelStore) sealed() (n int64) {
	for s.seals[n] {
		n++
	}
	return n
}

// frame is official: of what is stored, a second after the last one, or later where serve was away.
func (s *modelStore) frame(pause int64) {
	s.second += 1 + pause
	s.frames = append(s.frames, stand{second: s.second, positions: []int64{s.progress}, compared: true})
}

// modelWriter is a process that counts from the last seal on. Two at a time: one of them was paused and woke up.
type modelWriter struct {
	position int64
	dirty    map[int64]map[int64]bool
	takes    map[int64]map[int64]int64 // being stored, nil: nothing is
	taken    int64
	sealing  []int64
}

// step takes, stores cells, or stores seals: whatever is next.
func (w *modelWriter) step(s *modelStore, random *rand.Rand) {
	switch {
	case w.takes == nil && w.sealing == nil:
		before := w.position
		for range 1 + random.Int64N(3*modelStride/2) {
			segment := w.position / modelStride
			if w.dirty[segment] == nil {
				w.dirty[segment] = map[int64]bool{}
			}
			w.dirty[segment][w.position*w.position%5] = true // which cell is a function of the offset
			w.position++
		}
		w.takes, w.taken = map[int64]map[int64]int64{}, w.position
		for segment, cells := range w.dirty {
			w.takes[segment] = map[int64]int64{}
			for cell := range cells {
				w.takes[segment][cell] = min(w.position, (segment+1)*modelStride)
			}
		}
		for k := before / modelStride; k < w.position/modelStride; k++ {
			w.sealing = append(w.sealing, k)
		}
		clear(w.dirty)
	case w.takes != nil:
		for segment, cells := range w.takes {
			if s.revisions[segment] == nil {
				s.revisions[segment] = map[int64]int64{}
			}
			for cell, revision := range cells {
				s.revisions[segment][cell] = max(s.revisions[segment][cell], revision)
			}
		}
		s.progress, w.takes = max(s.progress, w.taken), nil
	default:
		for _, k := range w.sealing {
			s.seals[k] = true
		}
		w.sealing = nil
	}
}

// proven is what verify would say of frames and cells.
func (s *modelStore) proven(frames []stand) int64 {
	w := &worker{id: 0, progress: &sql.CellRow{Revision: s.progress}}
	w.run = &run{rules: &recount.Rules{Stride: modelStride}, digests: map[place]sql.CellDigest{}, stands: frames}
	for segment, cells := range s.revisions {
		w.digests[place{0, segment}] = sql.CellDigest{Lowest: slices.Min(slices.Collect(maps.Values(cells)))}
	}
	w.noteMoves([]*worker{w})
	return w.sealedBefore()
}

// TestSealsAreProven: random histories of writers that die and wake, of serves that pause, of copies that are taken in the midst of it
// and gone on with. No seal is ever said to have been stored that was not; most of those that were are.
func TestSealsAreProven(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var stored, proven int64
	for range 150 {
		s := &modelStore{revisions: map[int64]map[int64]int64{}, seals: map[int64]bool{}}
		var writers []*modelWriter
		var copied *modelStore // the part of a copy that is taken already
		for range 200 {
			switch n := random.IntN(40); {
			case len(writers) == 0 || n == 0:
				writers = append(writers, &modelWriter{position: s.sealed() * modelStride, dirty: map[int64]map[int64]bool{}})
				writers = writers[max(0, len(writers)-2):]
			case n == 1:
				writers = slices.Delete(writers, 0, 1)
			case n < 10:
				s.frame(max(0, random.Int64N(8)-5))
			case n == 10: // frames first, then seals, then cells
				copied = &modelStore{frames: slices.Clone(s.frames), second: s.second}
			case n == 11 && copied != nil && copied.seals == nil:
				copied.seals = maps.Clone(s.seals)
			case n == 12 && copied != nil && copied.seals != nil:
				copied.progress, copied.revisions = s.progress, map[int64]map[int64]int64{}
				for segment, cells := range s.revisions {
					copied.revisions[segment] = maps.Clone(cells)
				}
				copied.second += 2 // nobody restores and starts within a second
				s, copied, writers = copied, nil, nil
			default:
				writers[random.IntN(len(writers))].step(s, random)
			}
			p := s.proven(s.frames)
			require.LessOrEqual(t, p, s.sealed())
			stored, proven = stored+s.sealed(), proven+p
		}
	}
	require.Greater(t, float64(proven), 0.5*float64(stored))
	t.Logf("%d of %d", proven, stored)
}
