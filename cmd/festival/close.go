package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"festival/ingest"
	"festival/query"
	"festival/sql"
)

// closeCmd is CONTRACT.md §2's `festival close`.
type closeCmd struct {
	placeFlags
	By     string `help:"Who closes; recorded." placeholder:"NAME"`
	Anyway string `help:"Close although something is unfinished; the reason is recorded." placeholder:"REASON"`
	Show   bool   `help:"Print the closing document of a closed festival."`
}

// Help is shown under the flags.
func (closeCmd) Help() string {
	return `Examples:
  festival close --data .demo --by "Lin Yue"
  festival close --config festival.yaml --by "Lin Yue" --anyway "partition 3 is lost, decided with finance at 02:10"
  festival close --config festival.yaml --show > closing.json

Fixes the festival's figures for good: from then on every figure is answered as of the close, and what comes later is
counted beside it (after_close). Refused while a partition is incomplete or a window's end is not complete. The process that
makes the official frames does it (serve or demo), within a few seconds; its next official frame is the final one. Prints
the closing document: totals, positions, seals, rules, and its own SHA-256. Repeating it prints the same document.`
}

func (cmd *closeCmd) check(a *app) error {
	var problem error
	if !cmd.Show && (cmd.By == "" || len(cmd.By) > 64) {
		problem = fmt.Errorf("--by %q: say who closes, in 1 to 64 bytes; it is recorded", cmd.By)
	}
	if !query.OneLine(cmd.By) || !query.OneLine(cmd.Anyway) {
		problem = fmt.Errorf("--by %q, --anyway %q: each has to be one line without control characters; they are recorded", cmd.By, cmd.Anyway)
	}
	_, err := cmd.read(a)
	return both(problem, err)
}

// closing is a close that is under way.
type closing struct {
	*place
	app    *app
	ledger ingest.Ledger
}

// Run closes the festival, or shows that it is closed.
func (cmd *closeCmd) Run(a *app) error {
	if err := cmd.check(a); err != nil {
		return err
	}
	return cmd.withLedger(a, func(p *place, ledger ingest.Ledger) error { return cmd.run(a, p, ledger) })
}

func (cmd *closeCmd) run(a *app, p *place, ledger ingest.Ledger) error {
	c := &closing{place: p, app: a, ledger: ledger}
	row, closed, err := p.store.Closing(a.ctx, ledger.Prefix)
	switch {
	case err != nil:
		return err
	case closed:
		fmt.Fprintf(a.err, "Closed at %s by %s.\n", c.text(row.AtMs), row.Who)
	case cmd.Show:
		return errors.New("the festival is not closed: `festival close --by NAME` closes it")
	default:
		if row, err = c.ask(sql.CloseRequest{AtMs: time.Now().UnixMilli(), Who: cmd.By, Anyway: cmd.Anyway}); err != nil {
			return err
		}
	}
	return c.print(row)
}

func (c *closing) text(ms int64) string {
	return time.UnixMilli(ms).In(c.config.Zone()).Format("2006-01-02 15:04:05")
}

// ask asks the process that makes the official frames and waits for the close.
func (c *closing) ask(r sql.CloseRequest) (row sql.Closing, err error) {
	if err := c.ready(r); err != nil {
		return row, err
	}
	if err := c.store.AskClose(c.app.ctx, c.ledger.Prefix, r); err != nil {
		return row, err
	}
	row, err = c.await(r)
	if err != nil { // nobody closes later what was given up now
		withdraw, cancel := context.WithTimeout(context.WithoutCancel(c.app.ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, c.store.AnswerClose(withdraw, c.ledger.Prefix, r.AtMs, time.Now().UnixMilli(), "withdrawn by who asked"))
	}
	return row, err
}

// publishedWithin is how long a new official frame is waited for: one a second is due.
const publishedWithin = 10 * time.Second

// ready says why the festival cannot be closed now.
func (c *closing) ready(r sql.CloseRequest) error {
	progress, err := c.store.Progress(c.app.ctx, c.ledger.Prefix)
	if err != nil {
		return err
	}
	pulses, err := c.store.Pulses(c.app.ctx, c.ledger.Prefix)
	if err != nil {
		return err
	}
	unfinished, err := query.Unfinished(query.Config{Rules: c.rules, Partitions: int(c.ledger.Identity.Partitions),
		LatenessMs: c.config.Festival.Lateness.Milliseconds(), Zone: c.config.Zone()}, progress, pulses, time.Now().UnixMilli())
	if err != nil {
		return err
	}
	if len(unfinished) > 0 && r.Anyway == "" {
		return refusal(strings.Join(unfinished, "\n"))
	}
	return c.published()
}

// refusal says what is unfinished and what to do.
func refusal(unfinished string) error {
	return fmt.Errorf("not closed, because figures could still change:\n  %s\nLet ingest run until it is done (/ops and /readyz show it), or give --anyway REASON, which is recorded",
		strings.ReplaceAll(unfinished, "\n", "\n  "))
}

// published waits for an official frame that was not there at first: somebody makes them.
func (c *closing) published() error {
	first, _, err := c.store.LastFrame(c.app.ctx, c.ledger.Prefix, "")
	for end := time.Now().Add(publishedWithin); err == nil && time.Now().Before(end) && sleep(c.app.ctx, 200*time.Millisecond); {
		var now sql.FrameRow
		if now, _, err = c.store.LastFrame(c.app.ctx, c.ledger.Prefix, ""); err == nil && now.Seq > first.Seq {
			return nil
		}
	}
	if err := errors.Join(err, c.app.ctx.Err()); err != nil {
		return err
	}
	return fmt.Errorf("not closed: nobody has made an official frame for %s, and the final one is needed: start `festival serve` or `festival demo` and close again", publishedWithin)
}

// closeWithin bounds the wait: a request lives as long (query).
const closeWithin = 5 * time.Minute

// await waits for the closing, or for the answer that there is none.
func (c *closing) await(r sql.CloseRequest) (row sql.Closing, err error) {
	said := time.Now()
	for end := said.Add(closeWithin); time.Now().Before(end); {
		row, closed, err := c.store.Closing(c.app.ctx, c.ledger.Prefix)
		if err != nil && !sql.IsUnavailable(err) || closed {
			return row, err
		}
		answer, err := c.store.CloseAnswer(c.app.ctx, c.ledger.Prefix, r.AtMs)
		if err == nil && answer != "" {
			return row, refusal(answer)
		}
		if time.Since(said) > 2*time.Second {
			said = time.Now()
			fmt.Fprintln(c.app.err, "Asked; the cut is being made ...")
		}
		if !sleep(c.app.ctx, 200*time.Millisecond) {
			return row, fmt.Errorf("interrupted; the request is withdrawn: %w", c.app.ctx.Err())
		}
	}
	return row, fmt.Errorf("not closed within %s: the log of the process that makes the official frames says why; the request is withdrawn", closeWithin)
}

// print writes the document to standard output, what it says in short to standard error.
func (c *closing) print(row sql.Closing) error {
	d, err := query.CheckClosing(row.Document)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.app.out, row.Document)
	fmt.Fprintf(c.app.err, "%d orders, GMV %s yuan, in the final frame of %s.\nClosing document SHA-256 %s\n", d.Total.Orders,
		yuan(d.Total.GmvFen), d.Frame.Second, d.SHA256)
	return nil
}

func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }
