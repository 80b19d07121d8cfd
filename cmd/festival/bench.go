package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// benchCmd is `festival bench NAME`: measurements for docs/benchmarks.md. None of them is a test.
type benchCmd struct {
	Name    string        `arg:"" optional:"" help:"core, counting, pipeline, fanout, history, memory, latency, busy, restart, verify, takeover or outage; all by default." default:"all"`
	JSON    bool          `help:"One JSON object a line." name:"json"`
	Records int64         `help:"Records of core, pipeline, restart and verify (10/3 as many in pipeline and restart where all run); counted before takeover and outage begin." default:"3000000"`
	Rate    int64         `help:"Records a second of latency, takeover and outage; of busy where pipeline did not run before it." default:"50000"`
	For     time.Duration `help:"How long latency runs, and busy (20 s at most), each outage lasts, and fanout measures (a minute at most)." default:"1m"`
	Viewers int           `help:"Streams that fanout opens." default:"18000"`
	Cells   int64         `help:"Cells in the store that history reads from." default:"10000000"`
	Events  int64         `help:"Fingerprints of memory." default:"10000000"`
	Parts   []string      `help:"Parts of memory: set (it grows), store (it is rebuilt from raw rows), program (a demo at --rate)." default:"set,store,program"`
	Check   bool          `help:"Read everything, measure nothing, and exit."`
	Within  time.Duration `help:"How long all of them may take: what is not measured by then is left out, and the table says so." default:"19m"`
	Data    string        `help:"Directory in which each bench makes one of its own, removed afterwards. Default: that of temporary files." type:"path"`
}

