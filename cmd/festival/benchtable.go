package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
)

// benchAnswer says which results answer a question, and with what: 0 is no answer.
type benchAnswer struct {
	bench, prefix, suffix string // of the case
	value                 func(benchLine) float64
}

// benchGoal is a line of what is asked: which results answer it and how.
type benchGoal struct {
	work       string
	by         []benchAnswer
	asked, aim float64
	unit       string
	less       bool   // smaller is better
	peer       string // prefix of the peer's case; its rate is held against ours
	times      float64
	how        func([]benchLine) string // what the figure stands on, where that is not its own measurement; nil for none
}

func ratePerS(l benchLine) float64 { return l.OrdersPerS }
func p99Ms(l benchLine) float64    { return l.P99Ms }
func perCore(l benchLine) float64  { return l.ViewersPerCore }

// manyEvents is how many fingerprints a restart is asked about.
const manyEvents = 1e8

// byRate and byMillions project a restart with manyEvents: from the rate at which sets were rebuilt, and from what each million
// records more took a whole start.
func byRate(l benchLine) float64     { return manyEvents / l.OrdersPerS }
func byMillions(l benchLine) float64 { return manyEvents / 1e6 * l.Seconds[eachMillion] }

func besideEngine(l benchLine) float64 { return l.RSSMB[peakBeside] }

// benchGoals are what the fastest step asks (two cores, everything on one machine). Where several lines answer, the worst
// one counts.
var benchGoals = []benchGoal{
	{work: "core: decode, fingerprints, all dimensions, one core", by: []benchAnswer{{"core", "decode+count+seal", "", ratePerS}}, asked: 1.4e6, aim: 2.0e6, unit: "records/s", peer: "peer: engine, 6 keys", times: 2},
	{work: "counting: Kafka (lz4) to all cells, no store", by: []benchAnswer{{"counting", "", "", ratePerS}}, asked: 1.6e6, aim: 2.5e6, unit: "records/s"},
	{work: "pipeline: Kafka (lz4) to raw orders, cells, frame", by: []benchAnswer{pipelineRate}, asked: 400e3, aim: 583e3, unit: "records/s", peer: "peer: ENGINE=Kafka", times: 3},
	{work: "append to live frame, p99", by: []benchAnswer{{"latency", "append to live", "", p99Ms}}, asked: 500, aim: 300, unit: "ms", less: true},
	{work: "append to official frame, p99", by: []benchAnswer{{"latency", "append to official", "", p99Ms}}, asked: 1500, aim: 1200, unit: "ms", less: true},
	{work: "append to live frame at 80 % of pipeline, p99", by: []benchAnswer{{"busy", "append to live", "", p99Ms}}, asked: 2000, aim: 1000, unit: "ms", less: true, how: reached},
	{work: "viewers a core, full frames", by: []benchAnswer{{"fanout", "", "viewers", perCore}}, asked: 30e3, aim: 60e3, unit: "viewers"},
	{work: "viewers a core, view=total", by: []benchAnswer{{"fanout", "", "total", perCore}}, asked: 50e3, aim: 100e3, unit: "viewers"},
	{work: "series of a country, a day, 1 s, p99", by: []benchAnswer{{"history", "series of a country, a day, 1 s", "roll-up", p99Ms}}, asked: 150, aim: 50, unit: "ms", less: true},
	{work: "breakdown of all countries, p99", by: []benchAnswer{{"history", "breakdown", "roll-up", p99Ms}}, asked: 150, aim: 50, unit: "ms", less: true},
	{work: "restart to live with 100 million fingerprints, projected", by: []benchAnswer{setsRebuilt, {"restart", "after a clean stop", "", byMillions}}, asked: 30, aim: 10, unit: "s", less: true, how: projected},
	{work: "whole program beside engine and fingerprints, peak", by: []benchAnswer{wholeMemory}, asked: 1500, aim: 1000, unit: "MB", less: true, how: slopes},
}

