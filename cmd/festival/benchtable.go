package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
)

// benchGoal is a line of what is asked: which result answers it and how.
type benchGoal struct {
	work       string
	bench      string
	prefix     string // of the case
	suffix     string
	asked, aim float64
	unit       string
	less       bool // smaller is better
	value      func(benchLine) float64
	peer       string // prefix of the peer's case; its rate is held against ours
	times      float64
}

func ratePerS(l benchLine) float64 { return l.OrdersPerS }
func p99Ms(l benchLine) float64    { return l.P99Ms }
func perCore(l benchLine) float64  { return l.ViewersPerCore }

// benchGoals are what the fastest step asks (two cores, everything on one machine). Where several lines answer, the worst
// one counts.
var benchGoals = []benchGoal{
	{work: "core: decode, fingerprints, all dimensions, one core", bench: "core", prefix: "decode+count+seal", asked: 1.4e6, aim: 2.0e6, unit: "records/s", value: ratePerS, peer: "peer: engine, 6 keys", times: 2},
	{work: "counting: Kafka (lz4) to all cells, no store", bench: "counting", asked: 1.6e6, aim: 2.5e6, unit: "records/s", value: ratePerS},
	{work: "pipeline: Kafka (lz4) to raw orders, cells, frame", bench: "pipeline", prefix: "catch-up", asked: 400e3, aim: 583e3, unit: "records/s", value: ratePerS, peer: "peer: ENGINE=Kafka", times: 3},
	{work: "append to live frame, p99", bench: "latency", prefix: "append to live", asked: 500, aim: 300, unit: "ms", less: true, value: p99Ms},
	{work: "append to official frame, p99", bench: "latency", prefix: "append to official", asked: 1500, aim: 1200, unit: "ms", less: true, value: p99Ms},
	{work: "viewers a core, full frames", bench: "fanout", suffix: "viewers", asked: 30e3, aim: 60e3, unit: "viewers", value: perCore},
	{work: "viewers a core, view=total", bench: "fanout", suffix: "total", asked: 50e3, aim: 100e3, unit: "viewers", value: perCore},
	{work: "series of a country, a day, 1 s, p99", bench: "history", prefix: "series of a country, a day, 1 s", suffix: "roll-up", asked: 150, aim: 50, unit: "ms", less: true, value: p99Ms},
	{work: "breakdown of all countries, p99", bench: "history", prefix: "breakdown", suffix: "roll-up", asked: 150, aim: 50, unit: "ms", less: true, value: p99Ms},
	{work: "100 million fingerprints rebuilt from the store (restart), by rate", bench: "memory", prefix: "sets rebuilt", asked: 30, aim: 10, unit: "s", less: true,
		value: func(l benchLine) float64 { return 1e8 / l.OrdersPerS }},
	{work: "whole program beside engine and fingerprints, peak", bench: "memory", prefix: "whole program", asked: 1500, aim: 1000, unit: "MB", less: true,
		value: func(l benchLine) float64 { return l.RSSMB["beside engine and sets, peak"] }},
}

// answers gives the worst result that answers the goal.
func (g *benchGoal) answers(lines []benchLine) (worst float64, ok bool) {
	for _, l := range lines {
		if l.Bench != g.bench || !strings.HasPrefix(l.Case, g.prefix) || !strings.HasSuffix(l.Case, g.suffix) || strings.HasPrefix(l.Case, "peer") {
			continue
		}
		if v := g.value(l); !ok || v > worst == g.less {
			worst, ok = v, true
		}
	}
	return worst, ok
}

// against gives how many times the best result of the peer ours is.
func (g *benchGoal) against(ours float64, lines []benchLine) string {
	best := 0.0
	for _, l := range lines {
		if g.peer != "" && l.Bench == g.bench && strings.HasPrefix(l.Case, g.peer) && (g.bench != "core" || l.Cores == 1) {
			best = max(best, l.OrdersPerS)
		}
	}
	if best == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f (aim %.0f)", ours/best, g.times)
}

// verdict says which of the two marks a figure reaches.
func (g *benchGoal) verdict(v float64) string {
	reaches := func(mark float64) bool { return v == mark || v > mark != g.less }
	switch {
	case reaches(g.aim):
		return "aim"
	case reaches(g.asked):
		return "asked"
	default:
		return "MISSED"
	}
}

// table ends a run of all benches: what is asked, what was measured, and the peers of the same run.
func (b *bench) table() error {
	fmt.Fprintln(b.out)
	t := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "work\tasked\taim\tmeasured\t\treaches\ttimes the peer")
	var errs []error
	for _, g := range benchGoals {
		v, ok := g.answers(*b.lines)
		if !ok {
			fmt.Fprintf(t, "%s\t%.0f\t%.0f\tnot measured\t%s\t\t\n", g.work, g.asked, g.aim, g.unit)
			continue
		}
		_, err := fmt.Fprintf(t, "%s\t%.0f\t%.0f\t%.0f\t%s\t%s\t%s\n", g.work, g.asked, g.aim, v, g.unit, g.verdict(v), g.against(v, *b.lines))
		errs = append(errs, err)
	}
	return errors.Join(append(errs, t.Flush())...)
}
