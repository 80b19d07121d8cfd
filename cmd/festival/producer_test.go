package main

import (
	"bytes"
	"context"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// codecs are all five of Kafka, by franz-go's names and librdkafka's.
var codecs = []struct {
	name string
	kgo  kgo.CompressionCodec
}{{"none", kgo.NoCompression()}, {"gzip", kgo.GzipCompression()}, {"snappy", kgo.SnappyCompression()},
	{"lz4", kgo.Lz4Compression()}, {"zstd", kgo.ZstdCompression()}}

// producers are one client of franz-go for each codec. They retry without end and without idempotence: what a retry
// doubles is in the topic, and is counted as the duplicate that it is.
type producers struct {
	clients []*kgo.Client
	acked   atomic.Int64
	failed  atomic.Int64
	turn    int
}

func newProducers(t *testing.T, broker string) *producers {
	t.Helper()
	p := &producers{}
	for _, c := range codecs {
		client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.DefaultProduceTopic("orders"), kgo.ProducerBatchCompression(c.kgo),
			kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1), kgo.ProducerLinger(2*time.Millisecond),
			kgo.MaxBufferedRecords(2000), kgo.MetadataMinAge(50*time.Millisecond), kgo.RetryTimeout(patience))
		require.NoError(t, err)
		t.Cleanup(client.Close)
		p.clients = append(p.clients, client)
	}
	return p
}

// send writes one record through the codec of the present turn; the turn changes every 500 records.
func (p *producers) send(ctx context.Context, r *kgo.Record) {
	client := p.clients[p.turn/500%len(p.clients)]
	p.turn++
	own := *r // the client writes into its record, the shop may send the same one again
	client.Produce(ctx, &own, func(_ *kgo.Record, err error) {
		if err == nil {
			p.acked.Add(1)
		} else {
			p.failed.Add(1)
		}
	})
}

func (p *producers) flush(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, c := range p.clients {
		require.NoError(t, c.Flush(ctx))
	}
	require.Zero(t, p.failed.Load(), "records that the broker did not take")
}

// rdkafka writes records through kcat, a librdkafka producer, and gives how many. Their Kafka time is the present.
func rdkafka(t *testing.T, broker, codec string, records []*kgo.Record) {
	t.Helper()
	var input bytes.Buffer
	for _, r := range records {
		input.Write(r.Key)
		input.WriteByte('\t')
		input.Write(r.Value)
		input.WriteByte('\n')
	}
	cmd := exec.Command("kcat", "-P", "-b", broker, "-t", "orders", "-K", "\t", "-z", codec, "-X", "linger.ms=5")
	cmd.Stdin = &input
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "kcat: %s", out)
}

// topicLog reads all that the topic holds, by franz-go.
func topicLog(t *testing.T, broker string) []*kgo.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics("orders"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	defer client.Close()
	var want int64
	for _, end := range ends(t, broker) {
		want += end
	}
	var all []*kgo.Record
	for int64(len(all)) < want {
		fetches := client.PollFetches(ctx)
		require.NoError(t, fetches.Err())
		all = append(all, fetches.Records()...)
	}
	return all
}

// ends are the high watermarks by partition. The topic begins at 0 and has no gaps: the count of its records too.
func ends(t *testing.T, broker string) map[int32]int64 {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker))
	require.NoError(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	offsets, err := kadm.NewClient(client).ListEndOffsets(ctx, "orders")
	require.NoError(t, err)
	all := map[int32]int64{}
	offsets.Each(func(o kadm.ListedOffset) {
		require.NoError(t, o.Err)
		all[o.Partition] = o.Offset
	})
	return all
}
