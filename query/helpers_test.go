package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"festival/aggregate"
	"festival/sql/leaks"
)

// fasthttp's clock never ends and its worker pool's cleaner sleeps for ten seconds before it sees that it has stopped;
// neither is ours.
func TestMain(m *testing.M) {
	leaks.Main(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// The festival of the tests: two windows of an hour with a gap of one, small segments.
const (
	dayStart  = int64(1762790400) // 2025-11-11T00:00:00+08:00
	nightFrom = dayStart + 7200
)

func testRules(t testing.TB, windows int) *aggregate.Rules {
	t.Helper()
	spec := aggregate.RulesSpec{Festival: "test", Stride: 128, Rates: map[string]string{"CNY": "1", "USD": "7"},
		Marketplaces: []string{"tmall"}, Categories: []string{"beauty"}, Windows: []aggregate.Window{
			{ID: "day", StartMs: dayStart * 1000, EndMs: (dayStart + 3600) * 1000},
			{ID: "night", StartMs: nightFrom * 1000, EndMs: (nightFrom + 3600) * 1000}}[:windows]}
	rules, err := aggregate.NewRules(spec)
	require.NoError(t, err)
	return rules
}

func testConfig(t testing.TB, store Store, windows int) Config {
	pages := fstest.MapFS{"assets/wall.js": {Data: []byte("wall()")}, "assets/a.woff2": {Data: []byte("font")}}
	for _, f := range pageFiles {
		pages[f[1]] = &fstest.MapFile{Data: []byte("<html>" + f[1])}
	}
	return Config{Addr: "127.0.0.1:0", Rules: testRules(t, windows), Ledger: [32]byte{1, 2, 3}, Partitions: 2, LatenessMs: 2000,
		Zone: time.FixedZone("", 8*3600), MilestonesCN: []int64{100, 1000}, Store: store, Pages: pages,
		Festival:  Festival{ID: "test", NameZh: "双11", NameEn: "11.11", Zone: "Asia/Shanghai"},
		Reference: []ReferencePoint{{N: 0, GmvFen: 5000}, {N: 60, GmvFen: 20_000}},
		Log:       slog.New(slog.DiscardHandler)}
}

// start runs a server until the test ends and checks that it stopped without an error.
func start(t testing.TB, cfg Config) (*Server, string) {
	t.Helper()
	s, err := New(cfg)
	require.NoError(t, err)
	require.NoError(t, s.Listen())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		select {
		case err := <-done:
			require.NoError(t, err)
		case <-time.After(patience):
			require.Fail(t, "the server did not stop")
		}
	})
	return s, "http://" + s.Addr()
}

// paid gives what a flush stores of a partition in which orders up to next were paid, fen each, in one second: cells
// with absolute values of the open segment.
func paid(window uint8, partition int32, next, orders, fen, second int64) aggregate.Update {
	m := aggregate.Measures{Orders: orders, GmvFen: orders * fen, MobileOrders: orders, MobileGmvFen: orders * fen, Created: orders}
	segment := max(next-1, 0) / 128
	cell := func(d aggregate.Dim, key string) aggregate.Cell {
		bucket := int64(0)
		if step := d.Step(); step > 0 {
			bucket = second / step * step
		}
		return aggregate.Cell{Window: window, Dim: d, Partition: partition, Segment: segment, Bucket: bucket, Revision: next, Key: key, M: m}
	}
	return aggregate.Update{
		Cells: []aggregate.Cell{cell(aggregate.DimTotal, ""), cell(aggregate.DimDevice, "app"), cell(aggregate.DimCountry, "RU"),
			cell(aggregate.DimProvince, "330000"), cell(aggregate.DimCity, "330100"), cell(aggregate.DimCategory, "beauty"),
			cell(aggregate.DimMarketplace, "tmall"), cell(aggregate.DimChannel, "online"), cell(aggregate.DimFlow, "IT>RU"),
			cell(aggregate.DimMerchant, "m1")},
		Progress: []aggregate.Progress{{Partition: partition, Next: next, LastMs: second * 1000, MaxEventMs: second * 1000}}}
}

// both makes the partitions assigned, read to their ends and alive at a moment.
func both(s *Server, at time.Time, next ...int64) {
	var pulses []aggregate.Pulse
	for p, n := range next {
		pulses = append(pulses, aggregate.Pulse{Partition: int32(p), StableEnd: n, HighWatermark: n, AtMs: at.UnixMilli()})
	}
	s.ApplyPulse(pulses)
}

// awaitReady waits for /readyz to agree. The partitions are told alive each time: a pulse is good for five seconds only, which a busy
// machine may let pass before it asks.
func awaitReady(t testing.TB, s *Server, url string, next ...int64) {
	t.Helper()
	eventually(t, func() bool {
		both(s, time.Now(), next...)
		status, _, _ := get(t, url+"/readyz")
		return status == 200
	}, "readiness")
}

func get(t testing.TB, url string, header ...string) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header, body
}

func getJSON[T any](t testing.TB, url string, header ...string) T {
	t.Helper()
	status, _, body := get(t, url, header...)
	require.Equal(t, 200, status, "%s: %s", url, body)
	var v T
	require.NoError(t, json.Unmarshal(body, &v), "%s", body)
	return v
}

// patience bounds every wait for something that has to happen; nothing waits that long on a quiet machine.
const patience = time.Minute

// eventually waits for a state that other goroutines bring about.
func eventually(t testing.TB, ok func() bool, what string) {
	t.Helper()
	require.Eventually(t, ok, patience, 10*time.Millisecond, what)
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// valueOf reads a counter or a gauge.
func valueOf(m prometheus.Metric) float64 {
	var out dto.Metric
	if m.Write(&out) != nil {
		return -1
	}
	return out.GetCounter().GetValue() + out.GetGauge().GetValue()
}
