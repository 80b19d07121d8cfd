package ingest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The garbage beside what lives stays at heapRoom, from the size at which Go's default would let it grow past that.
func TestCollectorPercent(t *testing.T) {
	for live, percent := range map[uint64]int{0: 100, heapRoom: 100, 2 * heapRoom: 50, 4 * heapRoom: 25, 10 * heapRoom: 10, 1000 * heapRoom: 10} {
		require.Equal(t, percent, collectorPercent(live), live)
	}
	for live := uint64(heapRoom); live < 10*heapRoom; live += heapRoom / 7 {
		require.LessOrEqual(t, live*uint64(collectorPercent(live))/100, uint64(heapRoom))
	}
}
