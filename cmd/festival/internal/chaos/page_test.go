package chaos

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPage(t *testing.T) {
	good := &Card{Seed: 1, Commit: "abc", Machine: "a machine", AtOnce: 2, NotInjected: []string{"disk full: no"}, Faults: map[string]int{string(killIngest): 2, string(late): 1}, Figures: 10, ScreensS: []float64{1, 7.25}}
	bad := &Card{Seed: 2, Commit: "abc", Machine: "a machine", AtOnce: 2, Differences: []string{"frame, total.gmv_fen: shown 1, the topic says 2"}}
	require.True(t, good.Passed())
	require.False(t, bad.Passed())
	var page strings.Builder
	require.NoError(t, WritePage(&page, Cards{good, bad}))
	require.Contains(t, page.String(), "**1 of 2 seeds passed, 1 differences.** Commit abc; a machine; seeds at the same time: 2.")
	require.Contains(t, page.String(), "| 1 | 3 | ")
	require.Contains(t, page.String(), "| 7.2 s |")
	require.Contains(t, page.String(), "## Seed 2 failed")
	require.Contains(t, page.String(), "the topic says 2")
	require.Contains(t, page.String(), "| kill -9 ingest | 2 |")
	require.Contains(t, page.String(), "\n* seed 1: disk full: no\n", "what was not injected is said")
	require.Regexp(t, `\*\*Never injected: .*disk full.*\*\*`, page.String())
}

func TestEveryWayToFailFails(t *testing.T) {
	for _, c := range []*Card{{Differences: []string{"x"}}, {Wrong: []string{"x"}}, {Problems: []string{"x"}}, {Fell: true}} {
		require.False(t, c.Passed())
	}
}
