package main

import (
	"context"
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
	p, err := cmd.begin(a)
	if err != nil {
		return err
	}
	defer p.done()
	all, err := p.store.Ledgers(a.ctx)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "festival\tserial\topened\tledger")
	for _, l := range all {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\n", l.Festival, l.Serial, time.UnixMilli(l.CreatedMs).In(p.config.Zone()).Format(time.DateTime), l.ID)
	}
	return t.Flush()
}

type ledgerNewCmd struct {
	placeFlags
	Brokers []string `help:"Kafka brokers, over kafka.brokers." placeholder:"HOST:PORT"`
}

// Help is shown under the flags.
func (ledgerNewCmd) Help() string {
	return `Examples:
  festival ledger new --data .demo
  festival ledger new --config festival.yaml

Needed after a change of rules, rates or windows, or when the log is another one (cluster, partition count, replaced,
offsets lost). The new ledger begins where the log begins now; the old one stays as it is.`
}

// Run opens the ledger with the next serial, for the configuration's rules and the log as it is now.
func (cmd *ledgerNewCmd) Run(a *app) error {
	p, err := cmd.begin(a)
	if err != nil {
		return err
	}
	defer p.done()
	c := p.config
	old, err := newestLedger(a.ctx, p.store, c.Festival.ID)
	if err != nil {
		return err
	}
	if old == nil {
		return errors.New("the store has no ledger of this festival yet: `festival ingest` or `demo` opens the first one")
	}
	brokers, stop, err := cmd.brokers(a.ctx, c, cmd.Brokers)
	if err != nil {
		return err
	}
	defer stop()
	c.Kafka.Brokers = brokers
	l, err := cmd.create(a.ctx, p.store, c, p.rules, old.Serial+1)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Opened ledger %s, serial %d. Restart ingest and serve: they count the log anew beside serial %d.\n", l.ID, l.Serial, old.Serial)
	return nil
}

func (cmd *ledgerNewCmd) create(ctx context.Context, store *sql.Store, c *Config, rules *aggregate.Rules, serial int) (*sql.Ledger, error) {
	client, err := c.kafkaClient()
	if err != nil {
		return nil, usageError{err}
	}
	defer client.Close()
	identity, err := ensureTopic(ctx, client)
	if err != nil {
		return nil, err
	}
	document := rules.Document(identity.ClusterID, identity.Topic, int(identity.Partitions), serial)
	return createLedger(ctx, store, client, c, identity, document, serial, rules)
}
