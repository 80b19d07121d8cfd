package kafka

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What is stored in a real broker's files, damaged or odd: each has the outcome that docs/operations.md says.

// editStored changes the batch at a base offset in the node's file, in place and while the node runs.
func editStored(t *testing.T, cfg Config, base int64, change func(b []byte)) {
	t.Helper()
	files, err := oneNode.Get(t).Segments(1, cfg.Topic, 0)
	require.NoError(t, err)
	for _, path := range files {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for rest := text; ; {
			raw, next, _, ok := splitBatch(rest)
			if !ok {
				break
			}
			if readBatch(raw).base == base {
				at := len(text) - len(rest)
				change(raw)
				file, err := os.OpenFile(path, os.O_WRONLY, 0)
				require.NoError(t, err)
				_, err = file.WriteAt(raw, int64(at))
				require.NoError(t, err)
				require.NoError(t, file.Close())
				return
			}
			rest = next
		}
	}
	require.Fail(t, "no such batch", "%d", base)
}

// stopsAt reads a topic until the Reader stops, and gives the number of records before that and the error.
func stopsAt(t *testing.T, r *Reader) (n int, err error) {
	t.Helper()
	for ctx := within(t); ; {
		if _, err := r.Fetch(ctx, r.Position()); Retryable(err) && ctx.Err() == nil {
			continue
		} else if err != nil {
			return n, err
		}
		for r.Next() {
			require.EqualValues(t, n, r.Record().Offset)
			n++
		}
		if r.Err() != nil {
			return n, r.Err()
		}
	}
}

// TestStoredByteFlipped: nothing of the batch is given, nothing behind it either, and it goes on once the byte is mended.
func TestStoredByteFlipped(t *testing.T) {
	cfg := realTopic(t, 1, nil)
	produceOurs(t, cfg, LZ4)
	flip := func(b []byte) { b[len(b)/2] ^= 0x04 }
	c := newClient(t, cfg)
	tail, _ := tailOf(t, c)
	editStored(t, cfg, 1000, flip)
	r := newReader(t, c, 0)
	n, err := stopsAt(t, r)
	require.ErrorIs(t, err, ErrCRC)
	t.Log(err)
	assert.Equal(t, 1000, n)
	assert.EqualValues(t, 1000, r.Position())
	assert.EqualValues(t, 500, r.Tail().BaseOffset)
	require.NoError(t, c.CheckTail(within(t), 0, r.Tail()))

	editStored(t, cfg, tail.BaseOffset, flip)
	require.ErrorIs(t, c.CheckTail(within(t), 0, tail), ErrCRC, "a tail that rots is seen too")

	editStored(t, cfg, 1000, flip)
	editStored(t, cfg, tail.BaseOffset, flip)
	assert.Len(t, readTo(t, r, r.Position()), records-1000)
	require.NoError(t, c.CheckTail(within(t), 0, tail))
}

// TestStoredCodecUnknown: brokers refuse such a batch, so it can only come by way of the file.
func TestStoredCodecUnknown(t *testing.T) {
	cfg := realTopic(t, 1, nil)
	produceOurs(t, cfg, Snappy)
	c := newClient(t, cfg)
	p, err := c.NewProducer(within(t))
	require.NoError(t, err)
	e, err := NewEncoder(None)
	require.NoError(t, err)
	e.Append(order(1))
	e.codec = 5
	ctx, cancel := context.WithTimeout(within(t), 2*time.Second) // it says "unknown error", which a Producer repeats
	defer cancel()
	_, err = p.Send(ctx, 0, e)
	require.Error(t, err)
	t.Log("the broker says:", err)
	offsets, err := c.Offsets(within(t), []int32{0})
	require.NoError(t, err)
	require.EqualValues(t, records, offsets[0].HighWatermark)

	editStored(t, cfg, 500, func(b []byte) {
		b[22] = b[22]&^codecMask | 5
		reseal(b)
	})
	r := newReader(t, c, 0)
	n, err := stopsAt(t, r)
	require.ErrorIs(t, err, ErrCodec)
	t.Log(err)
	assert.Equal(t, 500, n)
	assert.EqualValues(t, 500, r.Position())

	// What the sentence says leads on: the records are deleted up to the offset that it names, which is a loss like any other.
	_, after, found := strings.Cut(err.Error(), "delete this partition's records before offset ")
	require.True(t, found, err)
	var next int64
	_, err = fmt.Sscan(after, &next)
	require.NoError(t, err)
	cut := kadm.Offsets{}
	cut.AddOffset(cfg.Topic, 0, next, -1)
	deleted, err := oneNode.Get(t).Admin().DeleteRecords(within(t), cut)
	require.NoError(t, err)
	require.NoError(t, deleted.Error())
	_, err = r.Fetch(within(t), 500)
	require.ErrorIs(t, err, ErrOffsetLost)
	assert.Len(t, readTo(t, r, next), records-int(next))
}

