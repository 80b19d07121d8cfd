package query

import (
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// TestOneLine: what a person would write is one line; what forges a second record or turns the first one round is not.
func TestOneLine(t *testing.T) {
	for _, text := range []string{"", "Lin", "双11 大屏，核对 (第 2 次)", "Zoë – \"check\" ¥5 😀", "Ирина"} {
		require.True(t, OneLine(text), text)
	}
	for _, text := range []string{"a\nb", "a\r", "tab\t", "\x1b[31mred", "a\u202eb", "zero\u200bwidth", "\u2028", "\xff", "\x00"} {
		require.False(t, OneLine(text), "%q", text)
	}
}

// TestHoldIsOneLine: neither name nor reason of a hold may print as a record of its own.
func TestHoldIsOneLine(t *testing.T) {
	store := newMemoryStore()
	for _, row := range []sql.HoldRow{
		{AtMs: 1, Held: true, Who: "Lin\n2026-11-23 17:00:00  released  Ann", Reason: "x"},
		{AtMs: 1, Held: true, Who: "Lin", Reason: "a\u202eb"},
		{AtMs: 1, Who: "Lin", Reason: "\x1b[2J"},
	} {
		var refused *HoldError
		require.ErrorAs(t, ChangeHold(t.Context(), store, 0, row), &refused)
		require.Contains(t, refused.Text, "one line")
	}
	require.Empty(t, store.held())
}
