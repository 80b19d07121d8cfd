package pace

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The garbage beside what lives stays at Room, from the size at which Go's default would let it grow past that.
func TestPercent(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, Room: 100, 2 * Room: 50, 4 * Room: 25, 10 * Room: 10, 1000 * Room: 10} {
		require.Equal(t, want, percent(live), live)
	}
	for live := uint64(Room); live < 10*Room; live += Room / 7 {
		require.LessOrEqual(t, live*uint64(percent(live))/100, uint64(Room))
	}
}
