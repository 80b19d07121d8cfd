package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"
)

// benchCmd is `festival bench NAME`: measurements for docs/benchmarks.md. None of them is a test.
type benchCmd struct {
	Name    string        `arg:"" optional:"" help:"core, pipeline, fanout, latency, restart, verify, takeover or outage; all by default." default:"all"`
	JSON    bool          `help:"One JSON object a line." name:"json"`
	Records int64         `help:"Records of core, pipeline, restart and verify; counted before takeover and outage begin." default:"3000000"`
	Rate    int64         `help:"Records a second of latency, takeover and outage." default:"50000"`
	For     time.Duration `help:"How long latency runs, each outage lasts, and fanout measures (a minute at most)." default:"1m"`
	Viewers int           `help:"Streams that fanout opens." default:"18000"`
	Check   bool          `help:"Read everything, measure nothing, and exit."`
	Data    string        `help:"Where the bench keeps its data; removed afterwards. Default: a temporary directory." type:"path"`
}

// Help is shown under the flags.
func (benchCmd) Help() string {
	return `Examples:
  festival bench core --json
  festival bench pipeline --records 5000000
  festival bench fanout --viewers 3000 --for 20s
  festival bench latency --rate 50000 --for 10m
  festival bench verify --records 10000000
  festival bench takeover --records 10000000 --rate 50000
  festival bench outage --for 2m --rate 50000`
}

// benchLine is one result. Fields that a bench does not have are left out.
type benchLine struct {
	Bench          string             `json:"bench"`
	Case           string             `json:"case"`
	Cores          int                `json:"cores"`
	OrdersPerS     float64            `json:"orders_per_s,omitempty"`
	NsPerOrder     float64            `json:"ns_per_order,omitempty"`
	ViewersPerCore float64            `json:"viewers_per_core,omitempty"` // at one frame a second
	AllocsPer      *float64           `json:"allocs_per_order,omitempty"`
	P50Ms          float64            `json:"p50_ms,omitempty"`
	P99Ms          float64            `json:"p99_ms,omitempty"`
	MaxMs          float64            `json:"max_ms,omitempty"`
	CPUSeconds     map[string]float64 `json:"cpu_s,omitempty"`
	RSSMB          map[string]float64 `json:"rss_mb,omitempty"`
	Seconds        map[string]float64 `json:"seconds,omitempty"` // by what was timed
	Note           string             `json:"note,omitempty"`
}

// bench is one run of a benchmark.
type bench struct {
	*benchCmd
	app *app
	out io.Writer
}

func (cmd *benchCmd) checking() bool { return cmd.Check }

// benches are the names that there are.
var benches = []string{"all", "core", "pipeline", "fanout", "latency", "restart", "verify", "takeover", "outage"}

func (cmd *benchCmd) check(*app) error {
	var problems []error
	if !slices.Contains(benches, cmd.Name) {
		problems = append(problems, fmt.Errorf("bench %q: one of %s", cmd.Name, strings.Join(benches, ", ")))
	}
	if cmd.Records < 1 || (cmd.Name == "pipeline" || cmd.Name == "all") && cmd.Records > benchFill {
		problems = append(problems, fmt.Errorf("--records %d: from 1 to %d; the demo's broker keeps 1 GiB of log", cmd.Records, benchFill))
	}
	if cmd.Rate < 1 || cmd.Rate > 5_000_000 {
		problems = append(problems, fmt.Errorf("--rate %d: from 1 to 5000000", cmd.Rate))
	}
	if most := openFiles() - fanoutFiles; (cmd.Name == "fanout" || cmd.Name == "all") && (cmd.Viewers < 1 || cmd.Viewers > most) {
		problems = append(problems, fmt.Errorf("--viewers %d: from 1 to %d; a process may have %d files open here: raise ulimit -n for more", cmd.Viewers, most, openFiles()))
	}
	if cmd.For <= 0 {
		problems = append(problems, fmt.Errorf("--for %s: want more than 0", cmd.For))
	}
	return asUsage(errors.Join(problems...))
}

// Run runs the asked bench, or all of them.
func (cmd *benchCmd) Run(a *app) error {
	if err := cmd.check(a); err != nil {
		return err
	}
	b := &bench{benchCmd: cmd, app: a, out: a.out}
	all := []struct {
		name string
		run  func() error
	}{{"core", b.core}, {"pipeline", b.pipeline}, {"fanout", b.fanout}, {"latency", b.latency}, {"restart", b.restart},
		{"verify", b.verify}, {"takeover", b.takeover}, {"outage", b.outage}}
	for _, one := range all {
		if cmd.Name == "all" && one.name != "takeover" && one.name != "outage" || cmd.Name == one.name { // those break things for minutes
			if err := one.run(); err != nil {
				return fmt.Errorf("bench %s: %w", one.name, err)
			}
		}
	}
	return nil
}

// print writes one result, as JSON or as a line for people.
func (b *bench) print(l benchLine) error {
	if l.Cores == 0 {
		l.Cores = runtime.NumCPU()
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if b.JSON {
		_, err = fmt.Fprintln(b.out, string(text))
		return err
	}
	fmt.Fprintf(b.out, "%-9s %-28s %d cores", l.Bench, l.Case, l.Cores)
	if l.OrdersPerS > 0 {
		fmt.Fprintf(b.out, "  %12.0f records/s", l.OrdersPerS)
	}
	if l.NsPerOrder > 0 {
		fmt.Fprintf(b.out, "  %8.0f ns/record", l.NsPerOrder)
	}
	if l.ViewersPerCore > 0 {
		fmt.Fprintf(b.out, "  %8.0f viewers/core", l.ViewersPerCore)
	}
	if l.AllocsPer != nil {
		fmt.Fprintf(b.out, "  %.4f allocs/record", *l.AllocsPer)
	}
	if l.P99Ms > 0 {
		fmt.Fprintf(b.out, "  p50 %.0f  p99 %.0f  max %.0f ms", l.P50Ms, l.P99Ms, l.MaxMs)
	}
	for _, name := range sortedKeys(l.CPUSeconds, l.RSSMB) {
		if cpu, ok := l.CPUSeconds[name]; ok {
			fmt.Fprintf(b.out, "  %s %.1f s CPU", name, cpu)
		} else {
			fmt.Fprintf(b.out, "  %s", name)
		}
		fmt.Fprintf(b.out, " %.0f MB", l.RSSMB[name])
	}
	for _, name := range sortedKeys(l.Seconds, nil) {
		fmt.Fprintf(b.out, "  %s %.2f s", name, l.Seconds[name])
	}
	_, err = fmt.Fprintln(b.out, " ", l.Note)
	return err
}
