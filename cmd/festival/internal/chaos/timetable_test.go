package chaos

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimetable(t *testing.T) {
	const rain = 2 * time.Minute
	one := timetable(7, rain)
	require.Equal(t, one, timetable(7, rain), "same seed, same faults")
	require.NotEqual(t, one, timetable(8, rain))
	seen, known := map[kind]bool{}, map[kind]bounds{}
	for _, k := range kinds() {
		known[k.kind] = k
	}
	for i, f := range one {
		k := known[f.kind]
		require.GreaterOrEqual(t, f.lasts, seconds(k.from))
		require.LessOrEqual(t, f.lasts, seconds(k.to))
		require.Less(t, f.target, k.candidates)
		require.Less(t, f.at, rain)
		if i > 0 {
			require.GreaterOrEqual(t, f.at, one[i-1].at)
		}
		seen[f.kind] = true
	}
	require.Len(t, seen, len(known), "two minutes have every kind")
}

func TestClockStepsAreOneSecondToTenMinutes(t *testing.T) {
	for _, amount := range []float64{0, .25, .4999, .5, .75, 1} {
		step := fault{amount: amount}.step()
		require.GreaterOrEqual(t, step.Abs(), time.Second)
		require.LessOrEqual(t, step.Abs(), farthest)
		require.Equal(t, amount < .5, step < 0)
	}
}

func TestConfigReportsAllProblems(t *testing.T) {
	err := Config{Records: 1, For: time.Second}.Validate()
	require.ErrorContains(t, err, "--records 1")
	require.ErrorContains(t, err, "--for 1s")
	require.NoError(t, Config{}.Validate())
}