// TestMillionRecordsInOneBatch: one batch, ten times as long as a fetch asks for, is read whole, in any number of turns.
func TestMillionRecordsInOneBatch(t *testing.T) {
	const million = 1_000_000
	cfg := realTopic(t, 1, map[string]string{"max.message.bytes": "33554432"})
	c := newClient(t, cfg)
	e, err := NewEncoder(None)
	require.NoError(t, err)
	for i := range million {
		e.Append(nil, []byte{byte(i), byte(i >> 8), byte(i >> 16)}, 1)
	}
	p, err := c.NewProducer(within(t))
	require.NoError(t, err)
	_, err = p.Send(within(t), 0, e)
	require.NoError(t, err)
	a, _ := fetchRaw(t, c, 0, 0)
	raw, rest, _, ok := splitBatch(a.records)
	require.True(t, ok && len(rest) == 0)
	assert.EqualValues(t, million, readBatch(raw).count)
	require.Greater(t, len(raw), 10*int(cfg.FetchBytes))
	r := newReader(t, c, 0)
	for n := 0; n < million; {
		_, err := r.Fetch(within(t), r.Position())
		require.NoError(t, err)
		for turn := 0; turn < 400_000 && r.Next(); turn++ {
			v := r.Record().Value
			require.Equal(t, n, int(v[0])|int(v[1])<<8|int(v[2])<<16)
			n++
		}
		require.NoError(t, r.Err())
		require.EqualValues(t, n, r.Position())
	}
}

// TestBatchOver64MiBStops: the broker takes a batch that unpacks to 66 MB; we do not.
func TestBatchOver64MiBStops(t *testing.T) {
	cfg := realTopic(t, 1, nil)
	c := newClient(t, cfg)
	p, err := c.NewProducer(within(t))
	require.NoError(t, err)
	e, err := NewEncoder(Zstd)
	require.NoError(t, err)
	for range 64 {
		e.Append(nil, make([]byte, 1<<20-32), 1)
	}
	_, err = p.Send(within(t), 0, e)
	require.NoError(t, err, "64 MiB less something are fine")
	for range 3 {
		e.Append(nil, make([]byte, 1<<20), 1)
	}
	_, err = p.Send(within(t), 0, e)
	require.NoError(t, err)
	r := newReader(t, c, 0)
	n, err := stopsAt(t, r)
	require.ErrorIs(t, err, ErrTooBig)
	t.Log(err)
	assert.Equal(t, 64, n)
}

// TestLongRecord: 64 KiB and one byte come whole; what that means is for the decoder to say (too_large).
func TestLongRecord(t *testing.T) {
	cfg := realTopic(t, 1, nil)
	value := bytes.Repeat([]byte("x"), 64<<10+1)
	require.NoError(t, newKgo(t, cfg).ProduceSync(within(t), &kgo.Record{Value: value}).FirstErr())
	got := readTo(t, newReader(t, newClient(t, cfg), 0), 0)
	require.Len(t, got, 1)
	assert.Len(t, got[0].value, 65_537)
}

// TestCompactedBatches: several producers' last batches stay as headers without records, one after another (kafka-go's own
// Reader panics there). They are passed, from any offset.
func TestCompactedBatches(t *testing.T) {
	cfg := realTopic(t, 1, map[string]string{"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.001",
		"segment.ms": "100", "delete.retention.ms": "0", "min.compaction.lag.ms": "0"})
	put := func(cl *kgo.Client, key string) {
		require.NoError(t, cl.ProduceSync(within(t), &kgo.Record{Key: []byte(key), Value: []byte(key)}).FirstErr())
	}
	for range 6 {
		put(newKgo(t, cfg), "key") // a producer of its own each
	}
	last, c := newKgo(t, cfg), newClient(t, cfg)
	most := 0
	await(t, "the cleaner", func() error {
		put(last, "key") // time passes for the broker by records only
		time.Sleep(20 * time.Millisecond)
		a, _ := fetchRaw(t, c, 0, 0, 1_000_000)
		if most = emptyBatches(a.records); most < 3 {
			return fmt.Errorf("%d empty batches in a row", most)
		}
		return nil
	})
	t.Logf("%d empty batches in a row", most)
	require.NoError(t, oneNode.Get(t).SetTopic(within(t), cfg.Topic, "cleanup.policy", "delete"))
	await(t, "the cleaner's last round to end", func() error { return sameFromEveryOffset(t, newReader(t, c, 0)) })
}

