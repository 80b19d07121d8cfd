package frames

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"festival/ingest/kafka"
	"festival/ingest/kafka/kafkatest"
)

const (
	topic    = "frames"
	patience = 3 * time.Minute // bounds every wait for something that has to happen
)

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// fake starts kfake and gives a configuration for it.
func fake(t *testing.T, opts ...kfake.Opt) Config {
	t.Helper()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.ClusterID("here"),
		kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"})}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	return config(cluster.ListenAddrs(), "here")
}

func config(brokers []string, cluster string) Config {
	k := kafka.DefaultConfig()
	k.Brokers, k.Topic, k.Group, k.MetadataTTL = brokers, topic, "festival-frames-x", 100*time.Millisecond
	return Config{Kafka: k, Cluster: cluster, Key: []byte("ledger")}
}

func open(t *testing.T, cfg Config) *Log {
	t.Helper()
	l, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(l.Close)
	return l
}

// reading collects what Read gives.
type reading struct {
	mu     sync.Mutex
	values []string
	times  []int64
	next   int64
}

// has gives a copy of the values so far.
func (r *reading) has() []string { r.mu.Lock(); defer r.mu.Unlock(); return slices.Clone(r.values) }

func (r *reading) len() int { r.mu.Lock(); defer r.mu.Unlock(); return len(r.values) }

// read reads in the background until the test ends.
func read(t *testing.T, l *Log) *reading {
	t.Helper()
	r := &reading{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- l.Read(ctx, func(offset, ms int64, value, _ []byte) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.values, r.times = append(r.values, string(value)), append(r.times, ms)
			return nil
		}, func(next, end int64) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.next = next
			assert.LessOrEqual(t, next, end)
			return nil
		}, func(error) {})
	}()
	t.Cleanup(func() { cancel(); assert.NoError(t, <-done) })
	return r
}

// TestTopicIsCreatedOrRefused: what is missing is created as the chain needs it; what is there and otherwise is refused with
// every reason; another cluster's is refused.
func TestTopicIsCreatedOrRefused(t *testing.T) {
	cfg := fake(t)
	l := open(t, cfg)
	require.NoError(t, l.Ensure(within(t)))
	require.NoError(t, l.Ensure(within(t)), "and again")
	settings, err := l.client.Settings(within(t), "cleanup.policy", "message.timestamp.type", "retention.ms")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"cleanup.policy": "delete", "message.timestamp.type": "LogAppendTime", "retention.ms": "3600000"}, settings)

	cfg.Cluster = "elsewhere"
	require.ErrorContains(t, open(t, cfg).Ensure(within(t)), "the brokers answer as cluster here, the ledger is of cluster elsewhere")

	err = open(t, fake(t, kfake.SeedTopics(3, topic))).Ensure(within(t))
	require.ErrorContains(t, err, "frames has 3 partitions: it needs exactly 1")
	require.ErrorContains(t, err, `message.timestamp.type "CreateTime": set it to LogAppendTime`)

	_, err = New(Config{})
	require.ErrorContains(t, err, "kafka.brokers is empty")
	require.ErrorContains(t, err, "cluster id is missing")
}

// TestRecordsComeInOneOrder: two processes append, both read the same from the log's start; a record past the bound, or past
// what the broker takes, is an error that names the size, and the next one goes through.
func TestRecordsComeInOneOrder(t *testing.T) {
	cfg := fake(t, kfake.BrokerConfigs(map[string]string{"message.max.bytes": "100000"}))
	a, b := open(t, cfg), open(t, cfg)
	require.NoError(t, a.Ensure(within(t)))
	for i := range 5 {
		for _, l := range []*Log{a, b} {
			offset, err := l.Append(within(t), fmt.Appendf(nil, "%d", i), nil)
			require.NoError(t, err)
			require.GreaterOrEqual(t, offset, int64(2*i))
		}
	}
	first, second := read(t, a), read(t, b)
	require.Eventually(t, func() bool { return first.len() == 10 && second.len() == 10 }, patience, time.Millisecond)
	require.Equal(t, first.has(), second.has())

	_, err := a.Append(within(t), make([]byte, MaxRecord+1), nil)
	require.ErrorContains(t, err, "8388609 bytes is over the bound of 8388608")
	noise := make([]byte, 150_000)
	_, _ = rand.Read(noise)
	_, err = a.Append(within(t), noise, nil)
	require.ErrorContains(t, err, "150000 bytes, packed by zstd, is larger than topic frames takes: raise its max.message.bytes")
	_, err = a.Append(within(t), make([]byte, MaxRecord), nil) // at the bound, and packs well
	require.NoError(t, err)
	require.Eventually(t, func() bool { return second.len() == 11 }, patience, time.Millisecond)
	require.Len(t, second.has()[10], MaxRecord)
}

