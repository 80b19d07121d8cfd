package ingest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/ingest"
	"festival/ingest/kafka/kafkatest"
)

// TestRealKafka counts from real Apache Kafka what a bad night leaves there: batches that a producer sent twice, transactions rolled
// back, a broker killed in the middle. The store says what the log says, each time.
func TestRealKafka(t *testing.T) {
	c := kafkatest.Run(t, kafkatest.Config{})
	w := newWorldOn(t, c, "", 0)
	r := w.start(func(c *ingest.Config) { c.Alone = false })
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("stored %v, stopped %v", r.has(), r.reasons())
		}
	})
	w.await("partitions", r.goesOn)
	w.produce(900)
	w.produceTwice(200)
	w.produceTransactions(6)
	w.counted()
	w.requireEqual()
	require.GreaterOrEqual(t, w.number("SELECT count() FROM orders FINAL WHERE verdict = 'duplicate'"), uint64(100))

	stop := w.keepProducing()
	require.NoError(t, c.Kill(1))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, c.Start(ctx, 1))
	stop()
	w.counted()
	w.await("partitions to go on", func() bool { return len(r.reasons()) == 0 })
	w.requireEqual()
}

// produceTwice writes batches as a producer without idempotence does that has lost their acknowledgement.
func (w *world) produceTwice(records int) {
	w.t.Helper()
	plain, err := kgo.NewClient(kgo.SeedBrokers(w.brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DisableIdempotentWrite())
	require.NoError(w.t, err)
	defer plain.Close()
	var batch, again []*kgo.Record
	for i := range records {
		one := w.record(int32(i % partitions))
		two := *one
		batch, again = append(batch, one), append(again, &two)
	}
	require.NoError(w.t, plain.ProduceSync(context.Background(), batch...).FirstErr())
	require.NoError(w.t, plain.ProduceSync(context.Background(), again...).FirstErr())
}

// produceTransactions writes transactions of 30 records, every second one rolled back.
func (w *world) produceTransactions(n int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(w.brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.TransactionalID("orders"), kgo.TransactionTimeout(30*time.Second))
	require.NoError(w.t, err)
	defer client.Close()
	for i := range n {
		require.NoError(w.t, client.BeginTransaction())
		var batch []*kgo.Record
		for k := range 30 {
			batch = append(batch, w.record(int32(k%partitions)))
		}
		require.NoError(w.t, client.ProduceSync(ctx, batch...).FirstErr())
		require.NoError(w.t, client.EndTransaction(ctx, kgo.TransactionEndTry(i%2 == 0)))
	} // The markers come after the answer.
	w.await("the last marker", func() bool {
		committed, err := kadm.NewClient(client).ListCommittedOffsets(ctx, topic)
		if err != nil {
			return false
		}
		ends := w.ends()
		settled := true
		committed.Each(func(o kadm.ListedOffset) { settled = settled && o.Offset == ends[o.Partition] })
		return settled
	})
}
