package kafka

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"festival/ingest/kafka/kafkatest"
	"festival/sql/leaks"
)

// TestMain lets kfake leave goroutines of control functions that slept: where it is closed between two of them that wake, the first keeps
// its lock for good and the second waits for it (runControl; seen once at load 10).
func TestMain(m *testing.M) {
	leaks.Main(kafkatest.Main(m, oneNode, threeNodes), goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kfake.(*Cluster).runControl.func1"))
}

const topic = "orders"

// newCluster starts one kfake broker with the topic, closed with the test.
func newCluster(t testing.TB, partitions int32, opts ...kfake.Opt) (*kfake.Cluster, Config) {
	t.Helper()
	opts = append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(partitions, topic)}, opts...)
	cluster, err := kfake.NewCluster(opts...)
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	cfg := DefaultConfig()
	cfg.Brokers, cfg.Partitions = cluster.ListenAddrs(), int(partitions)
	cfg.MetadataTTL, cfg.MaxWait = metadataTTL, 5*time.Millisecond
	return cluster, cfg
}

func newClient(t testing.TB, cfg Config) *Client {
	t.Helper()
	c, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func newKgo(t testing.TB, cfg Config, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	opts = append([]kgo.Opt{
		kgo.SeedBrokers(cfg.Brokers...), kgo.DefaultProduceTopic(cfg.Topic), kgo.RecordPartitioner(kgo.ManualPartitioner()),
	}, opts...)
	c, err := kgo.NewClient(opts...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func newReader(t testing.TB, c *Client, partition int32) *Reader {
	t.Helper()
	r := c.Reader(partition)
	t.Cleanup(r.Close)
	return r
}

// read copies what Next gives.
type read struct {
	offset, ms int64
	key, value string
	null       bool
	rehearsal  bool
}

func copyOf(r *Record) read {
	return read{offset: r.Offset, ms: r.KafkaMs, key: string(r.Key), value: string(r.Value), null: r.Value == nil, rehearsal: r.Rehearsal}
}

// readTo reads from an offset until the position reaches the stable end.
func readTo(t testing.TB, r *Reader, from int64) []read {
	t.Helper()
	var out []read
	ctx := within(t)
	for at := from; ; at = r.Position() {
		fetched, err := r.Fetch(ctx, at)
		if Retryable(err) && ctx.Err() == nil {
			continue // a new client does not know a new topic at once
		}
		require.NoError(t, err)
		for r.Next() {
			out = append(out, copyOf(r.Record()))
		}
		require.NoError(t, r.Err())
		if r.Position() >= fetched.StableEnd {
			return out
		}
	}
}

// order is the i-th test record: an order event of 24 fields, 533 bytes or so.
func order(i int) (key, value []byte, ms int64) {
	ms = 1_794_326_400_000 + int64(i)*7
	mix := uint32(i) * 2654435761
	key = fmt.Appendf(nil, "26111100%08d", i)
	value = fmt.Appendf(nil, `{"order_id":"26111100%08d","status":"paid","created_at":"2026-11-11T00:00:%02d.%03d+08:00","paid_at":"2026-11-11T00:01:%02d.%03d+08:00","currency":"CNY","amount":"%d.%02d","merchant_id":"m%05d","buyer_id":"b%08d","buyer_country":"CN","province":"%d0000","city":"%d0100","merchant_country":"IT","marketplace":"tmall_global","channel":"online","device":"app","category":"beauty","brand_id":"br%03d","product_id":"p%05d","new_product":%t,"quantity":%d,"store_id":"s%04d","red_envelope":"10.00","team_id":"t%03d","show_id":"gala-3","broadcast":"youku"}`,
		i, i%60, mix%1000, i%60, mix%997, mix%900+100, mix%100, mix%30_000, mix%90_000_000, 11+mix%50, 11+mix%50, mix%700, mix%99_000, i%2 == 0, 1+mix%4, mix%9000, mix%800)
	return key, value, ms
}
