package ingest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/ingest/verify"
)

// TestLogRestored: retention takes offsets that nobody has counted, and a copy of the log comes back, with its offsets. Before
// anybody signed the gap off the partition goes on by itself and counts all of it.
func TestLogRestored(t *testing.T) {
	w, copied, r := newLostLog(t)
	w.restore(copied)
	w.await("it to go on", func() bool { return len(r.reasons()) == 0 && w.stored(1) == 500 })
	w.counted()
	w.requireEqual()
	require.Zero(t, r.metric("accepted_gap_offsets"))
	require.EqualValues(t, 50, w.within(300, 350), "what was lost and came back")
}

// TestLogRestoredAfterTheSignOff: the gap is part of the ledger's log by then, whoever may read records there. A process that runs, one
// that takes over and the recount pass them over, and what is sent again behind it counts once.
func TestLogRestoredAfterTheSignOff(t *testing.T) {
	w, copied, r := newLostLog(t)
	w.sign(1, 300, 350)
	w.await("it to go on", func() bool { return len(r.reasons()) == 0 && w.stored(1) == 500 })
	counted := func(of string) {
		w.counted()
		w.requireEqual()
		w.requireEqual(func(c *verify.Config) { c.From, c.Kafka = verify.FromOrders, nil })
		require.Zero(t, w.within(300, 350), of)
	}
	counted("the log without them")
	w.restore(copied)
	w.produce(partitions * 4) // the segment of the gap stays open
	counted("a process that ran on")
	r.stop()
	w.start()
	w.produce(partitions * 4)
	counted("one that read the open segment again from the log that has them")
	w.produce(partitions * stride)
	counted("the segment's seal")
}

// newLostLog is a world whose log is kept in a directory. Of partition 1 the offsets 300 to 350 are gone, which were not counted, and
// it has stopped for that; copied is the directory as it was before.
func newLostLog(t *testing.T) (w *world, copied string, r *run) {
	w = newWorld(t)
	w.fake.Close()
	w.producer.Close()
	w.logDir = filepath.Join(t.TempDir(), "log")
	w.openLog()
	r = w.start()
	w.produce(partitions * 300)
	w.counted()
	r.stop()
	w.produce(partitions * 200)
	w.fake.Close()
	copied = filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.CopyFS(copied, os.DirFS(w.logDir)))
	w.openLog()
	w.lose(1, 350)
	r = w.start()
	w.stops(r, 1, "festival ledger accept-gap --partition 1 --from 300 --to 350")
	w.await("the others to go on", func() bool { return r.has()[0] == 500 && r.has()[2] == 500 })
	return w, copied, r
}

// restore puts a copy of the log in the place of what there is, on the same address.
func (w *world) restore(copied string) {
	w.t.Helper()
	w.fake.Close()
	w.logDir = copied
	w.openLog()
}

// openLog starts the broker on logDir, on the address that it had.
func (w *world) openLog() {
	w.t.Helper()
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(partitions, topic), kfake.ClusterID(cluster), kfake.DataDir(w.logDir),
		kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"})}
	if w.producer != nil {
		w.producer.Close()
	}
	var err error
	w.await("the address", func() bool {
		w.fake, err = kfake.NewCluster(append(opts, kfake.Ports(portOf(w.t, w.brokers[0])))...)
		return err == nil
	})
	w.t.Cleanup(w.fake.Close)
	w.producer, err = kgo.NewClient(kgo.SeedBrokers(w.brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(w.t, err)
	w.t.Cleanup(w.producer.Close)
}

// within is how many raw rows of partition 1 count between two offsets.
func (w *world) within(from, to int64) uint64 {
	w.t.Helper()
	return w.number(fmt.Sprintf(`SELECT (SELECT count() FROM orders_at(ledger = %d, partitions = [1], positions = [1000000]) WHERE offset >= %d AND offset < %d)
		+ (SELECT count() FROM rejects_at(ledger = %d, partitions = [1], positions = [1000000]) WHERE offset >= %d AND offset < %d)`,
		w.ledger.Prefix, from, to, w.ledger.Prefix, from, to))
}
