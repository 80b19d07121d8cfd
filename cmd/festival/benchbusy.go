package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/ingest/kafka"
	"festival/ingest/rehearsal"
)

const (
	busyShare = 0.8                   // of what pipeline reached in the same run
	busyFor   = 20 * time.Second      // at most: its records are held in memory, 190 bytes each
	busySlice = 20 * time.Millisecond // a batch of each partition holds what comes in so long, as a producer that lingers
	busyMade  = 250_000               // records a second that are made in any case, so that their clock begins when they can be sent
	busyShown = time.Minute           // for what was sent to be shown, afterwards
)

// busy measures append to live frame near the most that the pipeline can: at busyShare of what pipeline reached in the same run, else at
// Rate. The source would need a core of the two at that rate, so all records are made and packed beforehand and only sent while it
// measures. What was reached is what counts and is said; frames are awaited until everything sent is shown.
func (b *bench) busy() error {
	rate, of := b.busyRate()
	return b.withDemo(func(d *benchDemo, c *Config, rules *aggregate.Rules) error {
		begun := time.Now()
		made, err := b.premade(c, rules, rate, min(b.For, busyFor))
		if err != nil {
			return err
		}
		fmt.Fprintf(b.app.err, "made: %d records for %d/s in %s\n", made.records, rate, time.Since(begun).Round(time.Millisecond))
		line, err := b.underBusyLoad(d, c, made)
		line.Case = fmt.Sprintf("append to live frame, %d/s asked%s", rate, of)
		return b.printAll(err, line)
	})
}

// busyRate is what is asked of the busy bench, and what it is a part of.
func (b *bench) busyRate() (rate int64, of string) {
	for _, l := range pipelineRate.of(*b.lines) {
		return int64(busyShare * l.OrdersPerS), fmt.Sprintf(", %.0f %% of pipeline", 100*busyShare)
	}
	return b.Rate, ""
}

// premade are batches of each partition with the time at which they are due.
type premade struct {
	start   time.Time
	records int64
	batches [][]dueBatch
}

type dueBatch struct {
	after time.Duration // of the start
	batch *kafka.Encoder
}

// premade makes the records of so long at a rate, all of them once: none is a duplicate that the rehearsal did not mean.
func (b *bench) premade(c *Config, rules *aggregate.Rules, rate int64, span time.Duration) (*premade, error) {
	want := int64(float64(rate) * span.Seconds())
	m := &premade{start: time.Now().Add(time.Duration(want/busyMade+1) * time.Second), batches: make([][]dueBatch, c.Kafka.Partitions)}
	r := rehearsal.DefaultConfig()
	r.StartMs, r.Rate, r.Rules, r.Profile = m.start.UnixMilli(), rate, rules, rehearsal.Flat
	g, err := rehearsal.New(r)
	if err != nil {
		return nil, err
	}
	filling := make([]*kafka.Encoder, len(m.batches))
	for i := range filling {
		if filling[i], err = kafka.NewEncoder(kafka.LZ4, kafka.Header{Key: rehearsalHeader, Value: "1"}); err != nil {
			return nil, err
		}
	}
	var rec rehearsal.Record
	for end := busySlice; m.records < want && g.Next(&rec); m.records++ {
		for due := time.Duration(rec.AtNs); due >= end; end += busySlice {
			if err := errors.Join(m.cut(filling, end), b.app.ctx.Err()); err != nil {
				return nil, err
			}
		}
		i := partitionOf(rec.Key, len(filling))
		if filling[i].Append(rec.Key, rec.Value, rec.KafkaMs); filling[i].Full() {
			if err := m.pack(i, filling[i], time.Duration(rec.AtNs)); err != nil {
				return nil, err
			}
		}
	}
	return m, m.cut(filling, span)
}

// cut packs what is in every batch.
func (m *premade) cut(filling []*kafka.Encoder, after time.Duration) error {
	for i, e := range filling {
		if err := m.pack(i, e, after); err != nil {
			return err
		}
	}
	return nil
}

func (m *premade) pack(partition int, e *kafka.Encoder, after time.Duration) error {
	if e.Len() == 0 {
		return nil
	}
	packed, err := e.Packed()
	m.batches[partition] = append(m.batches[partition], dueBatch{after, packed})
	e.Reset()
	return err
}

// send sends every batch when it is due, or at once where that has passed; each partition goes by itself.
func (m *premade) send(ctx context.Context, client *kafka.Client, sent *atomic.Int64, acked func(partition int32, end int64)) error {
	producer, err := client.NewProducer(ctx)
	if err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	for i, batches := range m.batches {
		all.Go(func() error {
			for k := range batches {
				batch := batches[k].batch
				batches[k].batch = nil // its memory is not needed again
				if !sleep(ctx, time.Until(m.start.Add(batches[k].after))) {
					return ctx.Err()
				}
				base, err := producer.Send(ctx, int32(i), batch)
				if err != nil {
					return err
				}
				acked(int32(i), base+int64(batch.Len()))
				sent.Add(int64(batch.Len()))
			}
			return nil
		})
	}
	return all.Wait()
}

// underBusyLoad sends everything and waits until it is shown.
func (b *bench) underBusyLoad(d *benchDemo, c *Config, made *premade) (line benchLine, err error) {
	client, err := c.kafkaClient()
	if err != nil {
		return line, err
	}
	defer client.Close()
	if now := time.Now(); now.After(made.start) { // made too slowly: their clock has begun, the sending begins now
		made.start = now
	}
	if !sleep(b.app.ctx, time.Until(made.start)) {
		return line, b.app.ctx.Err()
	}
	a := &appends{waiting: map[int32][]sentBatch{}, shown: map[int32][]sentBatch{}}
	ctx, cancel := context.WithCancel(b.app.ctx)
	defer cancel()
	var watching errgroup.Group
	watching.Go(func() error { return unlessOver(ctx, streamFrames(ctx, d.http, a.arrived)) })
	before, _ := d.usage()
	own, sent := ownCPU(), atomic.Int64{}
	err = made.send(ctx, client, &sent, a.sent)
	took := time.Since(made.start)
	cpu, rss := d.usage()
	used := minus(cpu, before)
	used["bench"] = (ownCPU() - own).Seconds()
	if err == nil {
		err = until(ctx, busyShown, func() (bool, error) { n := a.unseen(); return n == 0, fmt.Errorf("%d appends are not shown", n) })
	}
	shown := time.Since(made.start) - took
	cancel()
	err = errors.Join(err, watching.Wait())
	line = benchLine{Bench: "busy", OrdersPerS: float64(sent.Load()) / took.Seconds(), CPUSeconds: used, RSSMB: rss,
		Seconds: map[string]float64{"sent": took.Seconds(), "then all shown": shown.Seconds()},
		Note: fmt.Sprintf("%.0f records/s reached over %.1f s, all %d appends shown %.2f s after the last; records made beforehand",
			float64(sent.Load())/took.Seconds(), took.Seconds(), len(a.live), shown.Seconds())}
	line.P50Ms, line.P99Ms, line.MaxMs = quantiles(a.live)
	return line, err
}

// unseen is how many appends no frame has shown yet.
func (a *appends) unseen() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, list := range a.waiting {
		n += len(list)
	}
	return n
}

// unlessOver is no error where the end was asked for.
func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
