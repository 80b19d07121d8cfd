package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/ingest/kafka/kafkatest"
	"festival/ingest/rehearsal"
	"festival/sql/engine"
)

// benchNight is a festival of separate processes, as a real one is: broker, store, two ingests, one serve. The source is
// this process.
type benchNight struct {
	*bench
	dir      string
	http     string
	settings *Config
	config   string
	rules    *aggregate.Rules
	broker   *benchChild
	store    *benchChild
	ingests  []*benchChild
	serve    *benchChild
	screen   *screen
	total    rehearsal.Answer // of all that was sent
	seed     uint64
	unwatch  func()
	more     string // of festival.yaml, behind what the demo writes
}

// nightStart bounds the start of each part; nightWait that of everything that has to come right again.
const (
	nightStart = 2 * time.Minute
	nightWait  = 30 * time.Minute
	nightRoom  = 1_000_000 // records that a fill may be ahead of the screen: the log keeps what is not counted
)

// night opens a night in a directory of its own, with more lines of festival.yaml, does something in it and closes it.
func (b *bench) night(more string, do func(*benchNight) error) error {
	dir, done, err := b.dir()
	if err != nil {
		return err
	}
	defer done()
	n, err := b.openNight(dir, more)
	if err != nil {
		return err
	}
	defer n.close()
	return do(n)
}

// openNight starts everything, and fills it with b.Records. close ends it, whatever has failed.
func (b *bench) openNight(dir, more string) (n *benchNight, err error) {
	n = &benchNight{bench: b, dir: dir, screen: newScreen(), unwatch: func() {}, more: more}
	for _, start := range []func() error{n.startBroker, n.startStore, n.startIngests, n.startServe, n.fill} {
		if err := start(); err != nil {
			n.close()
			return nil, err
		}
	}
	return n, nil
}

func (n *benchNight) close() {
	n.unwatch()
	for _, c := range append([]*benchChild{n.serve, n.store, n.broker}, n.ingests...) {
		if c != nil {
			c.kill()
		}
	}
}

func (n *benchNight) child(name string, args ...string) (*benchChild, error) {
	c := &benchChild{name: name, args: args, log: filepath.Join(n.dir, name+".log")}
	return c, c.start()
}

func (n *benchNight) await(c *benchChild, ready func() (bool, error)) error {
	err := until(n.app.ctx, nightStart, func() (bool, error) {
		if err := c.alive(); err != nil {
			return false, err
		}
		return ready()
	})
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", c.name, err, lastBytes([]byte(c.said()), 2000))
	}
	return nil
}

func (n *benchNight) startBroker() (err error) {
	addr, err := kafkatest.FreeAddr()
	if err != nil {
		return err
	}
	start := time.Now().Add(-time.Hour).Truncate(time.Second)
	if n.http, err = kafkatest.FreeAddr(); err != nil {
		return err
	}
	if n.settings, err = demoFestival(start, addr, n.http); err != nil {
		return err
	}
	if n.rules, err = n.settings.Rules(aggregate.DefaultStride); err != nil {
		return err
	}
	n.broker, err = n.child("broker", "broker", "--dir", brokerDir(n.dir), "--addr", addr, "--topic", n.settings.Kafka.Topic,
		"--partitions", strconv.Itoa(n.settings.Kafka.Partitions), "--retention", strconv.FormatInt(nightLog, 10))
	if err != nil {
		return err
	}
	return n.await(n.broker, func() (bool, error) { return dials(n.app.ctx, addr) })
}

// nightLog is how many bytes the broker keeps: 190 a record, and an outage of minutes at 50,000 a second has to fit.
const nightLog = 8 << 30

func dials(ctx context.Context, addr string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	err := awaitDial(ctx, addr)
	return err == nil, err
}

// startStore starts the engine and writes festival.yaml with its address and token.
func (n *benchNight) startStore() error {
	addr, err := kafkatest.FreeAddr()
	if err != nil {
		return err
	}
	if n.store, err = n.child("store", "store", "--data", storeDir(n.dir), "--addr", addr); err != nil {
		return err
	}
	var token []byte
	err = n.await(n.store, func() (ok bool, err error) {
		if token, err = os.ReadFile(filepath.Join(storeDir(n.dir), "token")); err != nil || len(token) == 0 {
			return false, err
		}
		return dials(n.app.ctx, addr)
	})
	if err != nil {
		return err
	}
	text, err := demoText(n.settings.Festival.Windows[0].Start, n.settings.Kafka.Brokers[0], n.http)
	if err != nil {
		return err
	}
	dsn := engine.DSN(addr, strings.TrimSpace(string(token)), "")
	whole := strings.Replace(string(text), `{dsn: ""}`, fmt.Sprintf("{dsn: %q}", dsn), 1)
	n.config = filepath.Join(n.dir, "festival.yaml")
	return n.demoFiles(n.dir, []byte(whole+n.more), n.rules)
}

