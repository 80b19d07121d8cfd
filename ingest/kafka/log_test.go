package kafka

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// tailOf reads the whole partition and gives the last batch.
func tailOf(t *testing.T, c *Client) (Tail, int64) {
	r := newReader(t, c, 0)
	readTo(t, r, 0)
	return r.Tail(), r.Position()
}

func deleteRecords(t *testing.T, cfg Config, before int64) {
	adm := kadm.NewClient(newKgo(t, cfg))
	var o kadm.Offsets
	o.AddOffset(cfg.Topic, 0, before, -1)
	res, err := adm.DeleteRecords(within(t), o)
	require.NoError(t, err)
	require.NoError(t, res.Error())
}

func TestOffsetLostToRetention(t *testing.T) { onBoth(t, offsetLostToRetention) }

func offsetLostToRetention(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	produceOurs(t, cfg, LZ4)
	c := newClient(t, cfg)
	tail, _ := tailOf(t, c)
	deleteRecords(t, cfg, 700)
	r := newReader(t, c, 0)
	_, err := r.Fetch(within(t), 699)
	require.ErrorIs(t, err, ErrOffsetLost)
	assert.False(t, Retryable(err))
	var at *LogError
	require.True(t, errors.As(err, &at))
	assert.EqualValues(t, 699, at.Offset)
	assert.EqualValues(t, 700, at.LogStart)
	t.Log(err)
	assert.Len(t, readTo(t, r, 700), records-700)
	assert.NoError(t, c.CheckTail(within(t), 0, tail))
	deleteRecords(t, cfg, records)
	assert.NoError(t, c.CheckTail(within(t), 0, tail), "retention passed it: nothing to say")
	offsets, err := c.Offsets(within(t), []int32{0})
	require.NoError(t, err)
	assert.Equal(t, []Offsets{{Partition: 0, LogStart: records, StableEnd: records, HighWatermark: records}}, offsets)
}

func TestRecreatedTopicIsSeen(t *testing.T) { onBoth(t, recreatedTopicIsSeen) }

func recreatedTopicIsSeen(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	produceOurs(t, cfg, LZ4)
	c := newClient(t, cfg)
	tail, end := tailOf(t, c)
	require.NoError(t, c.CheckTail(within(t), 0, tail))
	require.NoError(t, c.CheckTail(within(t), 0, NoTail()))

	adm := kadm.NewClient(newKgo(t, cfg))
	_, err := adm.DeleteTopic(within(t), cfg.Topic)
	require.NoError(t, err)
	await(t, "the old topic to go", func() error {
		_, err := adm.CreateTopic(within(t), 1, 1, nil, cfg.Topic)
		return err
	})
	require.Eventually(t, func() bool {
		err = c.CheckTail(within(t), 0, tail)
		return errors.Is(err, ErrLogReplaced)
	}, patience, 20*time.Millisecond, "%v", err)
	t.Log(err)
	_, err = newReader(t, c, 0).Fetch(within(t), end)
	require.ErrorIs(t, err, ErrLogTruncated)
	t.Log(err)

	// The same offsets again, other bytes: only the tail tells.
	produceOurs(t, cfg, Zstd)
	err = c.CheckTail(within(t), 0, tail)
	require.ErrorIs(t, err, ErrLogReplaced)
	assert.False(t, Retryable(err))
	t.Log(err)
}

// TestTopicID: a topic that was made anew has another id, whatever it holds; every other question about it stays the same.
func TestTopicID(t *testing.T) { onBoth(t, topicID) }

func topicID(t *testing.T, l lab) {
	cfg := l.topic(t, 3, nil)
	c := newClient(t, cfg)
	id, err := c.TopicID(within(t), 2)
	require.NoError(t, err)
	require.Regexp(t, "^[0-9a-f]{32}$", id)
	want, err := c.Identity(within(t))
	require.NoError(t, err)
	want.TopicID = id
	require.NoError(t, c.CheckIdentity(within(t), want))

	adm := kadm.NewClient(newKgo(t, cfg))
	_, err = adm.DeleteTopic(within(t), cfg.Topic)
	require.NoError(t, err)
	await(t, "the old topic to go", func() error {
		_, err := adm.CreateTopic(within(t), 3, 1, nil, cfg.Topic)
		return err
	})
	await(t, "the new topic's id", func() error {
		now, err := c.TopicID(within(t), 0)
		if err == nil && now == id {
			err = errors.New("still the old one")
		}
		return err
	})
	err = c.CheckIdentity(within(t), want)
	require.ErrorIs(t, err, ErrLogReplaced)
	require.ErrorContains(t, err, "festival ledger new")
	assert.False(t, Retryable(err))
}

