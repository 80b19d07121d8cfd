package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"festival/aggregate"
	"festival/ingest"
	"festival/query/export"
	"festival/sql"
)

// exportCmd is `festival export series|orders|milestones|frames`.
type exportCmd struct {
	Series     exportSeriesCmd     `cmd:"" help:"One key's curve."`
	Orders     exportOrdersCmd     `cmd:"" help:"Every raw order below the newest stored positions, or those of the close."`
	Milestones exportMilestonesCmd `cmd:"" help:"When each threshold was reached and first shown."`
	Frames     exportFramesCmd     `cmd:"" help:"Every official frame as it was shown: a recording for the wall."`
}

// Help is shown under the commands.
func (exportCmd) Help() string {
	return `Examples:
  festival export series --data .demo --dim country --key RU --step 1m --format csv -o russia.csv
  festival export orders --data .demo --format parquet -o orders.parquet
  festival export milestones --config festival.yaml --format csv
  festival export frames --data .demo -o night.jsonl.gz`
}

// exportFlags are what all exports take.
type exportFlags struct {
	placeFlags
	Format string `help:"File format." enum:"csv,parquet,arrow" default:"csv"`
	Out    string `help:"File to write; - is standard output." short:"o" default:"-" placeholder:"FILE"`
}

// exporting is an open export: where from and where to.
type exporting struct {
	*place
	ledger ingest.Ledger
	out    io.Writer
}

// run opens place and file, lets write do its work, and leaves no half file behind under the asked name.
func (f *exportFlags) run(a *app, write func(*exporting) (string, error)) error {
	return f.withLedger(a, func(p *place, ledger ingest.Ledger) error {
		return f.write(a, &exporting{place: p, ledger: ledger}, write)
	})
}

func (f *exportFlags) write(a *app, e *exporting, write func(*exporting) (string, error)) error {
	if f.Out == "-" {
		e.out = a.out
		_, err := write(e)
		return err
	}
	file, err := os.Create(f.Out + ".part")
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	e.out = file
	said, err := write(e)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Out+".part"))
	}
	if err := os.Rename(f.Out+".part", f.Out); err != nil {
		return err
	}
	fmt.Fprintf(a.err, "Wrote %s to %s.\n", said, f.Out)
	return nil
}

// storedLedger finds the festival's newest ledger in a store and holds its rules against the configuration.
func storedLedger(ctx context.Context, store *sql.Store, c *Config, rules *aggregate.Rules) (ingest.Ledger, error) {
	open, err := newestLedger(ctx, store, c.Festival.ID)
	if err != nil {
		return ingest.Ledger{}, err
	}
	if open == nil {
		return ingest.Ledger{}, fmt.Errorf("the store has no ledger of festival %s yet: start `festival ingest` or `demo` first", c.Festival.ID)
	}
	return c.ledgerOf(open, rules)
}

type exportSeriesCmd struct {
	exportFlags
	Dim    string        `help:"total, device, country, province, city, category, marketplace, channel or flow." default:"total"`
	Key    string        `help:"Key of the dimension, such as RU or IT>CN; none for total."`
	Window string        `help:"One window's id; all of them by default."`
	From   string        `help:"RFC 3339 with zone; the first window's start by default."`
	To     string        `help:"RFC 3339 with zone; the last window's end by default."`
	Step   time.Duration `help:"Width of a point: 1s (total, device, country), 1m, 1h." default:"1m"`
}

// Help is shown under the flags.
func (exportSeriesCmd) Help() string {
	return `Examples:
  festival export series --data .demo --dim country --key RU --step 1m --format csv -o russia.csv
  festival export series --config festival.yaml --dim flow --key 'IT>CN' --step 1h --format parquet -o flow.parquet`
}