func (n *benchNight) startIngests() error {
	for i := range 2 {
		c, err := n.child(fmt.Sprintf("ingest-%d", i), "ingest", "--config", n.config, "--metrics=")
		if err != nil {
			return err
		}
		n.ingests = append(n.ingests, c)
		if err := n.await(c, func() (bool, error) { return assignments(c) > 0, nil }); err != nil {
			return err
		}
	}
	return nil
}

// assignments is how often an ingest was given partitions.
func assignments(c *benchChild) int { return strings.Count(c.said(), "partitions assigned") }

func (n *benchNight) startServe() (err error) {
	if n.serve, err = n.child("serve", "serve", "--config", n.config); err != nil {
		return err
	}
	if err := n.await(n.serve, n.isReady); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(n.app.ctx)
	watching := make(chan struct{})
	go func() { defer close(watching); n.screen.watch(ctx, n.http) }()
	n.unwatch = func() { cancel(); <-watching }
	return nil
}

func (n *benchNight) isReady() (bool, error) {
	res, err := http.Get("http://" + n.http + "/readyz")
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK, fmt.Errorf("readyz: %s", res.Status)
}

// fill sends Records as fast as they are counted, and waits until they are shown.
func (n *benchNight) fill() error {
	begun := time.Now()
	for n.total.Records < n.Records*9/10 {
		r := rehearsal.DefaultConfig()
		r.StartMs, r.Rate, r.Orders = n.rules.Windows[0].StartMs, maxRate, min(benchFill, n.Records-n.total.Records)*52/100+1
		s, err := n.source(r, time.Time{})
		if err != nil {
			return err
		}
		s.acked = func(partition int32, end int64) {
			n.screen.sent(partition, end)
			for n.screen.behind() > nightRoom && sleep(n.app.ctx, 20*time.Millisecond) {
			}
		}
		if err := s.run(n.app.ctx); err != nil {
			return err
		}
		n.add(s)
	}
	if err := n.caughtUp(0); err != nil {
		return err
	}
	fmt.Fprintf(n.app.err, "filled: %d records sent, counted and shown in %s\n", n.total.Records, time.Since(begun).Round(time.Millisecond))
	return nil
}

// source makes a source of records with the next seed.
func (n *benchNight) source(r rehearsal.Config, begun time.Time) (*source, error) {
	n.seed++
	r.Rules, r.Seed = n.rules, n.seed
	g, err := rehearsal.New(r)
	if err != nil {
		return nil, err
	}
	client, err := n.settings.kafkaClient()
	if err != nil {
		return nil, err
	}
	context.AfterFunc(n.app.ctx, client.Close)
	s, err := newSource(n.app.ctx, client, g, begun)
	if err == nil {
		s.acked = n.screen.sent
	}
	return s, err
}

func (n *benchNight) add(s *source) {
	a := s.generator.Answer()
	n.total.Records, n.total.Orders, n.total.GmvFen = n.total.Records+a.Records, n.total.Orders+a.Orders, n.total.GmvFen+a.GmvFen
	n.total.Duplicates, n.total.Rejected = n.total.Duplicates+a.Duplicates, n.total.Rejected+a.Rejected
}

// caughtUp waits until at most so many records are not shown.
func (n *benchNight) caughtUp(most int64) error {
	err := until(n.app.ctx, nightWait, func() (bool, error) {
		behind := n.screen.behind()
		return behind <= most, fmt.Errorf("%d records are not shown", behind)
	})
	if err != nil {
		err = fmt.Errorf("%w\n%s\n%s", err, lastBytes([]byte(n.ingests[0].said()), 1500), lastBytes([]byte(n.serve.said()), 1500))
	}
	return err
}

// underLoad sends Rate records a second while play runs, then waits until all is shown and holds the totals against the
// answer sheets.
func (n *benchNight) underLoad(play func() error) error {
	r := rehearsal.DefaultConfig()
	r.StartMs, r.Rate, r.Profile = time.Now().UnixMilli(), n.Rate, rehearsal.Flat
	s, err := n.source(r, time.Now())
	if err != nil {
		return err
	}
	over := make(chan struct{})
	s.over = over
	var all errgroup.Group
	all.Go(func() error { return s.run(n.app.ctx) })
	err = play()
	close(over)
	if err = errors.Join(err, all.Wait()); err != nil {
		return err
	}
	n.add(s)
	if err := n.caughtUp(0); err != nil {
		return err
	}
	return n.exact()
}

// exact fails where the shown totals are not those of the answer sheets.
func (n *benchNight) exact() error {
	f, _ := n.screen.now()
	if t := f.Total; t.GmvFen != n.total.GmvFen || t.Orders != n.total.Orders || t.Duplicates != n.total.Duplicates || t.Rejected != n.total.Rejected {
		return fmt.Errorf("totals %+v are not the answer sheets' %d fen, %d orders, %d duplicates, %d rejected", t,
			n.total.GmvFen, n.total.Orders, n.total.Duplicates, n.total.Rejected)
	}
	return nil
}
