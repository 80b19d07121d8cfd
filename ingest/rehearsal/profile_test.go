package rehearsal

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIntensity holds the shape of the night: peak at 26 s, steep fall, a floor by day, an evening rise.
func TestIntensity(t *testing.T) {
	at := Midnight.intensity
	best := int64(-1)
	for s := int64(-100); s < 2*86_400; s++ {
		if at(s) > 1.0001 || s >= 0 && at(s) < 0.24 {
			t.Fatalf("second %d: %v", s, at(s))
		}
		if best < 0 || at(s) > at(best) {
			best = s
		}
	}
	require.EqualValues(t, peakSecond, best)
	require.InDelta(t, 1, at(peakSecond), 1e-3)
	require.Less(t, at(300), 0.65)
	require.Less(t, at(5*3600), 0.3)
	require.Greater(t, at(21*3600), at(15*3600)+0.08)
	require.Less(t, at(-1), 0.05)
}

// TestRate holds that records come at the profile's rate, second by second and in all.
func TestRate(t *testing.T) {
	c := testConfig(t, 0)
	c.StartMs, c.OpenMs, c.Rate = openMs-10_000, openMs, 1000
	g, err := New(c)
	require.NoError(t, err)
	counts := map[int64]float64{}
	var r Record
	for g.Next(&r) && r.AtNs < 120e9 {
		counts[floorDiv(r.KafkaMs-openMs, 1000)]++
	}
	for s := int64(-9); s < 109; s++ {
		want := 1000 * Midnight.intensity(s)
		require.InDelta(t, want, counts[s], 6*math.Sqrt(want)+5, "second %d", s)
	}
}

// TestReference holds that the curve rises, is repeatable, and lies a little under what the rehearsal makes.
func TestReference(t *testing.T) {
	c := testConfig(t, 0)
	c.Rules.Windows[0].EndMs = openMs + 3600_000
	c.Rules.Windows = c.Rules.Windows[:1]
	c.Rate = 500
	curve, err := Reference(c)
	require.NoError(t, err)
	again, err := Reference(c)
	require.NoError(t, err)
	require.Equal(t, curve, again)
	require.Len(t, curve, 3600)
	for i, p := range curve {
		if int64(i) != p.N || i > 0 && p.GmvFen <= curve[i-1].GmvFen {
			t.Fatalf("point %d: %v", i, p)
		}
	}
	g, err := New(c)
	require.NoError(t, err)
	var r Record
	for g.Next(&r) && r.AtNs < 300e9 {
	}
	require.InDelta(t, lastScale, float64(curve[299].GmvFen)/float64(g.Answer().GmvFen), 0.12)
}

// TestConfig holds that every problem is told at once.
func TestConfig(t *testing.T) {
	_, err := New(Config{Profile: "noon", Late: 2, Bad: -1, Duplicates: math.NaN(), Orders: -1, OpenMs: -1})
	for _, part := range []string{"start 0 ms", "opening -1", "rate 0", "orders -1", `profile "noon"`, "duplicates NaN",
		"late 2", "bad -1", "rules"} {
		require.ErrorContains(t, err, part)
	}
	require.NoError(t, testConfig(t, 1).Validate())
}

// TestWheel holds that entries come out by bucket, none lost, also far, past and out of order ones.
func TestWheel(t *testing.T) {
	w, r := newWheel(), random{3}
	due := map[int64]int64{}
	now, out := int64(0), 0
	for i := range int64(50_000) {
		at := now + int64(r.below(900e9)) - 1e9
		due[i] = at
		w.push(at, entry{order: i})
		now += int64(r.below(30e6))
		for {
			e, ok := w.pop(now)
			if !ok {
				break
			}
			require.LessOrEqual(t, min(due[e.order], now)/bucketNs, now/bucketNs)
			require.Less(t, due[e.order], now+bucketNs)
			delete(due, e.order)
			out++
		}
	}
	for {
		e, ok := w.any()
		if !ok {
			break
		}
		delete(due, e.order)
		out++
	}
	require.Equal(t, 50_000, out)
	require.Empty(t, due)
}

// TestAlias holds that draws follow the weights.
func TestAlias(t *testing.T) {
	weights := []float64{5, 1, 0, 3, 1e-3}
	a, r := newAlias(weights), random{1}
	var n [5]int
	for range 1_000_000 {
		n[a.draw(r.next())]++
	}
	for i, w := range weights {
		want := w / 9.001 * 1e6
		require.InDelta(t, want, n[i], 6*math.Sqrt(want)+1, i)
	}
}
