package frames

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"festival/ingest/kafka"
)

// Log is one process's way to the topic. Close it after its calls have ended.
type Log struct {
	cfg    Config
	client *kafka.Client

	mu       sync.Mutex // of one append at a time
	producer *kafka.Producer
	encoder  *kafka.Encoder
}

// New checks the configuration; the first call connects.
func New(cfg Config) (*Log, error) {
	cfg.Kafka.Partitions, cfg.Kafka.SessionTimeout = 1, Session
	cfg.Kafka.MaxWait, cfg.Kafka.RequestTimeout, cfg.Kafka.ReadAhead = maxWait, requestTimeout, false
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	client, err := kafka.New(cfg.Kafka)
	if err != nil {
		return nil, err
	}
	encoder, err := kafka.NewEncoder(kafka.Zstd)
	return &Log{cfg: cfg, client: client, encoder: encoder}, err
}

// Close lets go of every connection.
func (l *Log) Close() { l.client.Close() }

// Ensure creates the topic where it does not exist, and refuses one that the chain cannot be built on.
func (l *Log) Ensure(ctx context.Context) error {
	id, err := l.client.EnsureTopic(ctx, Topic())
	if err != nil {
		return fmt.Errorf("kafka.frames_topic %s: %w", l.cfg.Kafka.Topic, err)
	}
	if id.ClusterID != l.cfg.Cluster {
		return fmt.Errorf("kafka.frames_topic %s: the brokers answer as cluster %s, the ledger is of cluster %s: point kafka.brokers at that cluster", l.cfg.Kafka.Topic, id.ClusterID, l.cfg.Cluster)
	}
	settings, err := l.client.Settings(ctx, "cleanup.policy", "message.timestamp.type")
	if err != nil {
		return err
	}
	return check(l.cfg.Kafka.Topic, id.Partitions, settings)
}

// The waits between attempts to read.
const (
	againFirst = 50 * time.Millisecond
	againLast  = time.Second
)

// Read gives the records from the log's start on, then waits for more, until ctx ends (nil) or the log cannot be read on.
// What may pass is tried again and said to trouble; nil says that it has passed. After each answer, end has the next offset
// to read and the end of what is settled. value and signature are valid during the call.
func (l *Log) Read(ctx context.Context, record func(offset, appendMs int64, value, signature []byte) error, end func(next, end int64) error, trouble func(error)) error {
	r := l.client.Reader(0)
	defer r.Close()
	at, failed := int64(-1), false
	for wait := againFirst; ctx.Err() == nil; {
		var stable int64
		var err error
		if at < 0 {
			at, err = l.start(ctx)
		}
		if err == nil {
			stable, err = l.fetch(ctx, r, at, record)
		}
		switch {
		case err == nil:
			if wait = againFirst; failed {
				failed = false
				trouble(nil)
			}
			at = r.Position()
			if err := end(at, stable); err != nil {
				return err
			}
		case ctx.Err() != nil:
			return nil
		case final(err):
			return err
		default:
			failed = true
			trouble(err)
			sleep(ctx, wait)
			wait = min(2*wait, againLast)
		}
	}
	return nil
}

// stopped marks an error of the caller's.
type stopped struct{ error }

// Unwrap gives the caller's error.
func (s stopped) Unwrap() error { return s.error }

func final(err error) bool {
	var s stopped
	return errors.As(err, &s) || !kafka.Retryable(err)
}

// start is the log's first offset.
func (l *Log) start(ctx context.Context) (int64, error) {
	all, err := l.client.Offsets(ctx, []int32{0})
	if err != nil {
		return -1, err
	}
	return all[0].LogStart, nil
}

// fetch gives one answer's records and where the settled part of the log ends. A broker looks at that end before it reads, so it may
// deliver records that were settled in between: what is delivered is settled.
func (l *Log) fetch(ctx context.Context, r *kafka.Reader, at int64, record func(offset, appendMs int64, value, signature []byte) error) (int64, error) {
	fetched, err := r.Fetch(ctx, at)
	if err != nil {
		return 0, err
	}
	for r.Next() {
		one := r.Record()
		if err := record(one.Offset, one.KafkaMs, one.Value, one.Signature); err != nil {
			return 0, stopped{err}
		}
	}
	return max(fetched.StableEnd, r.Position()), r.Err()
}

// Append adds a record with its signature as header and gives its offset, -1 where the broker does not say. ctx bounds it.
func (l *Log) Append(ctx context.Context, value, signature []byte) (int64, error) {
	if len(value) > MaxRecord {
		return -1, fmt.Errorf("a frame's record of %d bytes is over the bound of %d: fewer windows", len(value), MaxRecord)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.producer == nil {
		p, err := l.client.NewProducer(ctx)
		if err != nil {
			return -1, err
		}
		l.producer = p
	}
	l.encoder.Reset()
	l.encoder.SetHeaders(kafka.Header{Key: kafka.SignatureHeader, Value: string(signature)})
	// A topic with LogAppendTime replaces the time by the broker's.
	l.encoder.Append(l.cfg.Key, value, time.Now().UnixMilli())
	offset, err := l.producer.Send(ctx, 0, l.encoder)
	if errors.Is(err, kafkago.MessageSizeTooLarge) {
		err = fmt.Errorf("a frame's record of %d bytes, packed by zstd, is larger than topic %s takes: raise its max.message.bytes: %w", len(value), l.cfg.Kafka.Topic, err)
	}
	return offset, err
}

// Hold takes part in the group until ctx ends. held hears of each assignment, and false at the end.
func (l *Log) Hold(ctx context.Context, held func(bool), trouble func(error)) error {
	defer held(false)
	return l.client.Run(ctx, 1, func(ctx context.Context, g *kafka.Generation) error {
		trouble(nil)
		held(len(g.Partitions) > 0)
		<-ctx.Done() // a zombie's frame loses by its prev: what we were given stands until the next assignment
		return nil
	}, trouble)
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
