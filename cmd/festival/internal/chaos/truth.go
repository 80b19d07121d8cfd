package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate/recount"
	"festival/ingest/kafka/kafkatest"
)

// truth is what the topic holds, read by franz-go and counted by the slow second reading.
type truth struct {
	rules     *recount.Rules
	ends      map[int32]int64 // of what is committed
	records   int64
	totals    *recount.Totals
	minutes   map[int64]recount.Measures  // all windows, by minute
	merchants map[string]recount.Measures // all windows
	rejected  map[string]int64            // by reason
}

// ends asks where the committed records end, by partition.
func (w *world) ends(ctx context.Context) (map[int32]int64, error) {
	listed, err := w.kafka.Admin().ListCommittedOffsets(ctx, topic)
	if err == nil {
		err = listed.Error()
	}
	out := map[int32]int64{}
	listed.Each(func(o kadm.ListedOffset) { out[o.Partition] = o.Offset })
	return out, err
}

// recountTopic reads all that is committed and counts it.
func (w *world) recountTopic(ctx context.Context, document string) (*truth, error) {
	rules, err := recount.ReadRules([]byte(document))
	if err != nil {
		return nil, err
	}
	t := &truth{rules: rules, totals: recount.NewTotals(rules), minutes: map[int64]recount.Measures{},
		merchants: map[string]recount.Measures{}, rejected: map[string]int64{}}
	if t.ends, err = w.ends(ctx); err != nil {
		return nil, err
	}
	parts := map[int32]*recount.Partition{}
	for p := range t.ends {
		parts[p] = recount.NewPartition(rules, p, 0)
	}
	if err := t.read(ctx, w.kafka.Addrs(kafkatest.Plaintext), parts); err != nil {
		return nil, err
	}
	for p, part := range parts {
		if err := t.add(part, t.ends[p]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *truth) read(ctx context.Context, brokers []string, parts map[int32]*recount.Partition) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		return err
	}
	defer client.Close()
	next := map[int32]int64{}
	for t.missing(next) {
		fetches := client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("reading the topic back: %v of %v: %w", next, t.ends, err)
		}
		for rs := fetches.RecordIter(); !rs.Done(); {
			r := rs.Next()
			next[r.Partition] = r.Offset + 1
			if r.Attrs.IsControl() || r.Offset >= t.ends[r.Partition] {
				continue
			}
			if err := t.feed(parts[r.Partition], r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *truth) missing(next map[int32]int64) bool {
	for p, end := range t.ends {
		if next[p] < end {
			return true
		}
	}
	return false
}

func (t *truth) feed(part *recount.Partition, r *kgo.Record) error {
	rehearsal := false
	for _, h := range r.Headers {
		rehearsal = rehearsal || h.Key == "festival-rehearsal"
	}
	e, err := part.Feed(recount.Record{Offset: r.Offset, KafkaMs: r.Timestamp.UnixMilli(), Key: r.Key, Value: r.Value, Rehearsal: rehearsal})
	if err != nil {
		return err
	}
	t.records++
	if e.Verdict == recount.Rejected {
		t.rejected[e.Reason]++
	}
	return nil
}

// add takes over a partition's figures, and its cells by minute and merchant.
func (t *truth) add(part *recount.Partition, end int64) error {
	if err := part.Advance(end); err != nil {
		return err
	}
	err := t.totals.Add(part.Changes())
	if err != nil {
		return err
	}
	for _, s := range append(part.Finished(), part.Open()) {
		for k, m := range s.Cells {
			switch k.Dim {
			case recount.Total:
				t.minutes[k.Bucket/60*60], err = t.minutes[k.Bucket/60*60].Plus(m)
			case recount.Merchant:
				t.merchants[k.Key], err = t.merchants[k.Key].Plus(m)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
