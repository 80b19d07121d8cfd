package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// ledgerCmd is `festival ledger list|new`.
type ledgerCmd struct {
	List ledgerListCmd `cmd:"" default:"withargs" help:"Show the ledgers of a store."`
	New  ledgerNewCmd  `cmd:"" help:"Open a new ledger beside the newest one: ingest then counts the log anew."`
}

// Help is shown under the flags.
func (ledgerCmd) Help() string {
	return `Examples:
  festival ledger list --data .demo
  festival ledger new --config festival.yaml`
}

type ledgerListCmd struct{ placeFlags }

// Help is shown under the flags.
func (ledgerListCmd) Help() string {
	return `Examples:
  festival ledger list --data .demo
  festival ledger list --config festival.yaml`
}

// Run prints a line each.
func (cmd *ledgerListCmd) Run(a *app) error {
	c, err := cmd.read(a)
	if err != nil {
		return err
	}
	if cmd.Check {
		return a.checked("The configuration")
	}
	store, done, err := cmd.open(a.ctx, c)
	if err != nil {
		return err
	}
	defer done()
	all, err := store.Ledgers(a.ctx)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "festival\tserial\topened\tledger")
	for _, l := range all {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\n", l.Festival, l.Serial, time.UnixMilli(l.CreatedMs).In(c.Zone()).Format(time.DateTime), l.ID)
	}
	return t.Flush()
}

type ledgerNewCmd struct{ placeFlags }

// Help is shown under the flags.
func (ledgerNewCmd) Help() string {
	return `Examples:
  festival ledger new --config festival.yaml

After a change of rules: the new ledger counts the same log from the recorded log start, the old one stays as it is.`
}

// Run opens the ledger with the next serial for the configuration's rules.
func (cmd *ledgerNewCmd) Run(a *app) error {
	c, err := cmd.read(a)
	if err != nil {
		return err
	}
	rules, err := c.Rules(aggregate.DefaultStride)
	if err != nil {
		return usageError{err}
	}
	if cmd.Check {
		return a.checked("The configuration")
	}
	store, done, err := cmd.open(a.ctx, c)
	if err != nil {
		return err
	}
	defer done()
	old, err := newestLedger(a.ctx, store, c.Festival.ID)
	if err != nil {
		return err
	}
	if old == nil {
		return errors.New("the store has no ledger of this festival yet: `festival ingest` or `demo` opens the first one")
	}
	l, err := nextLedger(old, rules)
	if err != nil {
		return err
	}
	if err := store.CreateLedger(a.ctx, l); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Opened ledger %s, serial %d. Restart ingest and serve: they count the log anew beside serial %d.\n", l.ID, l.Serial, old.Serial)
	return nil
}

// nextLedger is the old ledger's log under the present rules with the next serial.
func nextLedger(old *sql.Ledger, rules *aggregate.Rules) (sql.Ledger, error) {
	var place sealedPlace
	if err := json.Unmarshal([]byte(old.Document), &place); err != nil {
		return sql.Ledger{}, fmt.Errorf("ledger document: %w", err)
	}
	document := rules.Document(place.Cluster, place.Topic, place.Partitions, old.Serial+1)
	l, err := newLedger(document, old.Serial+1, old.Festival, rules)
	if err != nil {
		return sql.Ledger{}, err
	}
	l.LogStart = old.LogStart
	return l, nil
}
