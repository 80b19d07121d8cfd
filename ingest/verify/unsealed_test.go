package verify

import (
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate/recount"
	"festival/sql"
)

// TestSealedBefore: what cells and frames prove of seals, and what they leave open.
func TestSealedBefore(t *testing.T) {
	const stride = 100
	for name, c := range map[string]struct {
		lowest map[int64]int64 // revision of a segment's cells
		shown  int64
		want   int64
	}{
		"nothing is shown":                  {lowest: map[int64]int64{0: 40, 1: 120}, shown: 0, want: 0},
		"in the segment that completes":     {lowest: map[int64]int64{0: 40}, shown: 90, want: 0},
		"at the segment's end":              {lowest: map[int64]int64{0: 40}, shown: 100, want: 0},
		"the flush that completes":          {lowest: map[int64]int64{0: 40, 1: 130}, shown: 130, want: 0},
		"the one after it":                  {lowest: map[int64]int64{0: 40, 1: 130}, shown: 150, want: 1},
		"a flush that completes two":        {lowest: map[int64]int64{0: 40, 1: 200, 2: 250}, shown: 250, want: 0},
		"then one more":                     {lowest: map[int64]int64{0: 40, 1: 200, 2: 250}, shown: 260, want: 2},
		"no more than to the segment's end": {lowest: map[int64]int64{0: 40, 1: 200}, shown: 260, want: 0},
		"the segment between":               {lowest: map[int64]int64{0: 40, 1: 150, 2: 250}, shown: 250, want: 1},
	} {
		w := &worker{run: &run{rules: &recount.Rules{Stride: stride}, digests: map[place]sql.CellDigest{}}, id: 3, shown: c.shown}
		for segment, lowest := range c.lowest {
			w.digests[place{3, segment}] = sql.CellDigest{Lowest: lowest}
			w.digests[place{2, segment + 9}] = sql.CellDigest{Lowest: 1} // of another partition
		}
		require.Equal(t, c.want, w.sealedBefore(), name)
	}
}

// TestNoteMoves: a position counts where the chain has moved to it within a second, and within what is stored.
func TestNoteMoves(t *testing.T) {
	at := func(second, a, b int64) stand { return stand{second: second, positions: []int64{a, b}, compared: true} }
	note := func(stands ...stand) []int64 {
		workers := []*worker{{id: 0, progress: &sql.CellRow{Revision: 50}}, {id: 1, progress: &sql.CellRow{Revision: 60}}, {id: 1}}
		(&run{stands: stands}).noteMoves(workers)
		require.Zero(t, workers[2].shown, "nothing is stored")
		return []int64{workers[0].shown, workers[1].shown}
	}
	require.Equal(t, []int64{0, 0}, note(at(1, 10, 20)))
	require.Equal(t, []int64{10, 0}, note(at(1, 9, 20), at(2, 10, 20)))
	require.Equal(t, []int64{0, 0}, note(at(1, 9, 19), at(3, 10, 20)), "the first one of a serve that was started")
	require.Equal(t, []int64{0, 60}, note(at(1, 9, 19), at(2, 51, 60)), "past the cut")
	unread := at(2, 0, 0)
	unread.compared = false
	require.Equal(t, []int64{0, 0}, note(at(1, 9, 19), unread, at(3, 10, 20)))
}
