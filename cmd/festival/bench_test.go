package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBenchOfFaults plays the benches that break things, and that of verify, briefly: they compare their totals with the
// answer sheets and two end with a recount, so they fail where a figure is wrong. What they measure here means nothing.
func TestBenchOfFaults(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a minute")
	}
	for name, cases := range map[string][]string{
		"takeover": {"kill -9 of one ingest", "it comes back", "planned stop of one ingest"},
		"outage":   {"store killed, started again", "engine frozen, thawed", "verify"},
		"verify":   {"log, cells, raw rows, frames"},
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			p := launch(t, nil, "bench", name, "--records", "4000", "--rate", "500", "--for", "2s", "--json", "--data", data)
			select {
			case <-p.done:
			case <-time.After(3 * patience):
				require.FailNow(t, "the bench does not end", p.out.String())
			}
			require.Zero(t, p.cmd.ProcessState.ExitCode(), p.out.String())
			for _, line := range benchLines(t, p.out.String()) {
				require.Equal(t, cases[0], line.Case)
				for what, s := range line.Seconds {
					require.Positive(t, s, what)
				}
				cases = cases[1:]
			}
			require.Empty(t, cases, p.out.String())
			left, err := os.ReadDir(data)
			require.NoError(t, err)
			require.Empty(t, left, "the bench removes what it made in --data")
		})
	}
}

// TestBenchWithin: all benches end with the table when their time is over, and say what was not measured.
func TestBenchWithin(t *testing.T) {
	out, code := result(t, "bench", "--viewers", "1", "--within", "1ns")
	require.Equal(t, exitFailed, code, "%s", out)
	require.Contains(t, out, "bench restart: not begun within --within 1ns")
	require.Contains(t, out, "core: decode, fingerprints, all dimensions, one core")
	require.Equal(t, len(benchGoals), strings.Count(out, "not measured"), "%s", out)
}

// TestBenchPrint: a line for people has whatever its bench measured, and leaves out what it has not.
func TestBenchPrint(t *testing.T) {
	var out bytes.Buffer
	b := &bench{benchCmd: &benchCmd{}, out: &out}
	require.NoError(t, b.print(benchLine{Bench: "outage", Case: "frozen", Cores: 2, RSSMB: map[string]float64{"ingest-0": 341.6}, Seconds: map[string]float64{"away": 2}, Note: "500/s"}))
	require.Equal(t, "outage    frozen                       2 cores  ingest-0 342 MB  away 2.00 s  500/s\n", out.String())
}

func benchLines(t *testing.T, text string) (all []benchLine) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "{") {
			var l benchLine
			require.NoError(t, json.Unmarshal([]byte(line), &l))
			require.NotEmpty(t, l.Seconds)
			all = append(all, l)
		}
	}
	return all
}

// TestBenchTable: of several answers the worst counts, smaller is better where it is, and the peer is the best one of one core.
func TestBenchTable(t *testing.T) {
	var out bytes.Buffer
	b := &bench{benchCmd: &benchCmd{}, out: &out, lines: &[]benchLine{
		{Bench: "core", Case: "decode+count+seal, round 1", OrdersPerS: 2.5e6}, {Bench: "core", Case: "decode+count+seal, round 2", OrdersPerS: 1.5e6},
		{Bench: "core", Case: "peer: engine, 6 keys", Cores: 1, OrdersPerS: 0.5e6}, {Bench: "core", Case: "peer: engine, 6 keys", Cores: 2, OrdersPerS: 1e6},
		{Bench: "latency", Case: "append to live frame, 50000/s", P99Ms: 501}, {Bench: "latency", Case: "append to official frame, 50000/s", P99Ms: 1200},
		{Bench: "history", Case: "series of a country, a day, 1 s, cells", P99Ms: 900}, {Bench: "history", Case: "series of a country, a day, 1 s, roll-up", P99Ms: 20},
		{Bench: "busy", Case: "append to live frame, 280000/s asked, 80 % of pipeline", P99Ms: 1400, Note: "271000 records/s reached"},
		{Bench: "fanout", Case: "3 viewers", Note: "too few viewers to tell"},
		{Bench: "memory", Case: "sets rebuilt from columns", OrdersPerS: 5e6, Seconds: map[string]float64{"rebuilt": 2}},
		{Bench: "restart", Case: "after a clean stop", Seconds: map[string]float64{"live": 1}}, {Bench: "restart", Case: "after a clean stop", Seconds: map[string]float64{eachMillion: 0.25}},
		{Bench: "memory", Case: "whole program, 50000/s", RSSMB: map[string]float64{peakBeside: 700}, MBPerMinute: map[string]float64{"festival beside the sets": -0.25}, Note: "1m0s"},
	}}
	require.NoError(t, b.table())
	for _, want := range []string{
		`core: decode[^\n]* 1400000 +2000000 +1500000 +records/s +asked +3\.00 \(aim 2\)`,
		`append to live frame[^\n]* 500 +300 +501 +ms +MISSED`, `official frame[^\n]* 1200 +1200 +ms +aim`,
		`series of a country[^\n]* 20 +ms +aim`, `counting[^\n]* not measured`,
		`append to live frame at 80 % of pipeline, p99 +2000 +1000 +1400 +ms +asked`, `(?m)^append to live frame at 80 % of pipeline, p99: 271000 records/s reached$`,
		`viewers a core, full frames[^\n]* not measured`,
		`restart to live with 100 million fingerprints, projected +30 +10 +25 +s +asked`, `by rate, from 10.0 million events rebuilt in 2.00 s; bench restart: 0.25 s each million more, so 25 s; not run with 100 million`,
		`whole program[^\n]* 700 +MB +aim`, `(?m)^whole program[^\n]*: festival beside the sets -0.2 MB/min, 1m0s$`,
	} {
		require.Regexp(t, want, out.String())
	}
}

// TestFanoutLine: viewers a core are said only where the viewers' CPU stands out of what the clock can tell.
func TestFanoutLine(t *testing.T) {
	n := &benchNight{bench: &bench{benchCmd: &benchCmd{Viewers: 100}}}
	at := time.Unix(1_790_000_000, 0)
	span := func(s time.Duration, cpu, events float64) fanoutSpan {
		return fanoutSpan{fanoutState{at: at}, fanoutState{at: at.Add(s), cpu: cpu, events: events}}
	}
	for _, c := range []struct{ cpu, want float64 }{{0.5, 0}, {1.05, 0}, {2, 1000}} {
		line := n.fanoutLine("", span(5*time.Second, 0.5, 0), span(10*time.Second, c.cpu, 1000), &crowd{})
		require.InDelta(t, c.want, line.ViewersPerCore, 1e-6)
		require.Equal(t, c.want == 0, strings.Contains(line.Note, "too few viewers to tell"), line.Note)
	}
}

// TestBenchBusy: records made beforehand are all sent, none twice, and all shown.
func TestBenchBusy(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a demo")
	}
	p := launch(t, nil, "bench", "busy", "--rate", "5000", "--for", "500ms", "--json", "--data", t.TempDir())
	select {
	case <-p.done:
	case <-time.After(3 * patience):
		require.FailNow(t, "the bench does not end", p.out.String())
	}
	require.Zero(t, p.cmd.ProcessState.ExitCode(), p.out.String())
	lines := benchLines(t, p.out.String())
	require.Len(t, lines, 1)
	require.Equal(t, "append to live frame, 5000/s asked", lines[0].Case)
	require.InDelta(t, 2500, lines[0].OrdersPerS*lines[0].Seconds["sent"], 0.5)
	require.Positive(t, lines[0].P99Ms)
}