// TestTopicIDOfOldBrokers: brokers before Kafka 2.8 do not tell; then nothing is held against the ledger's.
func TestTopicIDOfOldBrokers(t *testing.T) {
	_, cfg := newCluster(t, 1, kfake.MaxVersions(kversion.V2_7_0()))
	c := newClient(t, cfg)
	id, err := c.TopicID(within(t), 0)
	require.NoError(t, err)
	require.Empty(t, id)
	want, err := c.Identity(within(t))
	require.NoError(t, err)
	want.TopicID = "0123"
	require.NoError(t, c.CheckIdentity(within(t), want))
}

// TestTopicIDAnswers: an answer that is cut anywhere is a fault that may be asked again, never an id and never a panic.
func TestTopicIDAnswers(t *testing.T) {
	whole := append([]byte{0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 2, 'h', 0, 0, 35, 130, 0, 0, 2, 'c', 0, 0, 0, 1, 2, 0, 0, 2, 't'},
		make([]byte, 16)...)
	var r topicIDRequest
	require.NoError(t, r.parse(whole))
	require.Equal(t, strings.Repeat("0", 32), r.id)
	for n := range whole {
		require.ErrorIs(t, new(topicIDRequest).parse(whole[:n]), io.ErrUnexpectedEOF, n)
	}
}

func TestFlippedByteOnTheWay(t *testing.T) {
	cluster, cfg := newCluster(t, 1)
	bad := craft(t, LZ4, 3, 9)
	bad[len(bad)-5] ^= 1
	cluster.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		res := req.ResponseKind().(*kmsg.FetchResponse)
		rt := kmsg.NewFetchResponseTopic()
		rt.Topic = topic
		rp := kmsg.NewFetchResponseTopicPartition()
		rp.HighWatermark, rp.LastStableOffset = 12, 12
		rp.RecordBatches = append(craft(t, LZ4, 0, 3), bad...)
		rt.Partitions = append(rt.Partitions, rp)
		res.Topics = append(res.Topics, rt)
		return res, nil, true
	})
	c := newClient(t, cfg)
	r := newReader(t, c, 0)
	_, err := r.Fetch(within(t), 1)
	require.NoError(t, err)
	var got []int64
	for r.Next() {
		got = append(got, r.Record().Offset)
	}
	assert.Equal(t, []int64{1, 2}, got)
	require.ErrorIs(t, r.Err(), ErrCRC)
	assert.EqualValues(t, 3, r.Position())
	assert.EqualValues(t, 0, r.Tail().BaseOffset)
	err = c.CheckTail(within(t), 0, Tail{BaseOffset: 0, CRC: readBatch(craft(t, LZ4, 0, 3)).crc, LeaderEpoch: -1})
	assert.NoError(t, err)
}

func TestIdentity(t *testing.T) {
	_, cfg := newCluster(t, 3, kfake.ClusterID("one"))
	c := newClient(t, cfg)
	id, err := c.Identity(within(t))
	require.NoError(t, err)
	assert.Equal(t, Identity{ClusterID: "one", Topic: topic, Partitions: 3}, id)
	require.NoError(t, c.CheckIdentity(within(t), id))
	assert.ErrorIs(t, c.CheckIdentity(within(t), Identity{ClusterID: "two", Topic: topic, Partitions: 3}), ErrClusterChanged)
	assert.ErrorIs(t, c.CheckIdentity(within(t), Identity{ClusterID: "one", Topic: topic, Partitions: 4}), ErrPartitionCount)
	cfg.Topic, cfg.Partitions = "other", 5
	c = newClient(t, cfg)
	_, err = c.Identity(within(t))
	require.ErrorIs(t, err, kafkago.UnknownTopicOrPartition)
	assert.True(t, Retryable(err))
	_, err = c.Reader(0).Fetch(within(t), 0)
	assert.True(t, Retryable(err), "%v", err)
	for range 2 {
		id, err = c.EnsureTopic(within(t), map[string]string{"retention.bytes": "123456"})
		require.NoError(t, err)
		assert.EqualValues(t, 5, id.Partitions)
	}
}