// Help is shown under the flags.
func (benchCmd) Help() string {
	return `Examples:
  festival bench core --json
  festival bench pipeline --records 5000000
  festival bench fanout --viewers 3000 --for 20s
  festival bench history --cells 100000000
  festival bench memory --events 100000000 --for 10m
  festival bench memory --events 100000000 --parts set
  festival bench latency --rate 50000 --for 10m
  festival bench busy --rate 290000
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
	BytesPer       float64            `json:"bytes_per_event,omitempty"`
	P50Ms          float64            `json:"p50_ms,omitempty"`
	P99Ms          float64            `json:"p99_ms,omitempty"`
	MaxMs          float64            `json:"max_ms,omitempty"`
	CPUSeconds     map[string]float64 `json:"cpu_s,omitempty"`
	RSSMB          map[string]float64 `json:"rss_mb,omitempty"`
	Seconds        map[string]float64 `json:"seconds,omitempty"` // by what was timed
	MBPerMinute    map[string]float64 `json:"mb_per_minute,omitempty"`
	DiskMB         map[string]float64 `json:"disk_mb,omitempty"`
	Note           string             `json:"note,omitempty"`
}

// bench is one run of a benchmark.
type bench struct {
	*benchCmd
	app *app
	out io.Writer

	lines *[]benchLine // all that was printed
}

func (cmd *benchCmd) checking() bool { return cmd.Check }

// benches are the names that there are.
var benches = []string{"all", "core", "counting", "pipeline", "fanout", "history", "memory", "latency", "busy", "restart", "verify", "takeover", "outage"}

func (cmd *benchCmd) check(*app) error {
	var problems []error
	if !slices.Contains(benches, cmd.Name) {
		problems = append(problems, fmt.Errorf("bench %q: one of %s", cmd.Name, strings.Join(benches, ", ")))
	}
	if most := cmd.mostRecords(); cmd.Records < 1 || cmd.Records > most {
		problems = append(problems, fmt.Errorf("--records %d: from 1 to %d; a million takes 200 MB of log and 100 MB of store", cmd.Records, most))
	}
	if cmd.Rate < 1 || cmd.Rate > 5_000_000 {
		problems = append(problems, fmt.Errorf("--rate %d: from 1 to 5000000", cmd.Rate))
	}
	if most := openFiles() - fanoutFiles; (cmd.Name == "fanout" || cmd.Name == "all") && (cmd.Viewers < 1 || cmd.Viewers > most) {
		problems = append(problems, fmt.Errorf("--viewers %d: from 1 to %d; a process may have %d files open here: raise ulimit -n for more", cmd.Viewers, most, openFiles()))
	}
	if cmd.Cells < 100_000 || cmd.Cells > 1_000_000_000 {
		problems = append(problems, fmt.Errorf("--cells %d: from 100000 to 1000000000", cmd.Cells))
	}
	if cmd.Events < 1_000_000 || cmd.Events > 1_000_000_000 {
		problems = append(problems, fmt.Errorf("--events %d: from 1000000 to 1000000000", cmd.Events))
	}
	for _, part := range cmd.Parts {
		if !slices.Contains(benchParts, part) {
			problems = append(problems, fmt.Errorf("--parts %q: want some of %s", part, strings.Join(benchParts, ", ")))
		}
	}
	if cmd.For <= 0 {
		problems = append(problems, fmt.Errorf("--for %s: want more than 0", cmd.For))
	}
	if cmd.Within <= 0 {
		problems = append(problems, fmt.Errorf("--within %s: want more than 0", cmd.Within))
	}
	return asUsage(errors.Join(problems...))
}

// long is how many records pipeline and restart take: more where all run, for a merge or a start that took three million says little of ten,
// or of a hundred.
func (cmd *benchCmd) long() int64 {
	if cmd.Name == "all" {
		return cmd.Records * 10 / 3
	}
	return cmd.Records
}

func (cmd *benchCmd) mostRecords() int64 {
	switch cmd.Name {
	case "all":
		return benchMost * 3 / 10
	case "pipeline", "counting":
		return benchMost
	}
	return math.MaxInt64
}

// Run runs the asked bench, or all of them.
func (cmd *benchCmd) Run(a *app) error {
	if err := cmd.check(a); err != nil {
		return err
	}
	b := &bench{benchCmd: cmd, app: a, out: a.out, lines: &[]benchLine{}}
	if cmd.Name == "all" {
		return b.runAll()
	}
	for _, one := range b.all() {
		if cmd.Name == one.name {
			return b.runOne(one)
		}
	}
	return nil
}

// runAll runs one after the other what does not break things, until its time is over, and ends with the table. Those that
// the table asks for come first.
func (b *bench) runAll() error {
	whole := b.app.ctx
	limited, within := *b.app, context.CancelFunc(nil)
	limited.ctx, within = context.WithTimeout(whole, b.Within)
	defer within()
	b.app = &limited
	var errs []error
	for _, one := range b.all() {
		if one.alone {
			continue
		}
		if limited.ctx.Err() != nil {
			errs = append(errs, fmt.Errorf("bench %s: not begun within --within %s", one.name, b.Within))
			continue
		}
		begun := time.Now()
		errs = append(errs, b.runOne(one))
		fmt.Fprintf(b.app.err, "bench %s: %s\n", one.name, time.Since(begun).Round(time.Second))
		if whole.Err() != nil {
			return whole.Err()
		}
	}
	if !b.JSON {
		errs = append(errs, b.table())
	}
	return errors.Join(errs...)
}

func (b *bench) runOne(one oneBench) error {
	if err := one.run(); err != nil {
		return fmt.Errorf("bench %s: %w", one.name, err)
	}
	return nil
}

// oneBench is a bench by name; alone: not one of all, because it breaks things for minutes.
type oneBench struct {
	name  string
	alone bool
	run   func() error
}

func (b *bench) all() []oneBench {
	return []oneBench{{"core", false, b.core}, {"counting", false, b.counting}, {"pipeline", false, b.pipeline}, {"fanout", false, b.fanout},
		{"history", false, b.history}, {"memory", false, b.memory}, {"latency", false, b.latency}, {"busy", false, b.busy}, {"restart", false, b.restart},
		{"verify", false, b.verify}, {"takeover", true, b.takeover}, {"outage", true, b.outage}}
}
