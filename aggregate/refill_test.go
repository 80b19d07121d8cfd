package aggregate

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRefillIsTheSameSet: rows in any order and any portions, with repeats and refunds, give the set that they give one by one.
func TestRefillIsTheSameSet(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 11))
		one, many := NewFingerprints(0), NewFingerprints(0)
		if seed%2 == 1 {
			many.Reserve(2_000)
		}
		refill := NewRefill(many, 1+rng.IntN(3_000))
		want := map[Print]bool{}
		for range 20 {
			ids, statuses, refunds := randomRows(rng, rng.IntN(700))
			require.NoError(t, one.AddBatch(ids, statuses, refunds))
			require.NoError(t, refill.Add(ids, statuses, refunds))
			for i := range ids {
				want[Fingerprint(Status(statuses[i]), ids[i], refunds[i])] = true
			}
		}
		require.NoError(t, refill.Flush())
		require.NoError(t, refill.Flush(), "nothing waits")
		require.Equal(t, one.Len(), many.Len(), "seed %d", seed)
		requireSet(t, many, want)
	}
}

func randomRows(rng *rand.Rand, n int) (ids []string, statuses []uint8, refunds []string) {
	for range n {
		s, refund := uint8(Created)+uint8(rng.IntN(3)), ""
		if Status(s) == Refunded && rng.IntN(2) == 0 {
			refund = fmt.Sprintf("r%d", rng.IntN(3))
		}
		ids, statuses, refunds = append(ids, fmt.Sprintf("o%d", rng.IntN(3_000))), append(statuses, s), append(refunds, refund)
	}
	return ids, statuses, refunds
}

// TestRefillRefuses: a row that is no event, and more events than the set may hold.
func TestRefillRefuses(t *testing.T) {
	set := NewFingerprints(10)
	refill := NewRefill(set, 100)
	require.ErrorIs(t, refill.Add([]string{"a", "b"}, []uint8{uint8(Paid), 4}, make([]string, 2)), ErrStatus)
	for i := range 9 { // beside the row before the bad one
		require.NoError(t, refill.Add([]string{fmt.Sprint("a", i)}, []uint8{uint8(Paid)}, make([]string, 1)))
	}
	require.NoError(t, refill.Flush())
	require.EqualValues(t, 10, set.Len())
	require.NoError(t, refill.Add([]string{"one", "more"}, []uint8{uint8(Paid), uint8(Paid)}, make([]string, 2)))
	require.ErrorIs(t, refill.Flush(), ErrFull)
	require.EqualValues(t, 10, set.Len())
	require.ErrorIs(t, NewRefill(set, 1).Add([]string{"another"}, []uint8{uint8(Paid)}, make([]string, 1)), ErrFull)
}
