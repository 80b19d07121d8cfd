package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate"
	"festival/ingest/kafka/kafkatest"
	"festival/ingest/rehearsal"
)

// shop writes a rehearsal into the topic as several careless producers would. What it sent says nothing about the truth:
// retries double records, aborted transactions leave bytes that do not count. The truth is read from the topic.
type shop struct {
	r         *rand.Rand
	generator *rehearsal.Generator
	plain     []*kgo.Client // idempotent, by codec
	again     *kgo.Client   // not idempotent: a batch may be sent twice
	seeds     []string
	txns      int
	txn       *kgo.Client

	sent      atomic.Int64 // records handed to a producer, retries and aborted ones too
	aborted   int64
	committed int64
	retried   int64
}

// batch is how many records go one way; slice is how often what is due is sent.
const (
	batch = 250
	slice = 20 * time.Millisecond
)

func (w *world) openShop(rules *aggregate.Rules) (*shop, error) {
	c := rehearsal.DefaultConfig()
	c.Seed, c.Rules, c.Profile, c.StartMs = w.cfg.Seed, rules, rehearsal.Flat, w.begun.UnixMilli()
	c.Duplicates, c.Late, c.Bad = .02, .03, .004
	c.Rate = max(100, w.cfg.Records*12/10/int64(w.cfg.For.Seconds()))
	g, err := rehearsal.New(c)
	if err != nil {
		return nil, err
	}
	s := &shop{r: rand.New(rand.NewPCG(w.cfg.Seed, 0x5409)), generator: g, seeds: w.kafka.Addrs(kafkatest.Plaintext)}
	for _, codec := range []kgo.CompressionCodec{kgo.NoCompression(), kgo.Lz4Compression(), kgo.SnappyCompression()} {
		client, err := s.client(kgo.ProducerBatchCompression(codec))
		if err != nil {
			return nil, err
		}
		s.plain = append(s.plain, client)
	}
	s.again, err = s.client(kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1), kgo.ProducerBatchCompression(kgo.ZstdCompression()))
	return s, err
}

func (s *shop) client(opts ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(s.seeds...), kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerLinger(5 * time.Millisecond), kgo.MaxBufferedRecords(20_000),
		kgo.MetadataMinAge(100 * time.Millisecond), kgo.ProduceRequestTimeout(10 * time.Second)}, opts...)...)
}

func (s *shop) close() {
	for _, c := range append(s.plain, s.again, s.txn) {
		if c != nil {
			c.Close()
		}
	}
}

// sell sends what is due until until has ended and enough was sent. It gives up at ctx's end only.
func (s *shop) sell(ctx, until context.Context, begun time.Time, enough int64) error {
	var rec rehearsal.Record
	for until.Err() == nil || s.sent.Load() < enough {
		due := time.Since(begun).Nanoseconds()
		var records []*kgo.Record
		for len(records) < batch && s.generator.Next(&rec) {
			records = append(records, record(&rec))
			if rec.AtNs > due {
				break
			}
		}
		if err := s.send(ctx, records); err != nil {
			return err
		}
		if !rest(ctx, max(0, min(time.Until(begun.Add(time.Duration(rec.AtNs))), slice))) {
			return ctx.Err()
		}
	}
	var errs []error
	for _, c := range append(s.plain, s.again) {
		errs = append(errs, c.Flush(ctx))
	}
	return errors.Join(errs...)
}

func record(rec *rehearsal.Record) *kgo.Record {
	h := uint32(2166136261)
	for _, b := range rec.Key {
		h = (h ^ uint32(b)) * 16777619
	}
	return &kgo.Record{Key: bytes.Clone(rec.Key), Value: bytes.Clone(rec.Value), Timestamp: time.UnixMilli(rec.KafkaMs),
		Partition: int32(h % partitions), Headers: []kgo.RecordHeader{{Key: "festival-rehearsal", Value: []byte("1")}}}
}

// send takes one of the five ways.
func (s *shop) send(ctx context.Context, records []*kgo.Record) error {
	s.sent.Add(int64(len(records)))
	switch way := s.r.IntN(100); {
	case way < 5:
		return s.twice(ctx, records)
	case way < 8:
		if err := s.transact(ctx, records, kgo.TryAbort); err != nil {
			return err
		}
		s.aborted += int64(len(records))
		return s.produce(ctx, s.plain[0], records) // the shop has not given the orders up
	case way < 12:
		s.committed += int64(len(records))
		return s.transact(ctx, records, kgo.TryCommit)
	}
	return s.produce(ctx, s.plain[s.r.IntN(len(s.plain))], records)
}

// produce hands records over; the client sends them again until the brokers take them, and blocks when it is full.
func (s *shop) produce(ctx context.Context, client *kgo.Client, records []*kgo.Record) error {
	for _, r := range records {
		own := *r
		client.Produce(ctx, &own, nil)
	}
	return ctx.Err()
}

// twice is a producer that believed a batch lost: the same records are appended again.
func (s *shop) twice(ctx context.Context, records []*kgo.Record) error {
	s.retried += int64(len(records))
	if err := s.produce(ctx, s.again, records); err != nil {
		return err
	}
	return s.produce(ctx, s.again, records)
}

// transact writes one transaction. One that brokers break is aborted by them in time; its records go the plain way.
func (s *shop) transact(ctx context.Context, records []*kgo.Record, how kgo.TransactionEndTry) error {
	err := s.try(ctx, records, how)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	s.txn.CloseAllowingRebalance()
	s.txn = nil
	return s.produce(ctx, s.plain[0], records)
}

// txnTimeout is after what time the brokers abort a transaction whose producer is gone: readers wait so long before it.
const txnTimeout = 10 * time.Second

func (s *shop) try(ctx context.Context, records []*kgo.Record, how kgo.TransactionEndTry) (err error) {
	ctx, cancel := context.WithTimeout(ctx, txnTimeout)
	defer cancel()
	if s.txn == nil {
		s.txns++
		id := fmt.Sprintf("chaos-%d", s.txns)
		if s.txn, err = s.client(kgo.TransactionalID(id), kgo.TransactionTimeout(txnTimeout), kgo.ProducerBatchCompression(kgo.GzipCompression())); err != nil {
			return err
		}
	}
	if err := s.txn.BeginTransaction(); err != nil {
		return err
	}
	if err := s.produce(ctx, s.txn, records); err != nil {
		return err
	}
	if err := s.txn.Flush(ctx); err != nil {
		return err
	}
	return s.txn.EndTransaction(ctx, how)
}
