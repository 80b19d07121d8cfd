package report_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql/report"
)

var noon = time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC)

func TestPercentilesAreNeverBelowAndAtMostAnEighthAbove(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	for range 50 {
		var r report.Ring
		took := make([]int64, 1+dice.IntN(500))
		for i := range took {
			took[i] = 1 + dice.Int64N(int64(1)<<(10+dice.IntN(17))) // microseconds, up to a minute
			r.Add(noon.Add(time.Duration(dice.IntN(599))*time.Second), time.Duration(took[i])*time.Microsecond)
		}
		slices.Sort(took)
		got := r.Timing("x", noon.Add(599*time.Second))
		require.EqualValues(t, len(took), got.N)
		for p, ms := range map[int]*int64{50: got.P50Ms, 99: got.P99Ms} {
			want := took[(len(took)*p+99)/100-1]
			require.GreaterOrEqual(t, *ms*1000, want)
			require.LessOrEqual(t, (*ms-1)*1000, want+want/8+9)
		}
	}
}

func TestRingForgets(t *testing.T) {
	var r report.Ring
	require.Nil(t, r.Timing("x", noon).P50Ms)
	require.Len(t, r.Timing("x", noon).LineMs, 60)
	r.Add(noon, 20*time.Millisecond)
	r.Add(noon.Add(10*time.Second), 3*time.Hour)
	got := r.Timing("x", noon.Add(10*time.Second))
	require.EqualValues(t, 2, got.N)
	require.NotNil(t, got.LineMs[59])
	require.NotNil(t, got.LineMs[58])
	require.Nil(t, got.LineMs[57])
	require.Greater(t, *got.P99Ms, int64(100_000), "longer than all classes counts in the last one")
	require.EqualValues(t, 1, r.Timing("x", noon.Add(600*time.Second)).N)
	r.Add(noon.Add(600*time.Second), time.Millisecond) // the first slot's place
	require.EqualValues(t, 2, r.Timing("x", noon.Add(605*time.Second)).N)
	require.Zero(t, r.Timing("x", noon.Add(2*time.Hour)).N)
}