// TestReadEndsWithTheCallersError: an error of the caller's ends Read as it is, however retryable it looks.
func TestReadEndsWithTheCallersError(t *testing.T) {
	l := open(t, fake(t))
	require.NoError(t, l.Ensure(within(t)))
	_, err := l.Append(within(t), []byte("x"), nil)
	require.NoError(t, err)
	mine := fmt.Errorf("mine")
	err = l.Read(within(t), func(int64, int64, []byte, []byte) error { return mine }, nil, nil)
	require.ErrorIs(t, err, mine)
	err = l.Read(within(t), func(int64, int64, []byte, []byte) error { return nil }, func(int64, int64) error { return mine }, nil)
	require.ErrorIs(t, err, mine)
}

// TestOneHolds: of two members exactly one holds the partition; when it leaves, the other does.
func TestOneHolds(t *testing.T) {
	cfg := fake(t)
	require.NoError(t, open(t, cfg).Ensure(within(t)))
	type member struct {
		held  atomic.Bool
		leave context.CancelFunc
		done  chan error
	}
	join := func() *member {
		l := open(t, cfg)
		ctx, leave := context.WithCancel(within(t))
		m := &member{leave: leave, done: make(chan error, 1)}
		go func() { m.done <- l.Hold(ctx, m.held.Store, func(error) {}) }()
		return m
	}
	await := func(what string, holds func() bool) {
		t.Helper()
		require.Eventually(t, holds, patience, time.Millisecond, what)
	}
	a := join()
	await("alone", a.held.Load)
	b := join()
	await("one of two", func() bool { return a.held.Load() != b.held.Load() })
	if b.held.Load() {
		a, b = b, a
	}
	a.leave()
	require.NoError(t, <-a.done)
	require.False(t, a.held.Load())
	await("the other", b.held.Load)
	b.leave()
	require.NoError(t, <-b.done)
	require.False(t, b.held.Load())
}

// TestOnRealKafka: the broker's clock stands in the records, not the producer's; a broker that is killed and started again
// loses nothing that it acknowledged, and reading goes on by itself; what retention has cut is not asked for.
func TestOnRealKafka(t *testing.T) {
	cluster := kafkatest.Run(t, kafkatest.Config{})
	l := open(t, config(cluster.Addrs(kafkatest.Plaintext), cluster.ID()))
	require.NoError(t, l.Ensure(within(t)))
	l.encoder.Reset()
	l.encoder.Append(nil, []byte("with a clock of its own"), time.Now().Add(-time.Hour).UnixMilli())
	p, err := l.client.NewProducer(within(t))
	require.NoError(t, err)
	_, err = p.Send(within(t), 0, l.encoder)
	require.NoError(t, err)
	before := time.Now()
	r := read(t, l)
	require.Eventually(t, func() bool { return r.len() == 1 }, patience, time.Millisecond)
	r.mu.Lock()
	at := time.UnixMilli(r.times[0])
	r.mu.Unlock()
	require.WithinDuration(t, before, at, 30*time.Minute, "the time of append, not an hour before")

	var acked []string
	add := func(value string) {
		ctx, cancel := context.WithTimeout(within(t), 4*time.Second)
		defer cancel()
		if _, err := l.Append(ctx, []byte(value), nil); err == nil {
			acked = append(acked, value)
		}
	}
	for i := range 20 {
		add(fmt.Sprint("before ", i))
	}
	require.NoError(t, cluster.Kill(1))
	add("while it is down")
	require.NoError(t, cluster.Start(within(t), 1))
	require.Eventually(t, func() bool { add("after " + fmt.Sprint(len(acked))); return len(acked) > 25 }, patience, 10*time.Millisecond)
	has := func(value string) bool { return slices.Contains(r.has(), value) }
	require.Eventually(t, func() bool { return has(acked[len(acked)-1]) }, patience, 10*time.Millisecond)
	for _, value := range acked {
		require.True(t, has(value), "%s was acknowledged", value)
	}

	require.NoError(t, cluster.DeleteRecords(within(t), topic, 0, 10))
	again := read(t, l)
	require.Eventually(t, func() bool { return again.len() > 0 }, patience, time.Millisecond)
	require.Equal(t, r.has()[10], again.has()[0], "from the log's start")
}
