package query

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// TestLagIsKnown: a lag is told only where somebody has said lately where the log ends; else it is null and never 0.
func TestLagIsKnown(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	cfg := testConfig(t, newMemoryStore(), 1)
	at := func(ageMs, end int64, stopped string) *aggregate.Pulse {
		return &aggregate.Pulse{AtMs: now.UnixMilli() - ageMs, HighWatermark: end, StableEnd: end, Stopped: stopped}
	}
	for name, c := range map[string]struct {
		pulse    *aggregate.Pulse
		failures failures
		state    string
		lag      any // int64, or nil
		freshMs  any
		markMs   int64 // of the newest counted event, or the clock
	}{
		"no pulse":            {state: "unassigned", markMs: 990_000},
		"old, at its end":     {pulse: at(5001, 100, ""), state: "unassigned", markMs: 990_000},
		"old, behind":         {pulse: at(5001, 170, ""), state: "unassigned", markMs: 990_000},
		"of the future":       {pulse: at(-5001, 100, ""), state: "unassigned", markMs: 990_000},
		"early, but believed": {pulse: at(-5000, 100, ""), state: "running", lag: int64(0), freshMs: int64(0), markMs: 1_000_000},
		"at the bound":        {pulse: at(5000, 100, ""), state: "running", lag: int64(0), freshMs: int64(0), markMs: 1_000_000},
		"behind":              {pulse: at(300, 170, ""), state: "running", lag: int64(70), freshMs: int64(8000), markMs: 990_000},
		"the store is away":   {pulse: at(60_000, 100, ""), failures: failures{store: "gone"}, state: "running", markMs: 990_000},
		"stopped, behind":     {pulse: at(300, 170, "log replaced: x"), state: "stopped", lag: int64(70), freshMs: int64(8000), markMs: 990_000},
		"stopped, at its end": {pulse: at(300, 100, "kafka: x"), state: "stopped", markMs: 990_000},
	} {
		st := status{failures: c.failures, pulses: map[int32]aggregate.Pulse{},
			progress: map[int32]aggregate.Progress{0: {Next: 100, LastMs: 992_000, MaxEventMs: 990_000}}}
		if c.pulse != nil {
			st.pulses[0] = *c.pulse
		}
		row := st.partition(&cfg, 0, now)
		require.Equal(t, c.state, row.State, name)
		require.Equal(t, []any{c.lag, c.freshMs}, []any{pointed(row.Lag), pointed(row.FreshMs)}, name)
		require.Equal(t, c.freshMs == nil, row.LagS == nil, name)
		require.Equal(t, c.pulse == nil, row.PulseAgeMs == nil, name)
		require.Equal(t, cfg.timeText(c.markMs-cfg.LatenessMs), *row.Watermark, name)
	}
	empty := (&status{pulses: map[int32]aggregate.Pulse{0: *at(0, 3, "")}}).partition(&cfg, 0, now)
	require.EqualValues(t, 3, *empty.Lag, "nothing was counted yet: records are known, seconds are not")
	require.Nil(t, empty.LagS)
}

// pointed gives what a pointer points at, nil for none.
func pointed(p *int64) any {
	if p == nil {
		return nil
	}
	return *p
}
