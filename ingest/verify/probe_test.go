package verify

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"festival/aggregate/recount"
)

// emptied is what compaction leaves of a batch of ten offsets.
func emptied(base int64) []byte {
	b := kmsg.RecordBatch{FirstOffset: base, Magic: 2, LastOffsetDelta: 9, ProducerID: 7, FirstSequence: 3}
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[8:], uint32(len(raw)-12))
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	return raw
}

// TestRecordlessEnd: ten records, two emptied batches, then ten offsets of which nothing is left at all: a reader that is
// told to read to any end among these comes there and gives the ten.
func TestRecordlessEnd(t *testing.T) {
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	require.NoError(t, err)
	defer broker.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	producer, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...))
	require.NoError(t, err)
	defer producer.Close()
	for i := range 10 {
		require.NoError(t, producer.ProduceSync(ctx, &kgo.Record{Topic: "orders", Value: fmt.Append(nil, i)}).FirstErr())
	}
	broker.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		broker.KeepControl()
		req := r.(*kmsg.FetchRequest)
		if len(req.Topics) == 0 || req.Topics[0].Partitions[0].FetchOffset < 10 {
			return nil, nil, false
		}
		return recordless(req), nil, true
	})
	run := &run{rules: &recount.Rules{Topic: "orders", Partitions: 1},
		Config: Config{Kafka: broker.ListenAddrs(), KafkaOpts: []kgo.Opt{kgo.DisableFetchSessions()}}}
	for _, end := range []int64{10, 15, 20, 30, 35, 40} {
		l, err := run.openLog(0, 0)
		require.NoError(t, err)
		for i := range int64(10) {
			rec, err := l.next(ctx, end)
			require.NoError(t, err)
			require.Equal(t, i, rec.Offset)
		}
		rec, err := l.next(ctx, end)
		require.NoError(t, err, end)
		require.Nil(t, rec)
		require.Equal(t, end, l.at)
		l.close()
	}
}

// recordless answers a fetch from offset 10 on: emptied batches up to 30, and nothing up to the end, 40.
func recordless(req *kmsg.FetchRequest) *kmsg.FetchResponse {
	resp := req.ResponseKind().(*kmsg.FetchResponse)
	t, p := kmsg.NewFetchResponseTopic(), kmsg.NewFetchResponseTopicPartition()
	p.HighWatermark, p.LastStableOffset = 40, 40
	if at := req.Topics[0].Partitions[0].FetchOffset; at < 30 {
		p.RecordBatches = emptied(at / 10 * 10)
	}
	t.Topic, t.TopicID, t.Partitions = req.Topics[0].Topic, req.Topics[0].TopicID, []kmsg.FetchResponseTopicPartition{p}
	resp.Topics = []kmsg.FetchResponseTopic{t}
	return resp
}
