package query

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// Orders that ingest hands over are on the newest frame, in the series, in the breakdown and at the merchant's, and all
// agree.
func TestOrdersReachEveryAnswer(t *testing.T) {
	store := newMemoryStore()
	s, url := start(t, testConfig(t, store, 1))
	for p, orders := range []int64{3, 4} {
		u := paid(0, int32(p), orders, orders, 5000, dayStart+int64(p))
		store.put(u)
		s.Apply(u)
	}
	eventually(t, func() bool {
		e := s.hub.newest("", false)
		return e != nil && s.pub.status.Load().frame.Total.Orders == 7
	}, "official frame with all orders")

	f := getJSON[aggregate.Frame](t, url+"/api/v1/frame")
	require.EqualValues(t, 35_000, f.Total.GmvFen)
	require.EqualValues(t, 50_00, *f.Total.GmvUsdCents)
	series := getJSON[struct{ Points []map[string]int64 }](t, url+"/api/v1/series?dim=total&key=&from=&to=&step=1s&format=points")
	require.Equal(t, []map[string]int64{
		{"t": dayStart, "gmv_fen": 15_000, "orders": 3, "mobile_gmv_fen": 15_000, "mobile_orders": 3, "created": 3, "refunds": 0, "refund_fen": 0},
		{"t": dayStart + 1, "gmv_fen": 20_000, "orders": 4, "mobile_gmv_fen": 20_000, "mobile_orders": 4, "created": 4, "refunds": 0, "refund_fen": 0},
	}, series.Points)
	require.Equal(t, series, getJSON[struct{ Points []map[string]int64 }](t, url+"/api/v1/series?dim=country&key=RU&step=1s"))
	rows := getJSON[struct {
		Rows []struct {
			Key   string
			Share string `json:"share_gmv"`
		}
		Total aggregate.Total
	}](t, url+"/api/v1/breakdown?dim=flow")
	require.Equal(t, "IT>RU", rows.Rows[0].Key)
	require.Equal(t, "1.0000", rows.Rows[0].Share)
	require.Equal(t, f.Total.Orders, rows.Total.Orders)
	m := getJSON[struct {
		Total     map[string]int64
		Positions map[string]int64
	}](t, url+"/api/v1/merchant/m1")
	require.EqualValues(t, 35_000, m.Total["gmv_fen"])
	require.Equal(t, map[string]int64{"0": 3, "1": 4}, m.Positions)
	require.Zero(t, getJSON[struct{ Total map[string]int64 }](t, url+"/api/v1/merchant/nobody").Total["orders"])

	awaitReady(t, s, url, 3, 4)
	eventually(t, func() bool { // noted after the frame was shown
		_, _, page := get(t, url+"/metrics")
		return strings.Contains(string(page), `festival_query_board_bytes{of="merchants"} 150`)
	}, "the board's memory: one merchant")
}

// A context that ended before Run, or right after its start, ends Run.
func TestRunEndsAtOnce(t *testing.T) {
	for _, delay := range []time.Duration{-1, 0, time.Millisecond} {
		s, err := New(testConfig(t, newMemoryStore(), 1))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(context.Background(), delay)
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		select {
		case err := <-done:
			require.NoError(t, err)
		case <-time.After(patience):
			require.Fail(t, "Run did not end")
		}
		cancel()
	}
}

// An address that is taken is a sentence that names it.
func TestAddressTaken(t *testing.T) {
	s, _ := start(t, testConfig(t, newMemoryStore(), 1))
	cfg := testConfig(t, newMemoryStore(), 1)
	cfg.Addr = s.Addr()
	other, err := New(cfg)
	require.NoError(t, err)
	require.ErrorContains(t, other.Run(context.Background()), "http.addr "+s.Addr())
}
