package query

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/sql"
	"festival/sql/engine/enginetest"
)

var _ Store = (*sql.Store)(nil)

// openStore gives the embedded engine's store, migrated.
func openStore(t *testing.T) *sql.Store {
	store, err := sql.Open(context.Background(), sql.Config{DSN: enginetest.Start(t).DSN("")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	_, err = store.Migrate(context.Background())
	require.NoError(t, err)
	return store
}

// flushTo stores an update as ingest does.
func flushTo(t *testing.T, store *sql.Store, cfg *Config, u aggregate.Update) {
	var rows []sql.CellRow
	for _, c := range u.Cells {
		rows = append(rows, sql.CellRow{Window: c.Window, Dim: uint8(c.Dim), Partition: c.Partition, Segment: c.Segment,
			Bucket: c.Bucket, Revision: c.Revision, Key: c.Key, M: [7]int64{c.M.Orders, c.M.GmvFen, c.M.MobileOrders,
				c.M.MobileGmvFen, c.M.Created, c.M.Refunds, c.M.RefundFen}})
	}
	for _, p := range u.Progress {
		rows = append(rows, sql.CellRow{Window: aggregate.NoWindow, Dim: uint8(aggregate.DimProgress), Partition: p.Partition,
			Revision: p.Next, M: [7]int64{0, 0, 0, p.LastMs, p.MaxEventMs}})
	}
	require.NoError(t, store.InsertCells(context.Background(), cfg.prefix(), rows))
}

func orders(s *Server) int64 {
	f := s.pub.status.Load().frame
	if f == nil || s.hub.newest("", false) == nil {
		return -1
	}
	return f.Total.Orders
}

// With the real store: what is handed over in process, what a second server tails, and what a restart loads are the same
// frames; series and breakdowns agree with them; the chain goes on.
func TestRealStore(t *testing.T) {
	store, seed := openStore(t), rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	logs := [2]*orderLog{newOrderLog(0, random), newOrderLog(1, random)}
	first := testConfig(t, store, 2)
	first.MilestonesCN = []int64{1}
	a, urlA := start(t, first)
	second := testConfig(t, store, 2)
	second.Tail, second.Follow, second.MilestonesCN = true, true, first.MilestonesCN
	b, urlB := start(t, second)
	var want int64
	for range 40 {
		u := logs[random.IntN(2)].flush(random)
		flushTo(t, store, &first, u)
		a.Apply(u)
	}
	for _, l := range logs {
		want += l.top
	}
	eventually(t, func() bool { return orders(a) == want && orders(b) == want }, "both boards have all orders")
	eventually(t, func() bool {
		e, f := a.hub.newest("", false), b.hub.newest("", false)
		return f != nil && e.second == f.second && string(e.full.wire) == string(f.full.wire) && decode(t, string(f.body)).Total.Orders == want
	}, "the same official bytes")

	for _, base := range []string{urlA, urlB} {
		for i, window := range []string{"", "window=day", "window=night"} {
			f := getJSON[aggregate.Frame](t, fmt.Sprintf("%s/api/v1/frame?%s", base, window))
			require.Equal(t, f.Total.GmvFen, sumOf(t, base, "series?dim=total&step=1s&"+window), "window %d", i)
			require.Equal(t, f.Total.GmvFen, sumOf(t, base, "series?dim=total&step=1h&"+window))
			for dim, rows := range map[string]int{"country": 3, "device": 2} {
				answer := getJSON[struct {
					Rows  []aggregate.Share
					Total aggregate.Share
				}](t, base+"/api/v1/breakdown?dim="+dim+"&"+window)
				require.Len(t, answer.Rows, rows)
				require.Equal(t, f.Total.GmvFen, answer.Total.GmvFen)
			}
			for _, dim := range []aggregate.Dim{aggregate.DimCountry, aggregate.DimDevice, aggregate.DimProvince, aggregate.DimFlow, aggregate.DimMerchant} {
				q := sql.BreakdownQuery{Dim: dim.String(), Window: uint8(i - 1)} // 255: all
				rows, err := a.cfg.Store.Breakdown(t.Context(), a.cfg.prefix(), q)
				require.NoError(t, err)
				want, err := breakdownAnswer(q.Dim, keysOf(rows), breakdownLimit)
				require.NoError(t, err)
				_, _, body := get(t, base+"/api/v1/breakdown?dim="+q.Dim+"&"+window)
				require.Equal(t, string(want.body), string(body), "the board's rows are the store's")
			}
			m := getJSON[struct{ Total aggregate.Share }](t, base+"/api/v1/merchant/m?"+window)
			require.Equal(t, f.Total.GmvFen, m.Total.GmvFen)
		}
		eventually(t, func() bool { // the one that follows reads the records now and then
			milestones := getJSON[struct{ Milestones []milestoneRow }](t, base+"/api/v1/milestones").Milestones
			return len(milestones) == 2 && milestones[1].OnAirSecond != nil
		}, "milestone on the air")
	}
	e := a.hub.newest("", false)
	at := url.QueryEscape(time.Unix(e.second, 0).Format(time.RFC3339))
	_, _, body := get(t, urlB+"/api/v1/frame?at="+at)
	require.Equal(t, string(e.body[:len(e.body)-1])+`,"later":null}`, string(body))

	third := testConfig(t, store, 2)
	c, err := New(third)
	require.NoError(t, err)
	require.NoError(t, c.pub.resume(t.Context()))
	require.NoError(t, c.pub.load(t.Context()))
	f, ok := c.pub.build(0, aggregate.FrameState{})
	require.True(t, ok)
	require.Equal(t, want, f.Total.Orders)
	require.GreaterOrEqual(t, c.pub.shown.Load(), e.second)
	var rows []sql.FrameRow
	require.NoError(t, store.Frames(t.Context(), third.prefix(), "", 0, 0, func(r sql.FrameRow) error {
		rows = append(rows, r)
		return nil
	}))
	checkChain(t, rows, third.ledgerHex())
}

func sumOf(t *testing.T, base, ask string) (sum int64) {
	for _, p := range getJSON[struct{ Points []aggregate.Share }](t, base+"/api/v1/"+ask).Points {
		sum += p.GmvFen
	}
	return sum
}
