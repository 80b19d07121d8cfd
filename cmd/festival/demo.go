package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/ingest"
	"festival/ingest/kafka"
	"festival/query"
	"festival/sql"
	"festival/sql/engine"
)

// demoCmd is CONTRACT.md §2's `festival demo`.
type demoCmd struct {
	Config    string `help:"A festival of your own instead of the demo's." type:"path" placeholder:"FILE"`
	Check     bool   `help:"Read everything, connect to nothing, and exit."`
	Addr      string `help:"Where pages and API listen." default:"127.0.0.1:8080" env:"FESTIVAL_HTTP_ADDR"`
	KafkaAddr string `help:"Where the demo's broker listens; any Kafka producer may write to it." default:"127.0.0.1:9092"`
	Data      string `help:"Directory of everything that lasts." default:".demo" type:"path"`
	KeepLog   size   `help:"How much of its log the demo's broker keeps; the oldest orders beyond it are deleted and cannot be verified any more. A million orders take some 200MiB." default:"1GiB"`
	Rate      int    `help:"Orders a second at the midnight peak; 0 starts no source." default:"2000"`
	Seed      int64  `help:"Seed of the rehearsal." default:"1"`
	Verify    bool   `help:"A process of its own recounts behind the live edge; its records make the badge say verified." default:"true" negatable:""`
	Profile   string `help:"Shape of the rehearsal's night." enum:"midnight,flat" default:"midnight"`
}

// Help is shown under the flags.
func (demoCmd) Help() string {
	return `Examples:
  festival demo                          the wall at http://127.0.0.1:8080
  festival demo --rate 50000             fifty thousand orders a second
  festival demo --rate 50000 --keep-log 40GiB
                                         an hour of that can be verified
  festival demo --rate 0 --data /tmp/f   no source: write orders with any Kafka producer
                                         to topic orders at 127.0.0.1:9092

Ctrl-C stops cleanly; a start with the same --data goes on exactly.`
}

// childWait is how long a child may take to answer at its first start: a predecessor that was killed may hold its
// port and directory for a moment, and the broker reads its whole log.
const childWait = 30 * time.Second

// Run starts everything in the data's order and stops it in reverse.
func (d *demoCmd) Run(a *app) error {
	if err := d.check(a); err != nil {
		return err
	}
	unlock, err := lockDir(d.Data)
	if err != nil {
		return err
	}
	defer unlock()
	if err := errors.Join(engineInstalled(), freePort("--addr", d.Addr), waitPort(a.ctx, "--kafka-addr", d.KafkaAddr)); err != nil {
		return err
	}
	c, err := d.config(a, time.Now())
	if err != nil {
		return err
	}
	if err := d.writeRunning(); err != nil {
		return err
	}
	return d.serve(a, c)
}

func (d *demoCmd) checking() bool { return d.Check }

// check reads the configuration that a start would read, without making the data directory.
func (d *demoCmd) check(a *app) error {
	path := d.Config
	if own := filepath.Join(d.Data, "festival.yaml"); path == "" && exists(own) {
		path = own
	}
	c, err := d.read(a, path)
	if path == "" {
		c.read.nothing()
	}
	if err = both(d.validate(), err, c.Validate(false)); err == nil && d.checking() && path != "" {
		c.printWall(a.out)
	}
	return err
}

func (d *demoCmd) validate() error {
	var problems []error
	if !hostPort(d.Addr) {
		problems = append(problems, fmt.Errorf("--addr %q: want host:port", d.Addr))
	}
	if !hostPort(d.KafkaAddr) {
		problems = append(problems, fmt.Errorf("--kafka-addr %q: want host:port", d.KafkaAddr))
	}
	if hostPort(d.KafkaAddr) && !loopback(d.KafkaAddr) {
		problems = append(problems, fmt.Errorf("--kafka-addr %s: the demo's broker listens on loopback only, such as 127.0.0.1:9092", d.KafkaAddr))
	}
	if hostPort(d.Addr) && d.Addr == d.KafkaAddr {
		problems = append(problems, fmt.Errorf("--addr and --kafka-addr are both %s: give the pages and the broker an address each", d.Addr))
	}
	if d.Rate < 0 || d.Rate > 5_000_000 {
		problems = append(problems, fmt.Errorf("--rate %d: from 0 to 5000000", d.Rate))
	}
	if d.KeepLog < leastLog || d.KeepLog > mostLog {
		problems = append(problems, fmt.Errorf("--keep-log %s: from %s to %s", d.KeepLog, leastLog, mostLog))
	}
	return asUsage(errors.Join(problems...))
}

// demoParts are what runs, in the data's order.
type demoParts struct {
	log    *slog.Logger
	config *Config
	broker *child
	engine *engine.Supervisor
	kafka  *kafka.Client
	store  *sql.Store
	ingest *ingest.Ingest
	server *query.Server
	source *source
}