func TestConfigReportsAll(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Brokers, cfg.Topic, cfg.Heartbeat, cfg.FetchBytes = []string{"nohost"}, "", time.Minute, 0
	_, err := New(cfg)
	for _, word := range []string{"nohost", "kafka.topic", "heartbeat", "fetch bytes"} {
		assert.ErrorContains(t, err, word)
	}
}

// TestProducerRepeatsSafely loses answers on the way: each batch is in the log once.
func TestProducerRepeatsSafely(t *testing.T) { onBoth(t, producerRepeatsSafely) }

func producerRepeatsSafely(t *testing.T, l lab) {
	cfg := l.topic(t, 1, nil)
	proxy := newLossyProxy(t, cfg.Brokers[0])
	cfg.Brokers = []string{proxy.addr()}
	cfg.RequestTimeout = 2 * time.Second
	c := newClient(t, cfg)
	// Through the proxy for every exchange, whatever address the broker gives.
	c.transport.Dial = proxy.dial
	p, err := c.NewProducer(within(t))
	require.NoError(t, err)
	e, err := NewEncoder(LZ4)
	require.NoError(t, err)
	for batch := range 20 {
		e.Reset()
		for i := range 50 {
			e.Append(order(batch*50 + i))
		}
		if batch%3 == 1 {
			proxy.loseNextAnswer()
		}
		base, err := p.Send(within(t), 0, e)
		require.NoError(t, err)
		assert.EqualValues(t, batch*50, base)
	}
	assert.Positive(t, proxy.cuts())
	got := readTo(t, newReader(t, c, 0), 0)
	require.Len(t, got, 1000)
	for i, g := range got {
		key, _, _ := order(i)
		require.Equal(t, string(key), g.key)
	}
}

// TestBrokerRestart stops a broker with a data directory and starts it again on the same port: the same Client, Reader and
// Producer go on where they were.
func TestBrokerRestart(t *testing.T) {
	dir := t.TempDir()
	first, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topic), kfake.DataDir(dir))
	require.NoError(t, err)
	addr := first.ListenAddrs()[0]
	cfg := DefaultConfig()
	cfg.Brokers, cfg.Partitions, cfg.MetadataTTL, cfg.RequestTimeout = []string{addr}, 1, metadataTTL, 5*time.Second
	produceOurs(t, cfg, LZ4)
	c := newClient(t, cfg)
	r := newReader(t, c, 0)
	require.Len(t, readTo(t, r, 0), records)
	tail, at := r.Tail(), r.Position()
	first.Close()
	for err = nil; err == nil; { // the read-ahead may have had its answer before
		_, err = r.Fetch(within(t), at)
	}
	assert.True(t, Retryable(err), "%v", err)
	_, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	var second *kfake.Cluster
	await(t, "the port", func() error { // somebody's connection may have it for a moment
		second, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(n), kfake.DataDir(dir))
		return err
	})
	defer second.Close()
	require.Eventually(t, func() bool { _, err = r.Fetch(within(t), at); return err == nil }, patience, 10*time.Millisecond)
	require.NoError(t, c.CheckTail(within(t), 0, tail))
	p, err := c.NewProducer(within(t))
	require.NoError(t, err)
	e, err := NewEncoder(Snappy)
	require.NoError(t, err)
	e.Append([]byte("k"), []byte("after"), 1)
	_, err = p.Send(within(t), 0, e)
	require.NoError(t, err)
	got := readTo(t, r, at)
	require.Len(t, got, 1)
	assert.Equal(t, fmt.Sprint(records, "after"), fmt.Sprint(got[0].offset, got[0].value))
}
