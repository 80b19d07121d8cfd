package verify

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"festival/aggregate/recount"
	"festival/sql"
)

// TestDamagedBatch: a flipped byte in a stored batch is named by the batch's base offset, not by where the fetch began.
func TestDamagedBatch(t *testing.T) {
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	require.NoError(t, err)
	defer broker.Close()
	bad := emptied(373)
	bad[30] ^= 1
	raw := append(append(emptied(363), bad...), emptied(383)...)
	broker.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		broker.KeepControl()
		req := r.(*kmsg.FetchRequest)
		if len(req.Topics) == 0 {
			return nil, nil, false
		}
		resp := recordless(req)
		resp.Topics[0].Partitions[0].HighWatermark, resp.Topics[0].Partitions[0].LastStableOffset = 400, 400
		resp.Topics[0].Partitions[0].RecordBatches = raw
		return resp, nil, true
	})
	run := &run{rules: &recount.Rules{Topic: "orders", Partitions: 1},
		Config: Config{Kafka: broker.ListenAddrs(), KafkaOpts: []kgo.Opt{kgo.DisableFetchSessions()}}}
	l, err := run.openLog(0, 363)
	require.NoError(t, err)
	defer l.close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	_, err = l.next(ctx, 393)
	require.ErrorContains(t, err, "the batch at base offset 373 is damaged")
	require.ErrorContains(t, (&worker{id: 2}).wrap(err), "partition 2: fetch from offset 363: ")
}

// TestBadBatch: whole batches without a fault have none, and neither has what is cut off.
func TestBadBatch(t *testing.T) {
	raw := append(emptied(0), emptied(10)...)
	for n := range raw {
		_, _, _, found := badBatch(raw[:n])
		require.False(t, found, n)
	}
	raw[len(raw)-1] ^= 1
	base, says, has, found := badBatch(raw)
	require.True(t, found)
	require.EqualValues(t, 10, base)
	require.NotEqual(t, says, has)
}

// TestAlteredLedger: a ledger whose stored document is not what its id was made of is a difference by itself, for
// one that follows an error of its own kind.
func TestAlteredLedger(t *testing.T) {
	cfg := Config{Store: &sql.Store{}, Ledger: sql.Ledger{ID: "00", Document: "{}", LogStart: []int64{0}}, Kafka: []string{"127.0.0.1:1"}}
	r, err := Run(context.Background(), cfg)
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Count)
	require.Equal(t, "ledger", r.Differences[0].What)
	require.Equal(t, "00", r.Differences[0].Where)
	_, err = Follow(context.Background(), FollowConfig{Config: cfg})
	require.ErrorAs(t, err, &LedgerError{})
}