var (
	pipelineRate = benchAnswer{"pipeline", "catch-up", "", ratePerS}
	setsRebuilt  = benchAnswer{"memory", "sets rebuilt", "", byRate}
	wholeMemory  = benchAnswer{"memory", "whole program", "", besideEngine}
)

// of are the lines that answer.
func (a *benchAnswer) of(lines []benchLine) (out []benchLine) {
	for _, l := range lines {
		if l.Bench == a.bench && strings.HasPrefix(l.Case, a.prefix) && strings.HasSuffix(l.Case, a.suffix) && !strings.HasPrefix(l.Case, "peer") && a.value(l) != 0 {
			out = append(out, l)
		}
	}
	return out
}

// answers gives the worst result that answers the goal.
func (g *benchGoal) answers(lines []benchLine) (worst float64, ok bool) {
	for _, a := range g.by {
		for _, l := range a.of(lines) {
			if v := a.value(l); !ok || v > worst == g.less {
				worst, ok = v, true
			}
		}
	}
	return worst, ok
}

// reached says at which rate the busy bench measured: what was sent, whatever was asked.
func reached(lines []benchLine) string {
	for _, l := range lines {
		if l.Bench == "busy" {
			return l.Note
		}
	}
	return ""
}

// projected says what the restart's figure is a projection from.
func projected(lines []benchLine) string {
	var from []string
	for _, l := range setsRebuilt.of(lines) {
		from = append(from, fmt.Sprintf("by rate, from %.1f million events rebuilt in %.2f s", l.OrdersPerS*l.Seconds["rebuilt"]/1e6, l.Seconds["rebuilt"]))
	}
	for _, l := range lines {
		if s := l.Seconds[eachMillion]; l.Bench == "restart" && s != 0 {
			from = append(from, fmt.Sprintf("bench restart: %.2f s each million more, so %.0f s", s, byMillions(l)))
		}
	}
	return strings.Join(append(from, "not run with 100 million; the worse counts"), "; ")
}

// slopes says how flat the whole program was.
func slopes(lines []benchLine) string {
	var out []string
	for _, l := range wholeMemory.of(lines) {
		for _, name := range sortedKeys(l.MBPerMinute, nil) {
			out = append(out, fmt.Sprintf("%s %+.1f MB/min", name, l.MBPerMinute[name]))
		}
		out = append(out, l.Note)
	}
	return strings.Join(out, ", ")
}

// against gives how many times the best result of the peer ours is.
func (g *benchGoal) against(ours float64, lines []benchLine) string {
	best := 0.0
	for _, l := range lines {
		if g.peer != "" && l.Bench == g.by[0].bench && strings.HasPrefix(l.Case, g.peer) && (l.Bench != "core" || l.Cores == 1) {
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

// table ends a run of all benches: what is asked, what was measured, and the peers of the same run; below it what the figures stand
// on that are not measured as they are asked.
func (b *bench) table() error {
	fmt.Fprintln(b.out)
	t := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "work\tasked\taim\tmeasured\t\treaches\ttimes the peer")
	var errs []error
	var notes []string
	for _, g := range benchGoals {
		v, ok := g.answers(*b.lines)
		if !ok {
			fmt.Fprintf(t, "%s\t%.0f\t%.0f\tnot measured\t%s\t\t\n", g.work, g.asked, g.aim, g.unit)
			continue
		}
		_, err := fmt.Fprintf(t, "%s\t%.0f\t%.0f\t%.0f\t%s\t%s\t%s\n", g.work, g.asked, g.aim, v, g.unit, g.verdict(v), g.against(v, *b.lines))
		errs = append(errs, err)
		if g.how != nil {
			notes = append(notes, fmt.Sprintf("%s: %s", g.work, g.how(*b.lines)))
		}
	}
	errs = append(errs, t.Flush())
	for _, note := range notes {
		_, err := fmt.Fprintln(b.out, note)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
