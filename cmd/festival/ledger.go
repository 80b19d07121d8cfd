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

// ledgerCmd is `festival ledger list|new|accept-gap|accept-topic|recount`.
type ledgerCmd struct {
	List        ledgerListCmd  `cmd:"" default:"withargs" help:"Show the ledgers of a store, and what was signed off."`
	New         ledgerNewCmd   `cmd:"" help:"Open a new ledger beside the newest one: ingest then counts the log anew."`
	AcceptGap   acceptGapCmd   `cmd:"" help:"Sign off that offsets which Kafka deleted are not in the ledger's log."`
	AcceptTopic acceptTopicCmd `cmd:"" help:"Sign off that a topic that was made anew holds the ledger's log."`
	Recount     recountCmd     `cmd:"" help:"Sign off that raw rows stand for the beginning of the open segment."`
}

// Help is shown under the flags.
func (ledgerCmd) Help() string {
	return `Examples:
  festival ledger list --data .demo
  festival ledger new --config festival.yaml
  festival ledger accept-gap --config festival.yaml --partition 1 --from 70500 --to 81300 --by Ann --reason "retention was 1 h"
  festival ledger accept-topic --config festival.yaml --topic-id 3f0c…9a --by Ann --reason "topic restored from the mirror, offsets kept"
  festival ledger recount --config festival.yaml --partition 1 --by Ann --reason "retention was 1 h"`
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
	return cmd.within(a, func(p *place) error { return p.listLedgers(a) })
}

func (p *place) listLedgers(a *app) error {
	all, err := p.store.Ledgers(a.ctx)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "festival\tserial\topened\tledger")
	for _, l := range all {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\n", l.Festival, l.Serial, time.UnixMilli(l.CreatedMs).In(p.config.Zone()).Format(time.DateTime), l.ID)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, l := range all {
		if err := errors.Join(p.listSignoffs(a, l), p.listTopics(a, l)); err != nil {
			return err
		}
	}
	return nil
}

// listSignoffs prints a line for each sign-off of a ledger.
func (p *place) listSignoffs(a *app, l sql.Ledger) error {
	records, err := p.store.Signoffs(a.ctx, l.Prefix)
	if err != nil || len(records) == 0 {
		return err
	}
	fmt.Fprintf(a.out, "\nSigned off in ledger %s:\n", l.ID[:8])
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "at\tkind\tpartition\tfrom\tto\tby\treason\trecord")
	for _, r := range records {
		kind := map[uint8]string{sql.SignoffGap: "gap", sql.SignoffRecount: "recount"}[r.Kind]
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\n", time.UnixMilli(r.AtMs).In(p.config.Zone()).Format(time.DateTime), kind,
			r.Partition, r.First, r.End, r.By, r.Reason, r.Hash[:min(8, len(r.Hash))])
	}
	return t.Flush()
}

// listTopics prints a line for each topic that was signed off for a ledger.
func (p *place) listTopics(a *app, l sql.Ledger) error {
	all, err := p.store.TopicIDs(a.ctx, l.Prefix)
	for _, r := range all {
		if r.By != "" {
			fmt.Fprintf(a.out, "\nLedger %s: topic %s signed off at %s by %s: %s (record %s)\n", l.ID[:8], r.ID,
				time.UnixMilli(r.AtMs).In(p.config.Zone()).Format(time.DateTime), r.By, r.Reason, r.Hash[:min(8, len(r.Hash))])
		}
	}
	return err
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
	return cmd.within(a, func(p *place) error { return cmd.open(a, p) })
}

func (cmd *ledgerNewCmd) open(a *app, p *place) error {
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
