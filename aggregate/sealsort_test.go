package aggregate

import (
	"cmp"
	"hash/maphash"
	"math/rand"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The byte-wise sort is a stable sort by key: for few keys and many, where bytes agree in all keys, and where keys repeat.
func TestSortKeys(t *testing.T) {
	const seed = 7
	rnd := rand.New(rand.NewSource(seed))
	for _, n := range []int{0, 1, 2, radixLeast - 1, radixLeast, 5000} {
		for _, mask := range []uint64{0, 0xff, 0xff00_0000_0000_0000, 0x00ff_00ff_0f00_0001, ^uint64(0)} {
			keys := make([]sealKey, n)
			for i := range keys {
				keys[i] = sealKey{rnd.Uint64()&mask | 0x6d<<48&^mask, uint32(i)}
			}
			want := slices.Clone(keys)
			slices.SortStableFunc(want, func(a, b sealKey) int { return cmp.Compare(a.key, b.key) })
			require.Equal(t, want, sortKeys(keys, make([]sealKey, n)), "%d keys, mask %x, seed %d", n, mask, seed)
		}
	}
}

// Merchants are ranked by their whole names, also those that begin alike or are a beginning of another.
func TestRankMerchants(t *testing.T) {
	const seed = 8
	rnd := rand.New(rand.NewSource(seed))
	s := newSegment(maphash.MakeSeed())
	names := map[string]bool{}
	for len(names) < 600 {
		name := make([]byte, 1+rnd.Intn(11))
		for i := range name {
			name[i] = "ab\x00"[rnd.Intn(3)]
		}
		names[string(name)] = true
		s.merchant(merchantHash(s.seed, name, 0), name, 0)
	}
	var w sealer
	w.rankMerchants(s)
	byRank := make([]string, len(names))
	for slot := range s.cells {
		byRank[w.ranks[slot]] = string(s.name(&s.cells[slot]))
	}
	require.True(t, slices.IsSorted(byRank), "seed %d", seed)
	require.Len(t, s.cells, len(names), "seed %d", seed)
}