// Run writes the points where something was counted.
func (cmd *exportSeriesCmd) Run(a *app) error {
	if err := cmd.check(a); err != nil {
		return err
	}
	return cmd.run(a, func(e *exporting) (string, error) {
		q, err := cmd.query(e.rules)
		if err != nil {
			return "", usageError{err}
		}
		if q.ClosingMs, err = closedMs(a.ctx, e.store, e.ledger.Prefix); err != nil {
			return "", err
		}
		points, err := e.store.Series(a.ctx, e.ledger.Prefix, q)
		if err != nil {
			return "", err
		}
		return fmt.Sprint(len(points), " points"), export.Series(points, cmd.Format, e.out)
	})
}

// check looks at the flags, and at the window where the festival's can be read.
func (cmd *exportSeriesCmd) check(a *app) error {
	c, err := cmd.read(a)
	problems := []error{cmd.problems(), err}
	if rules, err := c.Rules(aggregate.DefaultStride); err == nil && cmd.Window != "" {
		windowIndex(rules, cmd.Window, &problems)
	}
	return both(problems...)
}

// curveDims are the dimensions that have a curve, in their order.
const curveDims = "total, device, country, province, city, category, marketplace, channel, flow"

// problems names what the flags say wrong, whatever the festival is.
func (cmd *exportSeriesCmd) problems() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	dim, ok := aggregate.ParseDim(cmd.Dim)
	curve := ok && dim.Step() > 0
	if !curve {
		bad("--dim %q has no curve: one of %s", cmd.Dim, curveDims)
	}
	switch {
	case curve && dim == aggregate.DimTotal && cmd.Key != "":
		bad("--key %q: --dim total has no keys: leave --key out, or name another --dim", cmd.Key)
	case curve && dim != aggregate.DimTotal && cmd.Key == "":
		bad("--key is empty: say which %s", dim)
	}
	switch {
	case cmd.Step == 0: // could not be read, which is said already
	case !slices.Contains([]time.Duration{time.Second, time.Minute, time.Hour}, cmd.Step):
		bad("--step %s: one of 1s, 1m, 1h", cmd.Step)
	case curve && int64(cmd.Step/time.Second) < dim.Step():
		bad("--step %s is finer than %s is kept: give 1m or 1h, or --dim total, device or country", cmd.Step, dim)
	}
	from, to := instant("--from", cmd.From, 0, &problems), instant("--to", cmd.To, math.MaxInt64, &problems)
	if len(problems) == 0 && from >= to {
		bad("--from %s is not before --to %s", cmd.From, cmd.To)
	}
	return errors.Join(problems...)
}

// query is what the flags ask of the festival, after check.
func (cmd *exportSeriesCmd) query(rules *aggregate.Rules) (sql.SeriesQuery, error) {
	first, last := rules.Windows[0], rules.Windows[len(rules.Windows)-1]
	q := sql.SeriesQuery{Dim: cmd.Dim, Key: cmd.Key, Window: sql.AnyWindow, Step: int64(cmd.Step / time.Second)}
	var problems []error
	q.From = instant("--from", cmd.From, first.StartMs, &problems)
	q.To = instant("--to", cmd.To, last.EndMs, &problems)
	if cmd.Window != "" {
		q.Window = windowIndex(rules, cmd.Window, &problems)
	}
	return q, errors.Join(problems...)
}

// instant reads a time flag as Unix seconds.
func instant(flag, text string, otherwiseMs int64, problems *[]error) int64 {
	if text == "" {
		return otherwiseMs / 1000
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		*problems = append(*problems, fmt.Errorf("%s %q: want RFC 3339 with zone, such as 2026-11-11T00:00:00+08:00", flag, text))
	}
	return t.Unix()
}

func windowIndex(rules *aggregate.Rules, id string, problems *[]error) uint8 {
	for i, w := range rules.Windows {
		if w.ID == id {
			return uint8(i)
		}
	}
	*problems = append(*problems, fmt.Errorf("--window %q: the festival has no such window; it has %s", id, windowIDs(rules)))
	return 0
}

func windowIDs(rules *aggregate.Rules) string {
	var ids []string
	for _, w := range rules.Windows {
		ids = append(ids, w.ID)
	}
	return strings.Join(ids, ", ")
}

