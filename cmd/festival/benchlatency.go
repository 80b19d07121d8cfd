package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/ingest/rehearsal"
)

// sentBatch is an acknowledged append: the partition's offsets below end are in the log since at.
type sentBatch struct {
	partition int32
	end       int64
	at        time.Time
}

// appends keeps what was appended until a frame shows it.
type appends struct {
	mu       sync.Mutex
	waiting  map[int32][]sentBatch
	live     []time.Duration // append to live frame on the stream
	official []time.Duration // append to official frame
	shown    map[int32][]sentBatch
}

// latency measures Kafka append -> frame on an SSE stream, with broker, engine, ingest, API and source on this machine.
func (b *bench) latency() error {
	return b.withDemo(func(d *benchDemo, c *Config, rules *aggregate.Rules) error {
		live, official, err := b.underLoad(d, c, rules)
		return errors.Join(err, b.printAll(err, live, official))
	})
}

// printAll prints results that there are.
func (b *bench) printAll(err error, lines ...benchLine) error {
	var errs []error
	for _, l := range lines {
		if err == nil {
			errs = append(errs, b.print(l))
		}
	}
	return errors.Join(errs...)
}

// withDemo starts a demo without a source, whose festival begins now, waits for its first frame, does something with it and
// stops it.
func (b *bench) withDemo(do func(d *benchDemo, c *Config, rules *aggregate.Rules) error) error {
	dir, done, err := b.dir()
	if err != nil {
		return err
	}
	defer done()
	start := time.Now().Truncate(time.Second)
	text, err := demoText(start, "127.0.0.1:9092", "127.0.0.1:8080")
	if err != nil {
		return err
	}
	c, err := demoFestival(start, "", "")
	if err != nil {
		return err
	}
	rules, err := c.Rules(aggregate.DefaultStride)
	if err != nil {
		return err
	}
	if err := b.demoFiles(dir, text, rules); err != nil {
		return err
	}
	d, err := b.startDemo(dir, "--config", filepath.Join(dir, "festival.yaml"), "--rate", "0")
	if err != nil {
		return err
	}
	c.Kafka.Brokers = []string{d.kafka}
	err = until(b.app.ctx, time.Minute, func() (bool, error) { _, err := d.frame(); return err == nil, err })
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, lastBytes(d.log.Bytes(), 2000))
	} else {
		err = do(d, c, rules)
	}
	return errors.Join(err, d.stop())
}

func (b *bench) underLoad(d *benchDemo, c *Config, rules *aggregate.Rules) (live, official benchLine, err error) {
	ctx, cancel := context.WithTimeout(b.app.ctx, b.For)
	defer cancel()
	a := &appends{waiting: map[int32][]sentBatch{}, shown: map[int32][]sentBatch{}}
	s, err := b.pacedSource(ctx, c, rules, a)
	if err != nil {
		return live, official, err
	}
	before, _ := d.usage()
	begun := time.Now()
	var peak map[string]float64
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return s.run(ctx) })
	all.Go(func() error { return streamFrames(ctx, d.http, a.arrived) })
	all.Go(func() error { peak = d.peak(ctx); return nil })
	if err := all.Wait(); err != nil && b.app.ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
		return live, official, err
	}
	took := time.Since(begun)
	cpu, _ := d.usage()
	live = benchLine{Bench: "latency", Case: fmt.Sprintf("append to live frame, %d/s", b.Rate), OrdersPerS: float64(s.sent) / took.Seconds(),
		CPUSeconds: minus(cpu, before), RSSMB: peak, Note: fmt.Sprintf("%d appends over %s; RSS is the peak", len(a.live), took.Round(time.Second))}
	official = benchLine{Bench: "latency", Case: fmt.Sprintf("append to official frame, %d/s", b.Rate), OrdersPerS: live.OrdersPerS, Note: fmt.Sprintf("%d appends", len(a.official))}
	live.P50Ms, live.P99Ms, live.MaxMs = quantiles(a.live)
	official.P50Ms, official.P99Ms, official.MaxMs = quantiles(a.official)
	return live, official, nil
}

func (b *bench) pacedSource(ctx context.Context, c *Config, rules *aggregate.Rules, a *appends) (*source, error) {
	client, err := c.kafkaClient()
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, client.Close)
	r := rehearsal.DefaultConfig()
	r.StartMs, r.Rate, r.Rules, r.Profile = time.Now().UnixMilli(), b.Rate, rules, rehearsal.Flat
	g, err := rehearsal.New(r)
	if err != nil {
		return nil, err
	}
	s, err := newSource(ctx, client, g, time.Now())
	if err == nil {
		s.acked = a.sent
	}
	return s, err
}

func (a *appends) sent(partition int32, end int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := sentBatch{partition, end, time.Now()}
	a.waiting[partition] = append(a.waiting[partition], b)
	a.shown[partition] = append(a.shown[partition], b)
}

func (a *appends) arrived(f *aggregate.Frame, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.live = arrivals(a.live, a.waiting, f.Positions, now)
	if f.Official {
		a.official = arrivals(a.official, a.shown, f.Positions, now)
	}
}

func arrivals(took []time.Duration, waiting map[int32][]sentBatch, positions aggregate.Positions, now time.Time) []time.Duration {
	for partition, list := range waiting {
		n := 0
		for n < len(list) && list[n].end <= positions[partition] {
			took = append(took, now.Sub(list[n].at))
			n++
		}
		waiting[partition] = list[n:]
	}
	return took
}

func quantiles(d []time.Duration) (p50, p99, most float64) {
	if len(d) == 0 {
		return 0, 0, 0
	}
	slices.Sort(d)
	ms := func(i int) float64 { return float64(d[i].Microseconds()) / 1000 }
	return ms(len(d) / 2), ms(len(d) * 99 / 100), ms(len(d) - 1)
}

// peak is the largest resident memory of each process until ctx ends.
func (d *benchDemo) peak(ctx context.Context) map[string]float64 {
	most := map[string]float64{}
	for sleep(ctx, time.Second) {
		_, rss := d.usage()
		for name, mb := range rss {
			most[name] = max(most[name], mb)
		}
	}
	return most
}
