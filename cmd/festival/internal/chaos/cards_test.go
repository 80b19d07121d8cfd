package chaos

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func seedsOf(c Cards) (out []uint64) {
	for _, one := range c {
		out = append(out, one.Seed)
	}
	return out
}

func TestCardsAreSortedAndReplaced(t *testing.T) {
	var c Cards
	for _, seed := range []uint64{10, 2, 7} {
		c = c.With(&Card{Seed: seed})
	}
	again := c.With(&Card{Seed: 7, Commit: "newer"})
	require.Equal(t, []uint64{2, 7, 10}, seedsOf(again))
	require.Equal(t, "newer", again[1].Commit)
	require.Empty(t, c[1].Commit, "the old list stays as it was")
	require.True(t, again.Has(10))
	require.False(t, again.Has(11))
}

func TestCardsSurviveTheirFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "card.json")
	none, err := ReadCards(path)
	require.NoError(t, err)
	require.Empty(t, none)
	c := Cards{{Seed: 1, Faults: map[string]int{"x": 1}}, {Seed: 2, Problems: []string{"hung"}}}
	require.NoError(t, c.Write(path))
	require.NoError(t, c.Write(path), "a card is replaced")
	read, err := ReadCards(path)
	require.NoError(t, err)
	require.Equal(t, c, read, "a failed seed stays on the card")
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, files, 1)

	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	_, err = ReadCards(path)
	require.ErrorContains(t, err, path)
}

// Only seeds of the same program, as many records and as long a rain say the same thing.
func TestOnlyTheSameRunIsResumed(t *testing.T) {
	cfg := Config{Commit: "abc", Records: 5000, For: time.Minute}
	same := func(seed uint64) *Card {
		return newCard(Config{Seed: seed, Commit: "abc", Records: 5000, For: time.Minute})
	}
	other, fewer, shorter, failed := same(2), same(3), same(4), same(5)
	other.Commit, fewer.Asked, shorter.RainS, failed.Problems = "abd", 4999, 59, []string{"x"}
	require.Equal(t, []uint64{1, 5}, seedsOf(Cards{same(1), other, fewer, shorter, failed}.Of(cfg)))
}

func TestWrongIsNotUnproven(t *testing.T) {
	c := Cards{{}, {Differences: []string{"a", "b"}, Problems: []string{"p"}}, {Problems: []string{"p"}}, {Wrong: []string{"w"}, Fell: true}, {NotInjected: []string{"n"}}}
	require.EqualValues(t, 3, c.Wrong())
	require.Equal(t, 1, c.Unproven())
}
