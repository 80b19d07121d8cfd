package aggregate

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBoardSize holds the estimate against the heap: a board of many merchants, then of many seconds, then of many open cells; and
// what is finished goes.
func TestBoardSize(t *testing.T) {
	b := testBoard(t, 1)
	require.Zero(t, b.Size())
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	const many = 100_000
	cells := func(make func(i int) Cell) (u Update) {
		for i := range many {
			c := make(i)
			c.Revision, c.M = 1, Measures{Orders: 1, GmvFen: 5}
			u.Cells = append(u.Cells, c)
		}
		return u
	}
	for name, one := range map[string]struct {
		update Update
		of     func(BoardSize) int64
	}{
		"merchants": {cells(func(i int) Cell { return Cell{Dim: DimMerchant, Key: fmt.Sprintf("m%07d", i)} }), func(s BoardSize) int64 { return s.Merchants + s.OpenCells }},
		"seconds":   {cells(func(i int) Cell { return Cell{Dim: DimTotal, Bucket: dayMs/1000 + int64(i)} }), func(s BoardSize) int64 { return s.Seconds + s.OpenCells }},
	} {
		t.Run(name, func(t *testing.T) {
			b := testBoard(t, 1)
			one.update.Progress = progress(0, 1, 0, 0)
			before := heap()
			require.NoError(t, b.Fold(one.update))
			took, size := heap()-before, b.Size()
			require.InEpsilon(t, took, size.Total(), 0.5)
			require.Less(t, size.Total()-one.of(size), size.Total()/100, "%+v", size)
			require.EqualValues(t, many*heldBytes, size.OpenCells)
			require.NoError(t, b.Fold(Update{Progress: progress(0, 1<<40, 0, 0)}))
			require.Zero(t, b.Size().OpenCells)
			runtime.KeepAlive(b)
		})
		runtime.KeepAlive(one.update)
	}
}
