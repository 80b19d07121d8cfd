package verify

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"festival/aggregate/recount"
	"festival/sql"
)

// TestKafkaMs: franz-go's time.Time of a timestamp on the wire gives the timestamp back, also where it wraps.
func TestKafkaMs(t *testing.T) {
	for _, ms := range []int64{-1, 0, 1, 1794326400000, math.MaxInt64 / 1_000_000, math.MaxInt64/1_000_000 + 1,
		1794326400000_000, -1794326400000_000, 1<<57 - 1, -1 << 57} {
		require.Equal(t, ms, kafkaMs(&kgo.Record{Timestamp: time.Unix(0, ms*1_000_000)}), ms)
	}
}

func TestCollectorIsBounded(t *testing.T) {
	var c collector
	for i := range maxDifferences + 5 {
		c.add(Difference{What: []string{"cell", "frame"}[i%2], Stored: strings.Repeat("x", 2*maxText)})
	}
	require.Len(t, c.list, maxDifferences)
	require.EqualValues(t, maxDifferences+5, c.len())
	require.Len(t, c.list[0].Stored, maxText+3)
}

func TestRises(t *testing.T) {
	before := link{seq: 3, second: 100, positions: map[string]int64{"0": 5, "1": 7}}
	f := func(want int, now link) {
		t.Helper()
		var c comparison
		rises(&c, &now, &before)
		require.Len(t, c.stored, want, c.stored)
	}
	f(0, link{seq: 4, second: 101, positions: map[string]int64{"0": 5, "1": 9, "2": 1}})
	f(1, link{seq: 5, second: 101, positions: before.positions})
	f(1, link{seq: 4, second: 100, positions: before.positions})
	f(2, link{seq: 4, second: 101, positions: map[string]int64{"0": 4}})
}

// TestKeepReachable: stops never fall, whatever frames say of their positions.
func TestKeepReachable(t *testing.T) {
	rules := &recount.Rules{Partitions: 2}
	workers := []*worker{{id: 0, end: 10}, {id: 1, end: 20}}
	at := func(a, b int64) stand { return stand{positions: []int64{a, b}, compared: true} }
	r := &run{rules: rules, Config: Config{Ledger: sql.Ledger{LogStart: []int64{1, 2}}},
		stands: []stand{at(1, 2), at(5, 6), {positions: []int64{1, 2}}, at(4, 9), at(11, 9), at(9, 9), at(10, 20), at(10, 21)}}
	r.keepReachable(workers)
	var compared []bool
	for i, s := range r.stands {
		compared = append(compared, s.compared)
		if i > 0 {
			require.LessOrEqual(t, r.stands[i-1].positions[0], s.positions[0])
			require.LessOrEqual(t, r.stands[i-1].positions[1], s.positions[1])
		}
	}
	require.Equal(t, []bool{true, true, false, false, false, true, true, false}, compared)
	r.keepReachable(workers[:1])
	require.False(t, r.stands[0].compared, "one partition alone is no frame")
}

func changed(n int64) *recount.Figures {
	return &recount.Figures{Sums: map[recount.FigureKey]recount.Measures{{Dim: recount.Total}: {Orders: n}}}
}

// TestSheet: random partitions at random speeds; each frame gets exactly what was put for it, and what is held stays
// within the bound and one frame more of each partition.
func TestSheet(t *testing.T) {
	const partitions, frames, bound = 5, 400, 7
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := newSheet(partitions, bound)
	var group errgroup.Group
	for p := range int32(partitions) {
		random := rand.New(rand.NewPCG(seed, uint64(p)))
		group.Go(func() error {
			for i := range frames {
				f := changed(int64(i))
				if random.IntN(3) == 0 {
					f = &recount.Figures{}
				}
				if err := s.put(context.Background(), p, i, f); err != nil {
					return err
				}
				if random.IntN(8) == 0 {
					runtime.Gosched()
				}
			}
			return nil
		})
	}
	most := 0
	for i := range frames {
		changes, err := s.take(context.Background(), i)
		require.NoError(t, err)
		for _, f := range changes {
			require.EqualValues(t, i, f.Sums[recount.FigureKey{Dim: recount.Total}].Orders)
		}
		s.mu.Lock()
		most = max(most, s.held)
		s.mu.Unlock()
	}
	require.NoError(t, group.Wait())
	require.Zero(t, s.held)
	require.LessOrEqual(t, most, bound+partitions)
}

// TestSheetEnds: whoever waits goes home when the context ends.
func TestSheetEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := newSheet(2, 0)
	var group errgroup.Group
	group.Go(func() error { _, err := s.take(ctx, 0); return err })
	require.NoError(t, s.put(ctx, 0, 0, changed(1)))
	group.Go(func() error { return s.put(ctx, 0, 1, changed(1)) }) // partition 1 is behind
	cancel()
	require.ErrorIs(t, group.Wait(), context.Canceled)
}

// TestTextIsBounded: ids in two partitions are no differences and must not hide those.
func TestTextIsBounded(t *testing.T) {
	f := func(ids int, count int64) string {
		r := &Result{Split: SplitResult{IDs: make([]SplitID, ids), Count: count}}
		var out strings.Builder
		require.NoError(t, r.WriteText(&out))
		require.Equal(t, min(ids, toldSplit), strings.Count(out.String(), "came in two partitions"))
		return out.String()
	}
	require.NotContains(t, f(toldSplit, toldSplit), "more ids")
	require.Contains(t, f(toldSplit+1, toldSplit+1), "... and 1 more ids in two partitions")
	require.Contains(t, f(maxSplit, 123456), "... and 123446 more ids in two partitions (--json lists the first 100)")
}
