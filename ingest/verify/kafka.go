package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate/recount"
)

// rehearsalHeader marks the records of `festival rehearse` (CONTRACT.md §2).
const rehearsalHeader = "festival-rehearsal"

const (
	askTimeout   = 20 * time.Second // for metadata and offsets
	quietTimeout = 30 * time.Second // without a record below the end: something is wrong
	pollRecords  = 5000
	fetchAll     = 32 << 20 // bytes of fetches over all partitions, compressed; at most 4 MiB each
)

// log is where Kafka's log begins and ends (the end of committed records), by partition.
type log struct {
	begins, ends map[int32]int64
}

// askKafka checks that this is the ledger's Kafka and asks where the log begins and ends.
func (r *run) askKafka(ctx context.Context) (*log, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	client, err := kgo.NewClient(slices.Concat(r.KafkaOpts, []kgo.Opt{kgo.SeedBrokers(r.Kafka...)})...)
	if err != nil {
		return nil, fmt.Errorf("kafka client: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	meta, err := admin.BrokerMetadata(ctx)
	if err != nil {
		return nil, fmt.Errorf("kafka %v: %w", r.Kafka, err)
	}
	if meta.Cluster != r.rules.Cluster {
		return nil, fmt.Errorf("kafka %v is cluster %q, the ledger counts cluster %q", r.Kafka, meta.Cluster, r.rules.Cluster)
	}
	begins, err := offsets(admin.ListStartOffsets(ctx, r.rules.Topic))
	if err != nil {
		return nil, fmt.Errorf("start of topic %s: %w", r.rules.Topic, err)
	}
	ends, err := offsets(admin.ListCommittedOffsets(ctx, r.rules.Topic))
	if err != nil {
		return nil, fmt.Errorf("end of topic %s: %w", r.rules.Topic, err)
	}
	if len(begins) != r.rules.Partitions {
		return nil, fmt.Errorf("topic %s has %d partitions, the ledger %d", r.rules.Topic, len(begins), r.rules.Partitions)
	}
	return &log{begins, ends}, nil
}

func offsets(listed kadm.ListedOffsets, err error) (map[int32]int64, error) {
	if err == nil {
		err = listed.Error()
	}
	out := map[int32]int64{}
	listed.Each(func(o kadm.ListedOffset) { out[o.Partition] = o.Offset })
	return out, err
}

// fromKafka recounts a stretch of the log and holds the raw rows of it against what the log says.
func (w *worker) fromKafka(ctx context.Context, r Range) error {
	log, err := w.openLog(w.id, r.First)
	if err != nil {
		return err
	}
	defer log.close()
	raw := w.rawRows(r)
	for {
		rec, err := log.next(ctx, r.End)
		if err != nil || rec == nil {
			return errors.Join(err, raw.rest(ctx, r.End))
		}
		if w.gaps.has(w.id, rec.Offset) {
			continue
		}
		if err := w.record(ctx, raw, rec); err != nil {
			return err
		}
	}
}

// reader gives the committed records of one partition in their order. One goroutine owns it and closes it.
type reader struct {
	client    *kgo.Client
	topic     string
	partition int32
	at        int64 // next offset to read
	ready     []*kgo.Record
	heard     time.Time // when the log was last seen to go on
}

// openLog reads one partition from an offset on. Control records are kept because they tell where the log has gone on
// without a record; an offset that the log no longer has is an error and not a jump.
func (r *run) openLog(partition int32, from int64) (*reader, error) {
	start := map[string]map[int32]kgo.Offset{r.rules.Topic: {partition: kgo.NewOffset().At(from)}}
	bytes := int32(max(256<<10, fetchAll/r.rules.Partitions))
	client, err := kgo.NewClient(slices.Concat(r.KafkaOpts, []kgo.Opt{kgo.SeedBrokers(r.Kafka...),
		kgo.ConsumePartitions(start), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()), kgo.FetchMaxPartitionBytes(min(bytes, 4<<20)), kgo.FetchMaxBytes(16 << 20),
		kgo.FetchMaxWait(time.Second)})...)
	if err != nil {
		return nil, fmt.Errorf("kafka client: %w", err)
	}
	return &reader{client: client, topic: r.rules.Topic, partition: partition, at: from, heard: time.Now()}, nil
}

func (l *reader) close() { l.client.Close() }

// next gives the next record below end, nil once the log has gone on to there.
func (l *reader) next(ctx context.Context, end int64) (*kgo.Record, error) {
	for l.at < end {
		if len(l.ready) == 0 {
			if err := l.poll(ctx, end); err != nil {
				return nil, err
			}
			continue
		}
		rec := l.ready[0]
		if rec.Offset >= end { // for a later end
			l.at = end
			return nil, nil
		}
		l.ready[0], l.ready = nil, l.ready[1:]
		if l.at = rec.Offset + 1; !rec.Attrs.IsControl() {
			return rec, nil
		}
	}
	return nil, nil
}

// poll waits for records, or goes past what has none.
func (l *reader) poll(ctx context.Context, end int64) error {
	quiet, cancel := context.WithTimeout(ctx, probeAfter)
	defer cancel()
	fetches := l.client.PollRecords(quiet, pollRecords)
	if err := fetches.Err0(); errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return l.silence(ctx, end)
	}
	l.heard = time.Now()
	if failed := fetches.Errors(); len(failed) > 0 {
		from, err := reached(fetches, l.at), failed[0].Err
		if named := l.damaged(ctx, from); named != "" {
			return fmt.Errorf("fetch from offset %d: %s: %w", from, named, err)
		}
		return fmt.Errorf("fetch from offset %d: %w", from, err)
	}
	l.ready = fetches.Records()
	return nil
}

