package aggregate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReasonOf(t *testing.T) {
	all := []Reason{TooLarge, NotJSON, CurrencyUnknown}
	for f := range Fields {
		all = append(all, Bad(f), Missing(f), Future(f))
	}
	for _, r := range all {
		got, ok := ReasonOf(r.String())
		require.True(t, ok, r.String())
		require.Equal(t, r, got)
	}
	for _, words := range []string{"", "bad:", "bad:nothing", "duplicate"} {
		_, ok := ReasonOf(words)
		require.False(t, ok, words)
	}
}
