package kafka

import (
	"context"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

const records = 3000

// produceKgo writes test records by franz-go in a few batches.
func produceKgo(t *testing.T, cfg Config, codec kgo.CompressionCodec) {
	cl := newKgo(t, cfg, kgo.ProducerBatchCompression(codec), kgo.ProducerBatchMaxBytes(200_000))
	for at := 0; at < records; at += 750 {
		var batch []*kgo.Record
		for i := at; i < at+750; i++ {
			key, value, ms := order(i)
			batch = append(batch, &kgo.Record{Key: key, Value: value, Timestamp: time.UnixMilli(ms), Headers: headersOf(i)})
		}
		require.NoError(t, cl.ProduceSync(within(t), batch...).FirstErr())
	}
}

// headersOf marks every third record as a rehearsal's, among other headers.
func headersOf(i int) []kgo.RecordHeader {
	if i%3 != 0 {
		return []kgo.RecordHeader{{Key: "trace", Value: []byte("x")}}[:i%2]
	}
	return []kgo.RecordHeader{{Key: "trace"}, {Key: RehearsalHeader, Value: []byte("1")}}
}

func produceWriter(t *testing.T, cfg Config, codec kafkago.Compression) {
	w := &kafkago.Writer{
		Addr: kafkago.TCP(cfg.Brokers...), Topic: cfg.Topic, Compression: codec, BatchSize: 700, RequiredAcks: kafkago.RequireAll,
		BatchTimeout: 10 * time.Millisecond, Transport: &kafkago.Transport{ClientID: "writer"},
	}
	defer w.Transport.(*kafkago.Transport).CloseIdleConnections()
	defer w.Close()
	var all []kafkago.Message
	for i := range records {
		key, value, ms := order(i)
		m := kafkago.Message{Key: key, Value: value, Time: time.UnixMilli(ms)}
		for _, h := range headersOf(i) {
			m.Headers = append(m.Headers, kafkago.Header{Key: h.Key, Value: h.Value})
		}
		all = append(all, m)
	}
	require.NoError(t, w.WriteMessages(within(t), all...))
}

func produceOurs(t *testing.T, cfg Config, codec Codec) {
	p, err := newClient(t, cfg).NewProducer(within(t))
	require.NoError(t, err)
	encoders := make([]*Encoder, 3)
	encoders[0], err = NewEncoder(codec, Header{"trace", ""}, Header{RehearsalHeader, "1"})
	require.NoError(t, err)
	encoders[1], err = NewEncoder(codec, Header{"trace", "x"})
	require.NoError(t, err)
	encoders[2], err = NewEncoder(codec)
	require.NoError(t, err)
	// One batch holds one set of headers here, so records go in runs.
	for at := 0; at < records; at += 500 {
		e := encoders[at/500%3]
		e.Reset()
		for i := at; i < at+500; i++ {
			e.Append(order(i))
		}
		base, err := p.Send(within(t), 0, e)
		require.NoError(t, err)
		require.Equal(t, int64(at), base)
	}
}

func TestEveryProducerAndCodec(t *testing.T) { onBoth(t, everyProducerAndCodec) }

func everyProducerAndCodec(t *testing.T, l lab) {
	byKgo := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	byWriter := map[string]kafkago.Compression{"none": 0, "gzip": kafkago.Gzip, "snappy": kafkago.Snappy, "lz4": kafkago.Lz4, "zstd": kafkago.Zstd}
	for codec := None; codec <= Zstd; codec++ {
		producers := map[string]func(*testing.T, Config){
			"kgo":    func(t *testing.T, cfg Config) { produceKgo(t, cfg, byKgo[codec.String()]) },
			"writer": func(t *testing.T, cfg Config) { produceWriter(t, cfg, byWriter[codec.String()]) },
			"ours":   func(t *testing.T, cfg Config) { produceOurs(t, cfg, codec) },
		}
		for name, produce := range producers {
			t.Run(codec.String()+"/"+name, func(t *testing.T) {
				cfg := l.topic(t, 1, nil)
				produce(t, cfg)
				rehearsal := func(i int) bool { return i%3 == 0 }
				if name == "ours" {
					rehearsal = func(i int) bool { return i/500%3 == 0 }
				}
				cfg.FetchBytes = 150_000
				r := newReader(t, newClient(t, cfg), 0)
				for _, from := range []int{0, 1, 501, 1234, records - 1, records} {
					got := readTo(t, r, int64(from))
					require.Len(t, got, records-from)
					for i, g := range got {
						key, value, ms := order(from + i)
						require.Equal(t, read{
							offset: int64(from + i), ms: ms, key: string(key), value: string(value), rehearsal: rehearsal(from + i),
						}, g)
					}
				}
			})
		}
	}
}

func TestNullAndEmpty(t *testing.T) { onBoth(t, nullAndEmpty) }

func nullAndEmpty(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	cl := newKgo(t, cfg)
	require.NoError(t, cl.ProduceSync(within(t), &kgo.Record{}, &kgo.Record{Key: []byte{}, Value: []byte{}}).FirstErr())
	got := readTo(t, newReader(t, newClient(t, cfg), 0), 0)
	require.Len(t, got, 2)
	assert.True(t, got[0].null)
	assert.False(t, got[1].null)
}

func TestPauseInMidBatch(t *testing.T) { onBoth(t, pauseInMidBatch) }

func pauseInMidBatch(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	produceOurs(t, cfg, LZ4)
	r := newReader(t, newClient(t, cfg), 0)
	var offsets []int64
	for len(offsets) < records {
		at := r.Position()
		_, err := r.Fetch(within(t), at)
		require.NoError(t, err)
		for n := 0; n < 777 && r.Next(); n++ { // a full buffer, in the middle of a batch
			offsets = append(offsets, r.Record().Offset)
			require.Equal(t, r.Record().Offset+1, r.Position())
			require.LessOrEqual(t, r.Tail().BaseOffset, r.Record().Offset)
		}
		require.NoError(t, r.Err())
		require.Greater(t, r.Position(), at)
	}
	for i, o := range offsets {
		require.Equal(t, int64(i), o)
	}
}

func TestEndOfLogAnswersInTime(t *testing.T) { onBoth(t, endOfLogAnswersInTime) }

func endOfLogAnswersInTime(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	r := newReader(t, newClient(t, cfg), 0)
	fetched, err := r.Fetch(within(t), 0)
	require.NoError(t, err)
	assert.Equal(t, Fetched{Leader: fetched.Leader}, fetched)
	assert.False(t, r.Next())
	assert.Equal(t, NoTail(), r.Tail())
}

func TestCancelledFetchIsTheCallersAndReaderGoesOn(t *testing.T) {
	onBoth(t, cancelledFetchIsTheCallersAndReaderGoesOn)
}

func cancelledFetchIsTheCallersAndReaderGoesOn(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	produceOurs(t, cfg, Zstd)
	r := newReader(t, newClient(t, cfg), 0)
	first, cancel := context.WithCancel(within(t))
	_, err := r.Fetch(first, 0)
	require.NoError(t, err)
	for r.Next() {
	}
	cancel() // and with it the read-ahead
	_, err = r.Fetch(first, r.Position())
	require.ErrorIs(t, err, context.Canceled)
	assert.False(t, Retryable(err))
	assert.Len(t, readTo(t, r, 0), records)
}
