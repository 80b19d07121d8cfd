package query

import (
	"math/rand/v2"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// Merging what waits gives the board the same state as folding every update.
func TestMergedUpdatesFoldTheSame(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	cfg := testConfig(t, newMemoryStore(), 2)
	m, err := newMetrics(prometheus.NewRegistry(), &cfg)
	require.NoError(t, err)
	merged, plain := newQueue(m), newQueue(m)
	merged.bound, merged.limit = 200, 200
	logs := [2]*orderLog{newOrderLog(0, random), newOrderLog(1, random)}
	for range 300 {
		u := logs[random.IntN(2)].flush(random)
		merged.push(u)
		plain.push(u)
	}
	require.Positive(t, merged.merges)
	require.Less(t, merged.cells, plain.cells)
	require.Equal(t, folded(t, &cfg, plain), folded(t, &cfg, merged))
}

func folded(t *testing.T, cfg *Config, q *queue) string {
	p := publisher{cfg: cfg}
	board := p.newBoard()
	updates, _ := q.take(true)
	for _, u := range updates {
		require.NoError(t, board.Fold(u))
	}
	f, err := board.Frame(0, aggregate.FrameState{})
	require.NoError(t, err)
	return string(f.JSON())
}

// orderLog is one partition's log of paid orders and how far it has been counted. Its flushes are what ingest's are:
// every cell changed since the flush before, with its absolute value in the segment. Now and then the counting begins
// again at the segment's start, as after a takeover.
type orderLog struct {
	partition int32
	orders    []logged
	at        int64
	top       int64 // furthest that was counted
}

type logged struct {
	window uint8
	second int64
	fen    int64
}

func newOrderLog(partition int32, random *rand.Rand) *orderLog {
	l := &orderLog{partition: partition}
	for range 5000 {
		w := random.IntN(2)
		l.orders = append(l.orders, logged{uint8(w), dayStart + int64(w)*7200 + random.Int64N(20), 1 + random.Int64N(1000)})
	}
	return l
}

func (l *orderLog) flush(random *rand.Rand) aggregate.Update {
	if random.IntN(10) == 0 {
		l.at = l.at / 128 * 128
	}
	to := min(l.at+1+random.Int64N(60), int64(len(l.orders)))
	var u aggregate.Update
	for segment := l.at / 128; segment*128 < to; segment++ {
		end := min(to, (segment+1)*128)
		cells := map[aggregate.Cell]aggregate.Measures{} // by identity, the other fields zero
		touched := map[aggregate.Cell]bool{}
		for offset := segment * 128; offset < end; offset++ {
			for _, id := range l.orders[offset].cells(l.partition, segment) {
				m := cells[id]
				m.Orders, m.GmvFen = m.Orders+1, m.GmvFen+l.orders[offset].fen
				cells[id] = m
				touched[id] = touched[id] || offset >= l.at
			}
		}
		for id, m := range cells {
			if touched[id] {
				id.M, id.Revision = m, end
				u.Cells = append(u.Cells, id)
			}
		}
	}
	u.Progress = []aggregate.Progress{{Partition: l.partition, Next: to, LastMs: to, MaxEventMs: to}}
	l.at, l.top = to, max(l.top, to)
	return u
}

func (o logged) cells(partition int32, segment int64) []aggregate.Cell {
	base := aggregate.Cell{Window: o.window, Partition: partition, Segment: segment}
	total, device, country, merchant := base, base, base, base
	total.Dim, total.Bucket = aggregate.DimTotal, o.second
	device.Dim, device.Bucket, device.Key = aggregate.DimDevice, o.second, []string{"app", "desktop"}[o.fen%2]
	country.Dim, country.Bucket, country.Key = aggregate.DimCountry, o.second, []string{"RU", "CN", "ES"}[o.fen%3]
	merchant.Dim, merchant.Key = aggregate.DimMerchant, "m"
	return []aggregate.Cell{total, device, country, merchant}
}
