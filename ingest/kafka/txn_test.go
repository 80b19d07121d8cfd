package kafka

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestReadCommittedIsExact runs interleaved transactions of several producers, some rolled back, among plain records, and reads
// with many fetch sizes and from every offset: what comes is what was committed, nothing else.
func TestReadCommittedIsExact(t *testing.T) { onBoth(t, readCommittedIsExact) }

func readCommittedIsExact(t *testing.T, l lab) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewSource(seed))
	cfg := l.topic(t, 1, nil)
	plain := newKgo(t, cfg)
	var clients []*kgo.Client
	for i := range 3 {
		clients = append(clients, newKgo(t, cfg, kgo.TransactionalID(fmt.Sprintf("%s-%d", cfg.Topic, i)), kgo.RequestRetries(5)))
	}
	want := map[string]bool{} // value -> committed
	n := 0
	put := func(cl *kgo.Client, label string) string {
		n++
		value := fmt.Sprintf("%s-%d", label, n)
		require.NoError(t, cl.ProduceSync(within(t), &kgo.Record{Value: []byte(value)}).FirstErr())
		return value
	}
	open := map[*kgo.Client][]string{}
	for range 150 {
		cl := clients[rng.Intn(len(clients))]
		switch values, inside := open[cl]; {
		case rng.Intn(4) == 0:
			want[put(plain, "plain")] = true
		case !inside:
			require.NoError(t, cl.BeginTransaction())
			open[cl] = []string{put(cl, "txn")}
		case rng.Intn(3) > 0:
			open[cl] = append(values, put(cl, "txn"))
		default:
			commit := kgo.TransactionEndTry(rng.Intn(2) == 0)
			require.NoError(t, cl.EndTransaction(within(t), commit))
			for _, v := range values {
				want[v] = bool(commit)
			}
			delete(open, cl)
		}
	}
	// A transaction left open holds the stable end back.
	require.NoError(t, clients[0].EndTransaction(within(t), kgo.TryAbort))
	require.NoError(t, clients[0].BeginTransaction())
	hidden := put(clients[0], "hidden")
	for _, cl := range clients[1:] {
		require.NoError(t, cl.EndTransaction(within(t), kgo.TryAbort))
	}
	committed := 0
	for _, ok := range want {
		if ok {
			committed++
		}
	}
	for _, size := range []int32{1024, 1500, 4096, 1_000_000} {
		cfg.FetchBytes = size
		r := newReader(t, newClient(t, cfg), 0)
		all := readTo(t, r, 0)
		assert.Len(t, all, committed)
		for _, got := range all {
			assert.True(t, want[got.value], got.value)
			assert.NotEqual(t, hidden, got.value)
		}
		for from := int64(0); from < r.Position(); from += 7 {
			rest := all
			for len(rest) > 0 && rest[0].offset < from {
				rest = rest[1:]
			}
			got := readTo(t, r, from)
			require.Len(t, got, len(rest), "from %d", from)
			for i := range got {
				require.Equal(t, rest[i], got[i])
			}
		}
	}
	offsets, err := newClient(t, cfg).Offsets(within(t), []int32{0})
	require.NoError(t, err)
	assert.Less(t, offsets[0].StableEnd, offsets[0].HighWatermark)
	require.NoError(t, clients[0].EndTransaction(within(t), kgo.TryCommit))
	r := newReader(t, newClient(t, cfg), 0)
	all := readTo(t, r, 0)
	assert.Equal(t, hidden, all[len(all)-1].value)
	assert.False(t, strings.Contains(all[0].value, "hidden"))
}