// sameFromEveryOffset demands that what a topic holds comes from each of its offsets on. The error says that the topic changed
// meanwhile.
func sameFromEveryOffset(t *testing.T, r *Reader) error {
	t.Helper()
	all := readTo(t, r, 0)
	require.NotEmpty(t, all)
	end := r.Position()
	for from := range end {
		rest := slices.DeleteFunc(slices.Clone(all), func(g read) bool { return g.offset < from })
		got := readTo(t, r, from)
		at := r.Position()
		if (!slices.Equal(rest, got) || at != end) && !slices.Equal(all, readTo(t, r, 0)) {
			return errors.New("the cleaner still works")
		}
		require.True(t, slices.Equal(rest, got), "from %d: %v, want %v", from, got, rest)
		require.Equal(t, end, at)
	}
	return nil
}

// emptyBatches is the longest row of batches without records.
func emptyBatches(b []byte) (most int) {
	for row := 0; ; {
		raw, rest, _, ok := splitBatch(b)
		if !ok {
			return most
		}
		if row++; binary.BigEndian.Uint32(raw[57:]) != 0 {
			row = 0
		}
		most, b = max(most, row), rest
	}
}

// TestRetentionPassesAReader: the broker deletes segments that a working Reader has not read yet. It stops with the numbers, and
// gives nothing from behind the gap.
func TestRetentionPassesAReader(t *testing.T) {
	cfg := realTopic(t, 1, map[string]string{"segment.bytes": "1048576", "retention.bytes": "-1"})
	cfg.FetchBytes, cfg.ReadAhead = 100_000, false
	produceOurs(t, cfg, None)
	r := newReader(t, newClient(t, cfg), 0)
	for r.Position() < 700 {
		_, err := r.Fetch(within(t), r.Position())
		require.NoError(t, err)
		for r.Next() {
		}
		require.NoError(t, r.Err())
	}
	at := r.Position()
	c := oneNode.Get(t)
	require.NoError(t, c.SetTopic(within(t), cfg.Topic, "retention.bytes", "1"))
	produceOursAt(t, cfg, None) // rolls the segments
	var err error
	await(t, "retention", func() error {
		if _, err = r.Fetch(within(t), at); err == nil || Retryable(err) {
			return errors.New("the records are still there")
		}
		return nil
	})
	require.ErrorIs(t, err, ErrOffsetLost)
	t.Log(err)
	var lost *LogError
	require.ErrorAs(t, err, &lost)
	assert.Equal(t, at, lost.Offset)
	assert.Greater(t, lost.LogStart, at)
	assert.False(t, r.Next())
	offsets, err := newClient(t, cfg).Offsets(within(t), []int32{0})
	require.NoError(t, err)
	assert.LessOrEqual(t, lost.LogStart, offsets[0].LogStart)
}

// produceOursAt writes the test records again, wherever the log ends.
func produceOursAt(t *testing.T, cfg Config, codec Codec) {
	t.Helper()
	p, err := newClient(t, cfg).NewProducer(within(t))
	require.NoError(t, err)
	e, err := NewEncoder(codec)
	require.NoError(t, err)
	for at := 0; at < records; at += 500 {
		e.Reset()
		for i := at; i < at+500; i++ {
			e.Append(order(i))
		}
		_, err := p.Send(within(t), 0, e)
		require.NoError(t, err)
	}
}

// TestRetriedBatchesStayTwice: a producer without idempotence that sends again what it thinks is lost has its batch in the log
// twice, with other offsets. Both are given: the duplicate rule of the count (order_id) takes the second away. Ours does not do it
// (TestProducerRepeatsSafely).
func TestRetriedBatchesStayTwice(t *testing.T) {
	cfg := realTopic(t, 1, nil)
	proxy := newLossyProxy(t, cfg.Brokers[0])
	transport := &kafkago.Transport{Dial: proxy.dial}
	defer transport.CloseIdleConnections()
	w := &kafkago.Writer{Addr: kafkago.TCP(cfg.Brokers...), Topic: cfg.Topic, RequiredAcks: kafkago.RequireAll,
		BatchTimeout: time.Millisecond, Transport: transport}
	defer w.Close()
	var batch []kafkago.Message
	for i := range 50 {
		key, value, _ := order(i)
		batch = append(batch, kafkago.Message{Key: key, Value: value})
	}
	proxy.loseNextAnswer()
	require.NoError(t, w.WriteMessages(within(t), batch...))
	require.Equal(t, 1, proxy.cuts())
	got := readTo(t, newReader(t, newClient(t, cfg), 0), 0)
	require.Len(t, got, 100)
	for i, g := range got {
		require.EqualValues(t, i, g.offset)
		require.Equal(t, got[i%50].value, g.value)
	}
}
