package query

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFailuresOnce: a board that is at its end refuses updates and frames for the same reason, which is told once.
func TestFailuresOnce(t *testing.T) {
	require.Empty(t, failures{}.list())
	require.Equal(t, []string{"frames: a", "frames: b"}, failures{load: "a", build: "a", store: "b"}.list())
}