func (d *demoCmd) serve(a *app, c *Config) (err error) {
	p := &demoParts{log: a.logger(), config: c}
	children, stopChildren := context.WithCancel(context.WithoutCancel(a.ctx))
	brokerDone, err := d.startChildren(children, a, p)
	stop := func() { // in reverse of the data's order
		if p.store != nil {
			err = errors.Join(err, p.store.Close())
		}
		if p.kafka != nil {
			p.kafka.Close()
		}
		stopChildren() // side by side with the engine: nobody reads or writes any more
		if p.engine != nil {
			ctx, cancel := context.WithTimeout(context.Background(), engineGrace)
			defer cancel()
			err = errors.Join(err, p.engine.Stop(ctx))
		}
		if brokerDone != nil {
			<-brokerDone
		}
	}
	defer stop()
	if err != nil {
		return err
	}
	if err := d.wire(a, p); err != nil {
		return err
	}
	return d.run(a, p)
}

// startChildren starts broker and engine side by side.
func (d *demoCmd) startChildren(ctx context.Context, a *app, p *demoParts) (brokerDone <-chan struct{}, err error) {
	p.broker = d.brokerChild(a, p.config, p.log)
	var both errgroup.Group
	both.Go(func() (err error) {
		brokerDone, err = p.broker.start(ctx, childWait)
		return err
	})
	both.Go(func() (err error) {
		start, cancel := context.WithTimeout(a.ctx, childWait)
		defer cancel()
		e := p.config.engine(storeDir(d.Data))
		e.Stderr, e.Log = a.err, p.log
		p.engine, err = superviseEngine(start, e)
		return err
	})
	return brokerDone, both.Wait()
}

// restarts tells operators how often each child was started again.
func (p *demoParts) restarts() map[string]int64 {
	return map[string]int64{"broker": p.broker.restarts.Load(), "engine": p.engine.Restarts()}
}

// storeDir and brokerDir are where a data directory keeps its store and its log.
func storeDir(data string) string  { return filepath.Join(data, "store") }
func brokerDir(data string) string { return filepath.Join(data, "broker") }

// superviseEngine retries while the engine of a killed predecessor still holds the directory.
func superviseEngine(ctx context.Context, cfg engine.Config) (*engine.Supervisor, error) {
	for {
		s, err := engine.Supervise(ctx, cfg)
		if !errors.Is(err, engine.ErrServed) || !sleep(ctx, childBackoff) {
			return s, err
		}
	}
}

func (d *demoCmd) wire(a *app, p *demoParts) (err error) {
	if p.kafka, err = p.config.kafkaClient(); err != nil {
		return err
	}
	if p.store, err = openStore(a.ctx, sql.Config{DSN: p.engine.DSN("")}); err != nil {
		return err
	}
	night := &nightParts{app: a, config: p.config, kafka: p.kafka, store: p.store, log: p.log, alone: true, children: p.restarts}
	if err := night.wire(d.Addr); err != nil {
		return err
	}
	showDisk(night.registry, p.config.engine(storeDir(d.Data)))
	p.ingest, p.server = night.ingest, night.server
	if d.Rate > 0 {
		p.source, err = d.newSource(a.ctx, p, night.rules, time.Now())
	}
	return err
}

// run runs ingest, API and source until the first of them ends or the program is asked to stop.
func (d *demoCmd) run(a *app, p *demoParts) error {
	all, ctx := errgroup.WithContext(a.ctx)
	all.Go(func() error { return p.server.Run(ctx) })
	all.Go(func() error { return p.ingest.Run(ctx) })
	if p.source != nil {
		all.Go(func() error { return p.source.run(ctx) })
	}
	if d.Verify {
		all.Go(func() error { d.keepVerify(ctx, a, p.log); return nil })
	}
	d.announce(a, p)
	err := all.Wait()
	if a.ctx.Err() != nil {
		fmt.Fprintln(a.out, "Stopped. A start with --data", d.Data, "goes on exactly.")
		return nil
	}
	return err
}

func (d *demoCmd) announce(a *app, p *demoParts) {
	source := fmt.Sprintf("a rehearsal of up to %d orders a second (seed %d), labelled as such everywhere", d.Rate, d.Seed)
	if d.Rate == 0 {
		source = "none: write orders to topic " + p.config.Kafka.Topic + " with any Kafka producer"
	}
	fmt.Fprintf(a.out, `
  The wall     http://%s/
  Press desk   http://%s/desk      Merchants  http://%s/merchant?id=m1      Operations  http://%s/ops
  API          http://%s/api/v1/frame
  Kafka        %s (demo broker, not for production)
  Data         %s
  Source       %s
  Stop         Ctrl-C

`, d.Addr, d.Addr, d.Addr, d.Addr, d.Addr, d.KafkaAddr, d.Data, source)
}
