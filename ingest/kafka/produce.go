package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// Producer writes batches so that each is in the log once, however often its request had to be repeated: idempotent producing
// of KIP-98 with acks=all, one batch under way per partition. It protects one Producer's life, not a restart of the process. Safe for
// concurrent use; batches of one partition go in turn.
type Producer struct {
	client     *Client
	partitions []producing
}

// producing is a partition's own producer session: an id, and the sequence number of the next record.
type producing struct {
	mu       sync.Mutex
	id       int64
	epoch    int16
	sequence int32
	ready    bool
}

// NewProducer for the topic's partitions as they are now.
func (c *Client) NewProducer(ctx context.Context) (*Producer, error) {
	id, err := c.Identity(ctx)
	if err != nil {
		return nil, err
	}
	return &Producer{client: c, partitions: make([]producing, id.Partitions)}, nil
}

// Partitions of the topic when the Producer was made.
func (p *Producer) Partitions() int { return len(p.partitions) }

// Send writes the batch and gives the offset of its first record (-1 where the broker only remembers having it). It repeats what
// may be repeated until ctx ends. ErrUncertain: the batch may be in the log or not. The Encoder keeps its records: Reset it.
func (p *Producer) Send(ctx context.Context, partition int32, e *Encoder) (int64, error) {
	if e.count == 0 {
		return -1, nil
	}
	if int(partition) >= len(p.partitions) || partition < 0 {
		return -1, fmt.Errorf("send to partition %d: %w", partition, kafkago.UnknownTopicOrPartition)
	}
	s := &p.partitions[partition]
	s.mu.Lock()
	defer s.mu.Unlock()
	uncertain := false // an earlier try may have reached the log
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		base, sent, err := p.try(ctx, partition, s, e)
		switch {
		case err == nil:
			s.sequence = nextSequence(s.sequence, e.count)
			return base, nil
		case lostSession(err) && !uncertain:
			s.ready = false // nothing of this batch is in the log: a new session begins with it
		case lostSession(err):
			s.ready = false
			return -1, p.client.logError(ErrUncertain, partition, -1, "%d records were sent, the answer was lost, and the broker has forgotten the producer (%v): look in the log before sending them again", e.count, err)
		case !Retryable(err):
			s.ready = s.ready && !uncertain
			return -1, fmt.Errorf("send to partition %d: %w", partition, err)
		}
		uncertain = uncertain || sent && mayHaveArrived(err)
		select {
		case <-ctx.Done():
			s.ready = s.ready && !uncertain // the next batch must not continue a sequence that may have moved
			return -1, fmt.Errorf("send to partition %d: %w", partition, errors.Join(ctx.Err(), err))
		case <-time.After(wait):
		}
	}
}

// try makes one request; sent says that the batch has left us.
func (p *Producer) try(ctx context.Context, partition int32, s *producing, e *Encoder) (base int64, sent bool, err error) {
	if !s.ready {
		if err := p.begin(ctx, s); err != nil {
			return -1, false, err
		}
	}
	set, err := e.seal(s.id, s.epoch, s.sequence)
	if err != nil {
		return -1, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.client.cfg.RequestTimeout)
	defer cancel()
	res, err := p.client.api.RawProduce(ctx, &kafkago.RawProduceRequest{
		Topic: p.client.cfg.Topic, Partition: int(partition), RequiredAcks: kafkago.RequireAll,
		RawRecords: protocol.RawRecordSet{Reader: bytes.NewReader(set)},
	})
	switch {
	case err != nil:
		e.out = nil // kafka-go may still be reading it
		return -1, true, p.client.explain(err)
	case errors.Is(res.Error, kafkago.DuplicateSequenceNumber):
		return -1, true, nil
	}
	return res.BaseOffset, true, p.client.explain(res.Error)
}

// begin asks for a producer id.
func (p *Producer) begin(ctx context.Context, s *producing) error {
	res, err := p.client.api.InitProducerID(ctx, &kafkago.InitProducerIDRequest{ProducerID: -1, ProducerEpoch: -1})
	if err == nil {
		err = res.Error
	}
	if err != nil {
		return fmt.Errorf("producer id: %w", p.client.explain(err))
	}
	s.id, s.epoch, s.sequence, s.ready = int64(res.Producer.ProducerID), int16(res.Producer.ProducerEpoch), 0, true
	return nil
}

// lostSession: the broker does not know the producer or where it stood. Both a gap and an old sequence give
// OutOfOrderSequenceNumber.
func lostSession(err error) bool {
	return errors.Is(err, kafkago.OutOfOrderSequenceNumber) || errors.Is(err, kafkago.UnknownProducerId) ||
		errors.Is(err, kafkago.InvalidProducerEpoch) || errors.Is(err, kafkago.InvalidProducerIDMapping)
}

// mayHaveArrived: no answer, or one that does not exclude the append.
func mayHaveArrived(err error) bool {
	var code kafkago.Error
	if !errors.As(err, &code) {
		return true
	}
	return code == kafkago.RequestTimedOut || code == kafkago.NotEnoughReplicasAfterAppend || code == kafkago.Unknown
}

// nextSequence wraps to 0 after 2^31-1, as brokers count.
func nextSequence(at, n int32) int32 {
	return int32((int64(at) + int64(n)) & (1<<31 - 1))
}
