package aggregate

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Cell by cell in order gives the seal of all at once; another order is refused.
func TestSealStream(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var cells []Cell
	for i := range 5000 { // more text than one write to the hash
		c := Cell{Window: uint8(random.IntN(2)), Dim: Dim(1 + random.IntN(11)), Key: strconv.Itoa(i), Bucket: random.Int64N(3)}
		if random.IntN(5) > 0 {
			c.M = Measures{Orders: 1, GmvFen: random.Int64N(1000)}
		}
		cells = append(cells, c)
	}
	place := Seal{Partition: 2, Segment: 9, First: 3, End: 700, Prev: [32]byte{7}}
	want := SealCells(place, [32]byte{1}, cells)
	slices.SortFunc(cells, compareCells)
	stream := NewSealStream(place, [32]byte{1})
	for _, c := range cells {
		require.NoError(t, stream.Add(c))
	}
	require.ErrorContains(t, stream.Add(cells[0]), "not after the one before")
	require.Equal(t, want, stream.Sum())
}