type exportOrdersCmd struct{ exportFlags }

// Help is shown under the flags.
func (exportOrdersCmd) Help() string {
	return `Examples:
  festival export orders --data .demo --format parquet -o orders.parquet
  festival export orders --config festival.yaml --format csv | head`
}

// Run writes a row per offset below the stored positions.
func (cmd *exportOrdersCmd) Run(a *app) error {
	return cmd.run(a, func(e *exporting) (string, error) {
		positions, err := storedPositions(a.ctx, e.store, e.ledger.Prefix)
		if err != nil {
			return "", err
		}
		said := time.Now()
		rows, err := export.Orders(a.ctx, e.store, e.ledger.Prefix, e.rules, positions, cmd.Format, e.out, func(rows int64) {
			if time.Since(said) > time.Second {
				said = time.Now()
				fmt.Fprintf(a.err, "\r%d rows", rows)
			}
		})
		return fmt.Sprint(rows, " orders"), err
	})
}

// closedMs names the closing of a ledger, 0 while it is open.
func closedMs(ctx context.Context, store *sql.Store, ledger uint64) (int64, error) {
	row, _, err := store.Closing(ctx, ledger)
	return row.AtMs, err
}

// storedPositions are the next offsets to read that the store has acknowledged, or those of the close.
func storedPositions(ctx context.Context, store *sql.Store, ledger uint64) (map[int32]int64, error) {
	closing, err := closedMs(ctx, store, ledger)
	if err != nil {
		return nil, err
	}
	rows, err := store.Progress(ctx, ledger)
	if closing != 0 {
		rows, err = store.ClosingProgress(ctx, ledger, closing)
	}
	if err != nil {
		return nil, err
	}
	positions := map[int32]int64{}
	for _, r := range rows {
		positions[r.Partition] = r.Revision
	}
	return positions, nil
}

type exportMilestonesCmd struct{ exportFlags }

// Help is shown under the flags.
func (exportMilestonesCmd) Help() string {
	return `Examples:
  festival export milestones --data .demo --format csv`
}

// Run writes a row per window and threshold that was reached.
func (cmd *exportMilestonesCmd) Run(a *app) error {
	return cmd.run(a, func(e *exporting) (string, error) {
		records, err := e.store.Milestones(a.ctx, e.ledger.Prefix)
		if err != nil {
			return "", err
		}
		closing, err := closedMs(a.ctx, e.store, e.ledger.Prefix)
		if err != nil {
			return "", err
		}
		rows := milestoneRows(records, e.rules, closing != 0)
		return fmt.Sprint(len(rows), " milestones"), export.Milestones(rows, cmd.Format, e.out)
	})
}

// milestoneRows folds the records, oldest first: the first on-air second stands, the newest event second stands; after
// the close both for good.
func milestoneRows(records []sql.MilestoneRow, rules *aggregate.Rules, closed bool) []export.Milestone {
	var rows []export.Milestone
	certainty := "provisional"
	if closed {
		certainty = "final"
	}
	at := map[string]int{}
	for _, r := range records {
		id := fmt.Sprint(r.Window, " ", r.ThresholdFen)
		i, ok := at[id]
		if !ok {
			i = len(rows)
			at[id] = i
			rows = append(rows, export.Milestone{Window: r.Window, ThresholdFen: r.ThresholdFen, Certainty: certainty})
		}
		m := &rows[i]
		switch {
		case r.Kind != sql.MilestoneOnAir:
			m.EventMs = r.Second * 1000
			m.SinceStartS = r.Second - windowStart(rules, r.Window)
		case m.OnAirMs == 0:
			m.OnAirMs = r.Second * 1000
		}
	}
	return rows
}

func windowStart(rules *aggregate.Rules, id string) int64 {
	for _, w := range rules.Windows {
		if w.ID == id {
			return w.StartMs / 1000
		}
	}
	return 0
}
