package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"festival/aggregate"
	"festival/ingest"
	"festival/query"
	"festival/sql"
)

// holdCmd is `festival hold`: the screens rest on the official frame that they show.
type holdCmd struct {
	placeFlags
	By      string `help:"Who asks; recorded." placeholder:"NAME"`
	Reason  string `help:"Why the number is held; recorded and shown." placeholder:"REASON"`
	Release bool   `help:"Let the screens go on."`
	Show    bool   `help:"Show all holds and releases of the ledger."`
}

// Help is shown under the flags.
func (holdCmd) Help() string {
	return `Examples:
  festival hold --data .demo --by "Lin Yue" --reason "a producer sends nonsense amounts"
  festival hold --config festival.yaml --release --by "Lin Yue"
  festival hold --config festival.yaml --show

All screens rest on one official frame within two seconds, and say so; counting and frames go on. Every hold and release is
recorded for good.`
}

func (cmd *holdCmd) check(a *app) error {
	var problems []error
	if !cmd.Show && cmd.By == "" {
		problems = append(problems, errors.New("--by is empty: say who asks; it is recorded"))
	}
	if !cmd.Show && !cmd.Release && cmd.Reason == "" {
		problems = append(problems, errors.New("--reason is empty: say why the number is held; it is recorded and shown (or give --release)"))
	}
	_, err := cmd.read(a)
	return both(append(problems, err)...)
}

// Run appends the record and waits until an official frame follows it.
func (cmd *holdCmd) Run(a *app) error {
	if err := cmd.check(a); err != nil {
		return err
	}
	return cmd.withLedger(a, func(p *place, ledger ingest.Ledger) error { return cmd.run(a, p, ledger) })
}

func (cmd *holdCmd) run(a *app, p *place, ledger ingest.Ledger) error {
	if cmd.Show {
		return cmd.show(a, p, ledger.Prefix)
	}
	row := sql.HoldRow{AtMs: time.Now().UnixMilli(), Held: !cmd.Release, Who: cmd.By, Reason: cmd.Reason}
	if err := query.ChangeHold(a.ctx, p.store, ledger.Prefix, row); err != nil {
		return err
	}
	return cmd.follow(a, p, ledger.Prefix)
}

func (cmd *holdCmd) show(a *app, p *place, ledger uint64) error {
	rows, err := p.store.Holds(a.ctx, ledger)
	for _, r := range rows {
		what := "released"
		if r.Held {
			what = "held"
		}
		fmt.Fprintf(a.out, "%s  %-8s  %s  %s\n", time.UnixMilli(r.AtMs).In(p.config.Zone()).Format("2006-01-02 15:04:05"), what, r.Who, r.Reason)
	}
	return err
}

// follow waits for the official frame that carries the change.
func (cmd *holdCmd) follow(a *app, p *place, ledger uint64) error {
	for end := time.Now().Add(publishedWithin); time.Now().Before(end) && sleep(a.ctx, 200*time.Millisecond); {
		row, ok, err := p.store.LastFrame(a.ctx, ledger, "")
		if err != nil || !ok {
			continue // the record stands, whatever the store says now
		}
		var f aggregate.Frame
		if err := json.Unmarshal([]byte(row.JSON), &f); err != nil {
			return fmt.Errorf("official frame of second %d: %w", row.Second, err)
		}
		switch {
		case f.Frozen != nil && !cmd.Release:
			fmt.Fprintf(a.out, "Held: the screens rest on the official frame of %s.\n", f.Frozen.Second)
			return nil
		case f.Frozen == nil && cmd.Release:
			fmt.Fprintln(a.out, "Released: the screens go on.")
			return nil
		}
	}
	fmt.Fprintln(a.out, "Recorded; no official frame has followed yet. The next one does.")
	return nil
}
