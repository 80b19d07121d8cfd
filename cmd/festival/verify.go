package main

import (
	"encoding/json"
	"io"
	"os"

	"festival/ingest/verify"
	"festival/sql"
)

// verifyCmd is CONTRACT.md §2's `festival verify`.
type verifyCmd struct {
	placeFlags
	Brokers   []string `help:"Kafka brokers, over kafka.brokers." placeholder:"HOST:PORT"`
	From      string   `help:"kafka or orders; by default Kafka where the log is there, raw orders for the rest." enum:",kafka,orders" default:""`
	Partition int32    `help:"This partition only." default:"-1"`
	Until     int64    `help:"Recount up to this offset of the partition (exclusive); by default all that is stored."`
	JSON      bool     `help:"The result as JSON." name:"json"`
	followFlags
}

func (cmd *verifyCmd) check(a *app) error {
	return both(cmd.problems(cmd.asked()), cmd.placeFlags.check(a))
}

// asked is what the flags say of the recount.
func (cmd *verifyCmd) asked() verify.Config {
	v := verify.Config{From: cmd.From, Until: cmd.Until}
	if cmd.Partition >= 0 {
		v.Partitions = []int32{cmd.Partition}
	}
	return v
}

// Help is shown under the flags.
func (verifyCmd) Help() string {
	return `Examples:
  festival verify --data .demo
  festival verify --config festival.yaml --from kafka --partition 2 --until 1000000 --json
  festival verify --config festival.yaml --follow --metrics 127.0.0.1:9102

Recounts with an implementation of its own (aggregate/recount, franz-go) and compares every cell, seal and raw row, all
figures of every official frame, and the records that name frames. Exit code 0: everything is equal; 3: what differs is
listed. NOT DECIDED is what a stop or a copy leaves out as well as somebody who deletes it: it is told, and no difference. With --follow it says at the end how many frames were compared; 3: some differed, their records say how.`
}

// Run recounts and compares.
func (cmd *verifyCmd) Run(a *app) error {
	if err := asUsage(cmd.problems(cmd.asked())); err != nil {
		return err
	}
	return cmd.within(a, func(p *place) error { return cmd.run(a, p) })
}

func (cmd *verifyCmd) run(a *app, p *place) error {
	ledger, err := checkedLedger(a, p)
	if err != nil {
		return err
	}
	v := cmd.asked()
	v.Store, v.Ledger, v.Progress, v.Terminal, v.OwnPace = p.store, *ledger, a.err, isTerminal(a.err), a.ownPace()
	for _, yuan := range p.config.Festival.Milestones {
		v.ThresholdsFen = append(v.ThresholdsFen, yuan*100)
	}
	if cmd.From != verify.FromOrders {
		brokers, stop, err := cmd.brokers(a.ctx, p.config, cmd.Brokers)
		if err != nil {
			return err
		}
		defer stop()
		v.Kafka = brokers
		if v.KafkaOpts, err = p.config.kgoOptions(); err != nil {
			return err
		}
	}
	if cmd.Follow {
		return cmd.follow(a, v, cmd.JSON)
	}
	result, err := verify.Run(a.ctx, v)
	if err != nil {
		return err
	}
	return cmd.report(a.out, result)
}

// checkedLedger gives the newest ledger, whose rules have to be the configuration's. One whose document was altered is
// given as it is: verify names it.
func checkedLedger(a *app, p *place) (*sql.Ledger, error) {
	ledger, err := newestLedger(a.ctx, p.store, p.config.Festival.ID)
	if err == nil && ledger != nil && verify.CheckLedger(*ledger) != nil {
		return ledger, nil
	}
	if _, err := storedLedger(a.ctx, p.store, p.config, p.rules); err != nil {
		return nil, err
	}
	return ledger, err
}

// isTerminal tells whether somebody looks at it.
func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (cmd *verifyCmd) report(out io.Writer, r *verify.Result) error {
	if cmd.JSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else if err := r.WriteText(out); err != nil {
		return err
	}
	if r.Differs() {
		return differenceError{r.Count, storeDiffers}
	}
	return nil
}
