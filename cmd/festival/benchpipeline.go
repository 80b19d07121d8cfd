package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"festival/aggregate"
	"festival/ingest/broker"
	"festival/ingest/rehearsal"
)

// pipeline measures catch-up: a full topic (lz4) into raw orders and cells through the embedded engine, until the
// frame shows all of it, broker and engine on the same machine, after its peer on the same topic. It ends by holding the totals against the answer sheet.
func (b *bench) pipeline() error {
	dir, done, err := b.dir()
	if err != nil {
		return err
	}
	defer done()
	answer, err := b.fill(dir, b.long(), 1)
	if err != nil {
		return err
	}
	c, err := ReadConfig(filepath.Join(dir, "festival.yaml"), nil)
	if err != nil {
		return err
	}
	peer, err := b.kafkaPeer(dir, c.Kafka.Topic, c.Kafka.Partitions, answer)
	if err != nil {
		fmt.Fprintf(b.app.err, "peer: ENGINE=Kafka could not be measured: %v\n", err)
	}
	d, err := b.startDemo(dir, "--config", filepath.Join(dir, "festival.yaml"), "--rate", "0", "--keep-log", benchLog.String())
	if err != nil {
		return err
	}
	line, err := b.catchUp(d, answer)
	if err = errors.Join(err, d.stop()); err != nil {
		return err
	}
	if peer > 0 {
		line.Note += fmt.Sprintf("; %.2f times the peer", line.OrdersPerS/peer)
	}
	return b.print(line)
}

// dir makes a directory for one bench: none finds the data of another, and what --data holds besides stays.
func (b *bench) dir() (string, func(), error) {
	if b.Data != "" {
		if err := os.MkdirAll(b.Data, 0o700); err != nil {
			return "", func() {}, err
		}
	}
	dir, err := os.MkdirTemp(b.Data, "festival-bench-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

const (
	// benchFill is how many records fit into the log that a demo keeps by default, with some room: about 190 bytes each, packed.
	benchFill = 4_500_000
	// benchMost is how many go through pipeline and counting, whose broker keeps benchLog.
	benchMost = 50_000_000
	benchLog  = size(64 << 30)
)

// fill writes a rehearsal into the topic of a data directory on which nothing runs yet, with a festival that fits it.
func (b *bench) fill(dir string, records int64, seed uint64) (rehearsal.Answer, error) {
	start, err := b.opening(dir)
	if err != nil {
		return rehearsal.Answer{}, err
	}
	text, err := demoText(start, "127.0.0.1:9092", "127.0.0.1:8080")
	if err != nil {
		return rehearsal.Answer{}, err
	}
	c, err := demoFestival(start, "", "")
	if err != nil {
		return rehearsal.Answer{}, err
	}
	rules, err := c.Rules(aggregate.DefaultStride)
	if err != nil {
		return rehearsal.Answer{}, err
	}
	if err := b.demoFiles(dir, text, rules); err != nil {
		return rehearsal.Answer{}, err
	}
	bc := broker.DefaultConfig()
	bc.Dir, bc.Addr, bc.Topic, bc.RetentionBytes = brokerDir(dir), "127.0.0.1:0", c.Kafka.Topic, int64(benchLog)
	running, err := broker.Start(b.app.ctx, bc)
	if err != nil {
		return rehearsal.Answer{}, err
	}
	defer running.Stop()
	c.Kafka.Brokers = []string{running.Addr()}
	return b.send(c, rules, start, records, seed)
}

// opening is the start of the window of the directory's festival, an hour ago where there is none yet.
func (b *bench) opening(dir string) (time.Time, error) {
	c, err := ReadConfig(filepath.Join(dir, "festival.yaml"), nil)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Now().Add(-time.Hour).Truncate(time.Second), nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return c.Festival.Windows[0].Start, nil
}

func (b *bench) demoFiles(dir string, text []byte, rules *aggregate.Rules) error {
	demo := &demoCmd{Rate: maxRate, Profile: "midnight"}
	if err := demo.writeReference(filepath.Join(dir, "reference.csv"), rules); err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, "festival.yaml"), text)
}

func (b *bench) send(c *Config, rules *aggregate.Rules, start time.Time, records int64, seed uint64) (rehearsal.Answer, error) {
	r := rehearsal.DefaultConfig()
	r.StartMs, r.Rate, r.Rules, r.Orders, r.Seed = start.UnixMilli(), maxRate, rules, records*52/100, seed
	g, err := rehearsal.New(r)
	if err != nil {
		return rehearsal.Answer{}, err
	}
	client, err := c.kafkaClient()
	if err != nil {
		return rehearsal.Answer{}, err
	}
	defer client.Close()
	s, err := newSource(b.app.ctx, client, g, time.Time{})
	if err != nil {
		return rehearsal.Answer{}, err
	}
	begun := time.Now()
	if err := s.run(b.app.ctx); err != nil {
		return rehearsal.Answer{}, err
	}
	fmt.Fprintf(b.app.err, "filled: %d records in %s\n", s.sent, time.Since(begun).Round(time.Millisecond))
	return g.Answer(), nil
}

// catchUp waits until the frame's positions hold all records, and compares its totals with the answer sheet.
func (b *bench) catchUp(d *benchDemo, answer rehearsal.Answer) (benchLine, error) {
	var first, last aggregate.Frame
	var begun time.Time
	var before map[string]float64
	err := until(b.app.ctx, 30*time.Minute, func() (bool, error) {
		f, err := d.frame()
		if err != nil {
			return false, err
		}
		if begun.IsZero() {
			begun, first = time.Now(), f
			before, _ = d.usage()
		}
		last = f
		return read(f) >= answer.Records, fmt.Errorf("%d of %d records", read(f), answer.Records)
	})
	if err != nil {
		return benchLine{}, fmt.Errorf("%w\n%s", err, lastBytes(d.log.Bytes(), 2000))
	}
	took := time.Since(begun)
	cpu, rss := d.usage()
	if t := last.Total; t.GmvFen != answer.GmvFen || t.Orders != answer.Orders || t.Duplicates != answer.Duplicates || t.Rejected != answer.Rejected {
		return benchLine{}, fmt.Errorf("totals %+v are not the answer sheet's %d fen, %d orders, %d duplicates, %d rejected",
			t, answer.GmvFen, answer.Orders, answer.Duplicates, answer.Rejected)
	}
	n := float64(answer.Records - read(first))
	return benchLine{Bench: "pipeline", Case: "catch-up, lz4", OrdersPerS: n / took.Seconds(), CPUSeconds: minus(cpu, before), RSSMB: rss,
		Note: fmt.Sprintf("%d records in %s; totals equal the answer sheet to the fen", answer.Records, took.Round(time.Millisecond))}, nil
}

// read is how many records a frame's positions stand behind, in a log without gaps that begins at 0.
func read(f aggregate.Frame) (n int64) {
	for _, next := range f.Positions {
		n += next
	}
	return n
}

// frame asks for the newest frame.
func (d *benchDemo) frame() (f aggregate.Frame, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.http+"/api/v1/frame", nil)
	if err != nil {
		return f, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return f, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return f, fmt.Errorf("frame: %s", res.Status)
	}
	return f, json.NewDecoder(res.Body).Decode(&f)
}