// silence looks why no record comes, and gives up once that has lasted.
func (l *reader) silence(ctx context.Context, end int64) error {
	was := l.at
	err := l.probe(ctx, end)
	if l.at > was {
		l.heard = time.Now()
	}
	if time.Since(l.heard) < quietTimeout {
		return ctx.Err() // what the broker refuses now it may grant soon
	}
	quiet := fmt.Errorf("offset %d: no record came for %s though the log goes on to %d", l.at, quietTimeout, end)
	return errors.Join(quiet, err)
}

func (w *worker) record(ctx context.Context, raw *rawRows, rec *kgo.Record) error {
	if err := w.before(ctx, rec.Offset); err != nil {
		return err
	}
	e, err := w.p.Feed(recordOf(rec))
	if err != nil {
		return err
	}
	if err := raw.hold(ctx, &e, rec.Key, rec.Value); err != nil {
		return err
	}
	return w.after(ctx, &e)
}

func recordOf(rec *kgo.Record) recount.Record {
	return recount.Record{Offset: rec.Offset, KafkaMs: kafkaMs(rec), Key: rec.Key, Value: rec.Value, Rehearsal: isRehearsal(rec)}
}

func isRehearsal(rec *kgo.Record) bool {
	for _, h := range rec.Headers {
		if h.Key == rehearsalHeader {
			return true
		}
	}
	return false
}

// kafkaMs gives the record's timestamp as it is on the wire; for LogAppendTime franz-go puts the batch's there.
//
// franz-go makes a time.Time of milliseconds times 10^6, which wraps beyond the year 2262, where a producer that
// writes microseconds ends up. The product modulo 2^64 still tells the milliseconds modulo 2^58: 10^6 is 64 * 15625,
// and an odd number can be divided by.
func kafkaMs(rec *kgo.Record) int64 {
	product := rec.Timestamp.UnixNano() // wraps the same way
	const inverse = 0x790fb65668c26139  // of 15625 modulo 2^64
	return int64(uint64(product/64)*inverse<<6) >> 6
}
