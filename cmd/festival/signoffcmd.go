package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"festival/ingest"
	"festival/query"
	"festival/sql"
)

// signFlags are what both sign-offs take.
type signFlags struct {
	placeFlags
	Brokers   []string `help:"Kafka brokers, over kafka.brokers." placeholder:"HOST:PORT"`
	Partition int32    `help:"The partition that stopped." required:""`
	By        string   `help:"Who signs." required:"" placeholder:"NAME"`
	Reason    string   `help:"Why; it stays in the record." required:""`
	Yes       bool     `help:"Do not ask."`
}

// acceptGapCmd is `festival ledger accept-gap`.
type acceptGapCmd struct {
	signFlags
	From int64 `help:"First lost offset, as the partition's stop says." required:""`
	To   int64 `help:"Where the log begins now, as the stop says." required:""`
}

// Help is shown under the flags.
func (acceptGapCmd) Help() string {
	return `Examples:
  festival ledger accept-gap --config festival.yaml --partition 1 --from 70500 --to 81300 --by Ann --reason "retention was 1 h"
  festival ledger accept-gap --data .demo --partition 1 --from 70500 --to 81300 --by Ann --reason "disk was full" --yes

Signs off that the offsets [from, to) of a partition, which Kafka deleted before they were counted, are not in the ledger's log. It is
refused where the world says otherwise. The record stays for good: verify, /ops, ledger list and the metrics show it. The partition
goes on by itself within seconds. A log that was replaced or cut cannot be signed off: docs/operations.md, "log replaced".`
}

// Run signs the gap off.
func (cmd *acceptGapCmd) Run(a *app) error {
	return cmd.sign(a, func(d *ingest.Desk) (sql.Signoff, error) {
		return d.Gap(a.ctx, cmd.Partition, cmd.From, cmd.To, cmd.By, cmd.Reason)
	})
}

// recountCmd is `festival ledger recount`.
type recountCmd struct{ signFlags }

// Help is shown under the flags.
func (recountCmd) Help() string {
	return `Examples:
  festival ledger recount --config festival.yaml --partition 1 --by Ann --reason "retention was 1 h"

Signs off that a partition's open segment is counted again from its stored raw rows, because Kafka has deleted its beginning. Nothing
is lost by that: raw rows hold the whole log up to the stored progress. Every row has to get the verdict again that it bears.`
}

// Run signs the recount off.
func (cmd *recountCmd) Run(a *app) error {
	return cmd.sign(a, func(d *ingest.Desk) (sql.Signoff, error) {
		return d.Recount(a.ctx, cmd.Partition, cmd.By, cmd.Reason)
	})
}

// sign prepares a record, shows it, asks, and writes it.
func (f *signFlags) sign(a *app, prepare func(*ingest.Desk) (sql.Signoff, error)) error {
	if strings.TrimSpace(f.By) == "" || strings.TrimSpace(f.Reason) == "" {
		return usageError{errors.New("--by and --reason are empty: say who signs and why")}
	}
	if !query.OneLine(f.By) || !query.OneLine(f.Reason) {
		return usageError{fmt.Errorf("--by %q, --reason %q: each has to be one line without control characters; they stay in the record", f.By, f.Reason)}
	}
	return f.within(a, func(p *place) error { return f.signAt(a, p, prepare) })
}

func (f *signFlags) signAt(a *app, p *place, prepare func(*ingest.Desk) (sql.Signoff, error)) error {
	desk, done, err := f.desk(a, p)
	if err != nil {
		return err
	}
	defer done()
	record, err := prepare(desk)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(ingest.SignoffDocument(desk.Ledger.ID, record), "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s\n", text)
	if err := f.confirm(a, record); err != nil {
		return err
	}
	if err := desk.Sign(a.ctx, record); err != nil {
		return err
	}
	fmt.Fprintln(a.out, "Signed off. The partition goes on by itself within seconds.")
	return nil
}

// confirm wants the offsets typed, unless --yes.
func (f *signFlags) confirm(a *app, r sql.Signoff) error {
	if f.Yes {
		return nil
	}
	want := fmt.Sprintf("%d-%d", r.First, r.End)
	fmt.Fprintf(a.out, "This cannot be taken back. Type %s to sign: ", want)
	line := ""
	if a.in != nil {
		line, _ = bufio.NewReader(a.in).ReadString('\n')
	}
	if strings.TrimSpace(line) != want {
		return errors.New("not signed off: the offsets were not typed; nothing was changed (--yes does not ask)")
	}
	return nil
}

func (f *signFlags) desk(a *app, p *place) (*ingest.Desk, func(), error) {
	ledger, err := storedLedger(a.ctx, p.store, p.config, p.rules)
	if err != nil {
		return nil, nil, err
	}
	if ledger.Identity.TopicID, err = recordedTopic(a.ctx, p.store, ledger.Prefix); err != nil {
		return nil, nil, err
	}
	brokers, stop, err := f.brokers(a.ctx, p.config, f.Brokers)
	if err != nil {
		return nil, nil, err
	}
	p.config.Kafka.Brokers = brokers
	client, err := p.config.kafkaClient()
	if err != nil {
		stop()
		return nil, nil, err
	}
	desk := &ingest.Desk{Kafka: client, Store: p.store, Ledger: ledger, Stride: p.rules.Stride, Clock: time.Now}
	return desk, func() { client.Close(); stop() }, nil
}
