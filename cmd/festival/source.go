package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/ingest/kafka"
	"festival/ingest/rehearsal"
)

// rehearsalHeader marks every record of a rehearsal; a ledger that has read one is a rehearsal for good.
const rehearsalHeader = "festival-rehearsal"

// slice is how often a paced source sends what is due: small enough that pacing is not seen in latency.
const slice = 5 * time.Millisecond

// source sends a generator's records to Kafka, paced by its simulated clock, or as fast as the log takes them.
type source struct {
	generator *rehearsal.Generator
	producer  *kafka.Producer
	encoders  []*kafka.Encoder
	begun     time.Time // wall clock of the simulated clock's start; zero: not paced
	lossy     bool      // a batch whose outcome is unknown is passed: for the demo, which keeps no answer sheet
	sent      int64
	progress  func(sent int64)
	acked     func(partition int32, end int64) // a batch is in the log, the offset after it; nil for nobody
	over      <-chan struct{}                  // closed: send what was made and end, so that the answer sheet is whole; nil: never
}

func newSource(ctx context.Context, client *kafka.Client, g *rehearsal.Generator, begun time.Time) (*source, error) {
	producer, err := client.NewProducer(ctx)
	if err != nil {
		return nil, fmt.Errorf("rehearsal: %w", err)
	}
	s := &source{generator: g, producer: producer, begun: begun, progress: func(int64) {}}
	for range producer.Partitions() {
		e, err := kafka.NewEncoder(kafka.LZ4, kafka.Header{Key: rehearsalHeader, Value: "1"})
		if err != nil {
			return nil, fmt.Errorf("rehearsal: %w", err)
		}
		s.encoders = append(s.encoders, e)
	}
	return s, nil
}

// run sends until the generator ends or ctx does.
func (s *source) run(ctx context.Context) error {
	var rec rehearsal.Record
	for s.generator.Next(&rec) {
		if s.before(rec.AtNs) > 0 {
			if err := s.send(ctx); err != nil {
				return stopped(ctx, err)
			}
			if !sleep(ctx, s.before(rec.AtNs)) {
				return nil
			}
		}
		e := s.encoders[partitionOf(rec.Key, len(s.encoders))]
		e.Append(rec.Key, rec.Value, rec.KafkaMs)
		s.sent++
		if e.Full() {
			if err := s.send(ctx); err != nil {
				return stopped(ctx, err)
			}
		}
		if s.isOver() {
			break
		}
	}
	return stopped(ctx, s.send(ctx))
}

func (s *source) isOver() bool {
	select {
	case <-s.over:
		return true
	default:
		return false
	}
}

// before is how long a record still waits, in whole slices, so that sends come at most every slice.
func (s *source) before(atNs int64) time.Duration {
	if s.begun.IsZero() {
		return 0
	}
	due := s.begun.Add(time.Duration(atNs)).Truncate(slice)
	return time.Until(due)
}

// send writes what is encoded, all partitions at once.
func (s *source) send(ctx context.Context) error {
	var all errgroup.Group
	for i, e := range s.encoders {
		if e.Len() == 0 {
			continue
		}
		all.Go(func() error {
			base, err := s.producer.Send(ctx, int32(i), e)
			if err == nil && s.acked != nil {
				s.acked(int32(i), base+int64(e.Len()))
			}
			if errors.Is(err, kafka.ErrUncertain) && s.lossy {
				err = nil
			}
			e.Reset()
			return err
		})
	}
	s.progress(s.sent)
	return all.Wait()
}

// stopped makes a stop on request a clean end.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// partitionOf keeps all records of an order in one partition, whatever the process.
func partitionOf(key []byte, partitions int) int {
	h := fnv.New32a()
	_, _ = h.Write(key)
	return int(h.Sum32() % uint32(partitions))
}

func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// newSource is the demo's: its night is that of the festival's first window, and it goes on at the present time
// after a restart.
func (d *demoCmd) newSource(ctx context.Context, p *demoParts, rules *aggregate.Rules, now time.Time) (*source, error) {
	c := rehearsal.DefaultConfig()
	c.Seed, c.Rate, c.Profile, c.Rules = uint64(d.Seed), int64(d.Rate), rehearsal.Profile(d.Profile), rules
	c.StartMs, c.OpenMs = now.UnixMilli(), rules.Windows[0].StartMs
	g, err := rehearsal.New(c)
	if err != nil {
		return nil, usageError{err}
	}
	s, err := newSource(ctx, p.kafka, g, now)
	if err == nil {
		s.lossy = true
	}
	return s, err
}
