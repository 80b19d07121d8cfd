package query

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// TestFailuresOnce: a board that is at its end refuses updates and frames for the same reason, which is told once.
func TestFailuresOnce(t *testing.T) {
	require.Empty(t, failures{}.list())
	require.Equal(t, []string{"frames: a", "frames: b"}, failures{load: "a", build: "a", store: "b"}.list())
}

// TestStoreAwayIsNoMissingReader: pulses come through the store. While it is away nobody knows that a partition has no reader.
func TestStoreAwayIsNoMissingReader(t *testing.T) {
	cfg, now := testConfig(t, newMemoryStore(), 1), time.Now()
	st := &status{pulses: map[int32]aggregate.Pulse{0: {AtMs: now.Add(-time.Minute).UnixMilli()}}}
	require.Equal(t, "unassigned", st.partition(&cfg, 0, now).State)
	for _, away := range []failures{{load: "the store is away"}, {store: "the store is away"}} {
		st.failures = away
		require.Equal(t, "running", st.partition(&cfg, 0, now).State)
	}
}
