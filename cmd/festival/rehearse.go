package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"festival/aggregate"
	"festival/ingest/rehearsal"
)

// rehearseCmd is CONTRACT.md §2's `festival rehearse`.
type rehearseCmd struct {
	configFlags
	chaosFlags
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
  festival rehearse --chaos --seed 7                 a festival of its own while everything breaks; exit 3 if a figure is wrong, 1 if a part hung or ended
  festival rehearse --chaos --seeds 1,2,3 --for 90s --card card.json --page scorecard.md
  festival rehearse --chaos --seeds 1,2,3,4 --at-once 2 --resume --card card.json   two at a time; seeds done stay on the card

Without --config the demo's rates, catalogues and a window of 24 h from --start are used.
Every record carries the header festival-rehearsal: a ledger that reads one is a rehearsal for good.`
}

func (cmd *rehearseCmd) check(a *app) error {
	if cmd.Chaos {
		return cmd.chaosFlags.check()
	}
	_, err := cmd.prepare(a)
	return both(err, cmd.chaosFlags.unused())
}

// rehearsing is what a rehearsal needs before it connects.
type rehearsing struct {
	config    *Config
	generator *rehearsal.Generator
	paced     bool
}

// prepare reads everything; the error is every problem of file, environment and flags.
func (cmd *rehearseCmd) prepare(a *app) (*rehearsing, error) {
	start, problem := cmd.start()
	c, err := cmd.config(a, start)
	r := &rehearsing{config: c}
	var flags error
	r.generator, r.paced, flags = cmd.generator(c, start)
	return r, both(problem, flags, cmd.checkAnswer(), err)
}

// Run sends the festival and writes the answer sheet.
func (cmd *rehearseCmd) Run(a *app) error {
	if cmd.Chaos {
		return cmd.runChaos(a, cmd.Seed)
	}
	if err := cmd.unused(); err != nil {
		return usageError{err}
	}
	r, err := cmd.prepare(a)
	if err != nil {
		return err
	}
	c, g := r.config, r.generator
	client, err := c.kafkaClient()
	if err != nil {
		return usageError{err}
	}
	defer client.Close()
	if _, err := ensureTopic(a.ctx, client); err != nil {
		return err
	}
	begun := time.Time{}
	if r.paced {
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

func (cmd *rehearseCmd) start() (time.Time, error) {
	if cmd.Start == "" {
		return time.Now(), nil
	}
	start, err := time.Parse(time.RFC3339, cmd.Start)
	if err != nil {
		return time.Now(), fmt.Errorf("--start %q: want RFC 3339, such as 2026-11-11T00:00:00+08:00", cmd.Start)
	}
	return start, nil
}

// config is the given one, or without --config the demo's festival with the flags' brokers and the environment over it.
func (cmd *rehearseCmd) config(a *app, start time.Time) (*Config, error) {
	if cmd.Config != "" {
		return cmd.read(a, true)
	}
	c, err := demoFestival(start, "127.0.0.1:9092", "127.0.0.1:8080")
	if err != nil {
		return c, err
	}
	c.Kafka.Brokers = nil
	err = c.applyEnv(a.environ)
	c.overBrokers(cmd.Brokers)
	c.over("kafka.topic", &c.Kafka.Topic, cmd.Topic)
	return c, both(err, c.Validate(true))
}

func (cmd *rehearseCmd) generator(c *Config, start time.Time) (g *rehearsal.Generator, paced bool, err error) {
	r := rehearsal.DefaultConfig()
	var problem error
	if r.Rate, paced, problem = cmd.rate(); problem != nil {
		r.Rate = maxRate
	}
	rules, err := c.Rules(aggregate.DefaultStride)
	if err != nil { // Validate says why; the flags are looked at all the same
		if rules, err = anyRules(start); err != nil {
			return nil, paced, err
		}
	}
	r.Seed, r.StartMs, r.Orders, r.Rules = cmd.Seed, start.UnixMilli(), cmd.Orders, rules
	r.Duplicates, r.Late, r.Bad, r.Profile = cmd.Duplicates, cmd.Late, cmd.Bad, rehearsal.Profile(cmd.Profile)
	g, err = rehearsal.New(r)
	return g, paced, errors.Join(problem, err)
}

// anyRules are the demo's.
func anyRules(start time.Time) (*aggregate.Rules, error) {
	c, err := demoFestival(start, "", "")
	if err != nil {
		return nil, err
	}
	return c.Rules(aggregate.DefaultStride)
}

// rate is in records a second; max is not paced.
func (cmd *rehearseCmd) rate() (rate int64, paced bool, err error) {
	if cmd.Rate == "max" {
		return maxRate, false, nil
	}
	if rate, err = strconv.ParseInt(cmd.Rate, 10, 64); err != nil {
		return 0, true, fmt.Errorf("--rate %q: want records a second, or max", cmd.Rate)
	}
	return rate, true, nil
}

// checkAnswer looks before hours of work whether the answer sheet can be written at their end.
func (cmd *rehearseCmd) checkAnswer() error {
	if cmd.Answer == "" {
		return nil
	}
	dir := filepath.Dir(cmd.Answer)
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return fmt.Errorf("--answer %s: directory %s is not there: make it, or give another file", cmd.Answer, dir)
	case !info.IsDir():
		return fmt.Errorf("--answer %s: %s is no directory: give another file", cmd.Answer, dir)
	case unix.Access(dir, unix.W_OK) != nil:
		return fmt.Errorf("--answer %s: directory %s cannot be written to: give another file", cmd.Answer, dir)
	}
	if info, err := os.Stat(cmd.Answer); err == nil && info.IsDir() {
		return fmt.Errorf("--answer %s is a directory: name a file in it", cmd.Answer)
	}
	return nil
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
