package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"festival/aggregate"
	"festival/ingest/rehearsal"
)

// rehearseCmd is CONTRACT.md §2's `festival rehearse`.
type rehearseCmd struct {
	configFlags
	Start      string  `help:"RFC 3339; where the simulated clock begins. Default: now."`
	Rate       string  `help:"Records a second (under midnight the peak's), or max." default:"2000"`
	Orders     int64   `help:"How many orders; 0 is without end." default:"100000"`
	Seed       uint64  `help:"Same seed and start, same bytes." default:"1"`
	Duplicates float64 `help:"Share of records sent again." default:"0.01"`
	Late       float64 `help:"Share of events that come late." default:"0.02"`
	Bad        float64 `help:"Share of records that are rejected." default:"0.001"`
	Profile    string  `help:"Shape of the night." enum:"midnight,flat" default:"midnight"`
	Answer     string  `help:"File for the answer sheet (JSON)." placeholder:"FILE" type:"path"`
}

// Help is shown under the flags.
func (rehearseCmd) Help() string {
	return `Examples:
  festival rehearse --brokers 127.0.0.1:9092 --topic orders --orders 1000000 --rate max --answer answer.json
  festival rehearse --config festival.yaml --start 2026-11-11T00:00:00+08:00 --rate 50000

Without --config the demo's rates, catalogues and a window of 24 h from --start are used.
Every record carries the header festival-rehearsal: a ledger that reads one is a rehearsal for good.`
}

// Run sends the festival and writes the answer sheet.
func (cmd *rehearseCmd) Run(a *app) error {
	start, c, err := cmd.config(a)
	if err != nil {
		return err
	}
	g, paced, err := cmd.generator(c, start)
	if err != nil {
		return usageError{err}
	}
	if cmd.Check {
		return a.checked("The rehearsal")
	}
	client, err := c.kafkaClient()
	if err != nil {
		return usageError{err}
	}
	defer client.Close()
	if _, err := ensureTopic(a.ctx, client); err != nil {
		return err
	}
	begun := time.Time{}
	if paced {
		begun = time.Now()
	}
	s, err := newSource(a.ctx, client, g, begun)
	if err != nil {
		return err
	}
	s.progress = progress(a, "records sent")
	from := time.Now()
	if err := s.run(a.ctx); err != nil {
		return err
	}
	took := time.Since(from)
	fmt.Fprintf(a.err, "\r%d records sent to %s in %s (%.0f a second)\n", s.sent, c.Kafka.Topic, took.Round(time.Millisecond), float64(s.sent)/took.Seconds())
	return cmd.writeAnswer(a, g)
}

func (cmd *rehearseCmd) config(a *app) (time.Time, *Config, error) {
	start := time.Now()
	if cmd.Start != "" {
		var err error
		if start, err = time.Parse(time.RFC3339, cmd.Start); err != nil {
			return start, nil, usageError{fmt.Errorf("--start %q: want RFC 3339, such as 2026-11-11T00:00:00+08:00", cmd.Start)}
		}
	}
	if cmd.Config != "" {
		c, err := cmd.read(a, true)
		return start, c, err
	}
	c, err := demoFestival(start, "127.0.0.1:9092", "127.0.0.1:8080")
	if err != nil {
		return start, nil, err
	}
	c.Kafka.Brokers = cmd.Brokers
	if cmd.Topic != "" {
		c.Kafka.Topic = cmd.Topic
	}
	return start, c, c.Validate(true)
}

func (cmd *rehearseCmd) generator(c *Config, start time.Time) (g *rehearsal.Generator, paced bool, err error) {
	var problems []error
	rules, err := c.Rules(aggregate.DefaultStride)
	problems = append(problems, err)
	r := rehearsal.DefaultConfig()
	paced = cmd.Rate != "max"
	r.Rate = maxRate
	if paced {
		if r.Rate, err = strconv.ParseInt(cmd.Rate, 10, 64); err != nil {
			problems = append(problems, fmt.Errorf("--rate %q: want records a second, or max", cmd.Rate))
		}
	}
	r.Seed, r.StartMs, r.Orders, r.Rules = cmd.Seed, start.UnixMilli(), cmd.Orders, rules
	r.Duplicates, r.Late, r.Bad, r.Profile = cmd.Duplicates, cmd.Late, cmd.Bad, rehearsal.Profile(cmd.Profile)
	if err := errors.Join(problems...); err != nil {
		return nil, false, err
	}
	g, err = rehearsal.New(r)
	return g, paced, err
}

// maxRate is the simulated clock's rate under --rate max: how dense the night is, not how fast it is sent.
const maxRate = 50_000

func (cmd *rehearseCmd) writeAnswer(a *app, g *rehearsal.Generator) error {
	if cmd.Answer == "" {
		return nil
	}
	text, err := json.MarshalIndent(g.Answer(), "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(cmd.Answer, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("--answer: %w", err)
	}
	fmt.Fprintln(a.err, "Answer sheet:", cmd.Answer)
	return nil
}

// progress says once a second how far long work is.
func progress(a *app, what string) func(int64) {
	said := time.Now()
	return func(n int64) {
		if time.Since(said) > time.Second {
			said = time.Now()
			fmt.Fprintf(a.err, "\r%d %s", n, what)
		}
	}
}
