package recount

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func replaceOnce(text, old, with string) string { return strings.Replace(text, old, with, 1) }

// shownFrame is what a frame over the records of TestCompare has to show.
const shownFrame = `{"rehearsal":false,"watermark":"2026-11-11T01:00:03.000+08:00","positions":{"0":4,"1":2},
"total":{"gmv_fen":30100,"gmv_usd_cents":4230,"orders":3,"created":0,"refunds":1,"refund_fen":99900,"net_fen":-69800,
"duplicates":1,"rejected":1,"outside":0,"miskeyed":0,"after_close":0},
"rate":{"orders_per_s":0,"gmv_fen_per_s":0,"created_per_s":0},
"mobile":{"gmv_fen":10100,"orders":2,"share_gmv":"0.3355","share_orders":"0.6666"},
"devices":[{"key":"desktop","gmv_fen":20000,"orders":1},{"key":"app","gmv_fen":10100,"orders":2},{"key":"unknown","gmv_fen":0,"orders":0}],
"countries":[{"key":"unknown","gmv_fen":20100,"orders":2,"mobile_gmv_fen":100,"mobile_orders":1},
{"key":"RU","gmv_fen":10000,"orders":1,"mobile_gmv_fen":10000,"mobile_orders":1}],
"provinces":[{"key":"unknown","gmv_fen":30000,"orders":2},{"key":"330000","gmv_fen":100,"orders":1}],
"flows":[{"key":"unknown>unknown","gmv_fen":20100,"orders":2},{"key":"CN>RU","gmv_fen":10000,"orders":1}],
"windows":[{"id":"one","total":{"gmv_fen":100,"gmv_usd_cents":14,"orders":1,"created":0,"refunds":0,"refund_fen":0,"net_fen":100,
"duplicates":1,"rejected":1,"outside":0,"miskeyed":0},"mobile":{"gmv_fen":100,"orders":1,"share_gmv":"1.0000","share_orders":"1.0000"}},
{"id":"day","total":{"gmv_fen":30000,"gmv_usd_cents":4216,"orders":2,"created":0,"refunds":1,"refund_fen":99900,"net_fen":-69900,
"duplicates":1,"rejected":1,"outside":0,"miskeyed":0},"mobile":{"gmv_fen":10000,"orders":1,"share_gmv":"0.3333","share_orders":"0.5000"}}]}`

func shownTotals(t *testing.T) *Totals {
	rules := testRules(t)
	a, b := NewPartition(rules, 0, 0), NewPartition(rules, 1, 0)
	feed(t, a, 0, with("amount", "100", "device", `"app"`, "buyer_country", `"RU"`, "merchant_country", `"CN"`), with(),
		with("order_id", `"2"`, "amount", "200", "device", `"desktop"`), "x")
	totals := NewTotals(rules)
	require.NoError(t, totals.Add(a.Changes()))
	require.Zero(t, a.Changes().Len(), "handed over once")
	feed(t, b, 0, with("order_id", `"3"`, "paid_at", "1794322800000", "device", `"app"`, "province", `"330000"`),
		with("status", `"refunded"`, "refunded_at", "1794330000000", "amount", "999"))
	require.NoError(t, totals.Add(b.Changes()))
	return totals
}

func TestCompare(t *testing.T) {
	totals := shownTotals(t)
	differ := func(text string) (paths []string) {
		t.Helper()
		f, err := ReadFrame([]byte(text))
		require.NoError(t, err)
		for _, m := range totals.Compare(f, totals.Whole()) {
			require.NotEqual(t, m.Shown, m.Recounted)
			paths = append(paths, m.Path)
		}
		return paths
	}
	require.Empty(t, differ(shownFrame))
	for old, c := range map[string]struct{ new, path string }{
		`"gmv_usd_cents":4230`:                        {`"gmv_usd_cents":4231`, "total.gmv_usd_cents"},
		`"net_fen":-69800`:                            {`"net_fen":-69801`, "total.net_fen"},
		`"rejected":1`:                                {`"rejected":2`, "total.rejected"},
		`"orders":3,"created"`:                        {`"created"`, "total.orders"}, // left out
		`"orders":1,"mobile_gmv_fen":10000`:           {`"orders":1,"Mobile_gmv_fen":10000`, "countries.RU.mobile_gmv_fen"},
		`"share_gmv":"0.3355"`:                        {`"share_gmv":"0.3356"`, "mobile.share_gmv"},
		`"created_per_s":0`:                           {`"created_per_s":null`, "rate.created_per_s"},
		`{"key":"desktop","gmv_fen":20000`:            {`{"key":"desktop","gmv_fen":2e4`, "devices.desktop.gmv_fen"},
		`,{"key":"CN>RU","gmv_fen":10000,"orders":1}`: {``, "flows.order"},
		`"id":"day"`:                                  {`"id":"dax"`, "windows.day.id"},
		`"total":{"gmv_fen":100,`:                     {`"total":{"gmv_fen":101,`, "windows.one.total.gmv_fen"},
		`"rehearsal":false`:                           {`"rehearsal":true`, "rehearsal"},
	} {
		require.Contains(t, shownFrame, old)
		require.Equal(t, []string{c.path}, differ(replaceOnce(shownFrame, old, c.new)), old)
	}
	swapped := replaceOnce(shownFrame, `{"key":"unknown","gmv_fen":30000,"orders":2},{"key":"330000","gmv_fen":100,"orders":1}`,
		`{"key":"330000","gmv_fen":100,"orders":1},{"key":"unknown","gmv_fen":30000,"orders":2}`)
	require.Equal(t, []string{"provinces.order"}, differ(swapped))
	twice := replaceOnce(shownFrame, `{"key":"CN>RU"`, `{"key":"unknown>unknown","gmv_fen":20100,"orders":2},{"key":"CN>RU"`)
	require.Equal(t, []string{"flows.order"}, differ(twice))
	require.NotEmpty(t, differ("{}"))
}

// TestCompareRate: the second is that of the frame's watermark.
func TestCompareRate(t *testing.T) {
	totals := shownTotals(t)
	rate := `"rate":{"orders_per_s":0,"gmv_fen_per_s":0,"created_per_s":0}`
	text := replaceOnce(shownFrame, "2026-11-11T01:00:03.000+08:00", "2026-11-11T01:00:01.999+08:00")
	f, err := ReadFrame([]byte(text))
	require.NoError(t, err)
	second, ok := f.Complete()
	require.True(t, ok)
	require.EqualValues(t, 1794330000, second)
	require.Len(t, totals.Compare(f, totals.Whole()), 2) // orders, GMV
	f, err = ReadFrame([]byte(replaceOnce(text, rate, `"rate":{"orders_per_s":2,"gmv_fen_per_s":30000,"created_per_s":0}`)))
	require.NoError(t, err)
	require.Empty(t, totals.Compare(f, totals.Whole()))
	f, err = ReadFrame([]byte(replaceOnce(shownFrame, `"2026-11-11T01:00:03.000+08:00"`, "null")))
	require.NoError(t, err)
	require.Len(t, totals.Compare(f, totals.Whole()), 3, "no watermark, no rate")
}

// TestCompareOfWindow: a window's frame has the window's own figures and one row of windows.
func TestCompareOfWindow(t *testing.T) {
	totals := shownTotals(t)
	one, ok := totals.View("one")
	require.True(t, ok)
	_, ok = totals.View("two")
	require.False(t, ok)
	text := `{"rehearsal":false,"watermark":null,"total":{"gmv_fen":100,"gmv_usd_cents":14,"orders":1,"created":0,"refunds":0,
"refund_fen":0,"net_fen":100,"duplicates":1,"rejected":1,"outside":0,"miskeyed":0},
"rate":{"orders_per_s":null,"gmv_fen_per_s":null,"created_per_s":null},
"mobile":{"gmv_fen":100,"orders":1,"share_gmv":"1.0000","share_orders":"1.0000"},
"devices":[{"key":"app","gmv_fen":100,"orders":1}],
"countries":[{"key":"unknown","gmv_fen":100,"orders":1,"mobile_gmv_fen":100,"mobile_orders":1}],
"provinces":[{"key":"330000","gmv_fen":100,"orders":1}],"flows":[{"key":"unknown>unknown","gmv_fen":100,"orders":1}],
"windows":[{"id":"one","total":{"gmv_fen":100,"gmv_usd_cents":14,"orders":1,"created":0,"refunds":0,"refund_fen":0,"net_fen":100,
"duplicates":1,"rejected":1,"outside":0,"miskeyed":0},"mobile":{"gmv_fen":100,"orders":1,"share_gmv":"1.0000","share_orders":"1.0000"}}]}`
	f, err := ReadFrame([]byte(text))
	require.NoError(t, err)
	require.Empty(t, totals.Compare(f, one))
	require.NotEmpty(t, totals.Compare(f, one+1))
	require.NotEmpty(t, totals.Compare(f, totals.Whole()))
}

// TestInOrder holds the check without sorting against sorting, on random tables with many ties.
func TestInOrder(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		table, most := map[string]Measures{}, random.IntN(8)
		for i := range random.IntN(12) {
			table[fmt.Sprint("k", i)] = Measures{GmvFen: random.Int64N(4), Orders: random.Int64N(2)}
		}
		keys := ranking(table, most)
		require.True(t, inOrder(keys, table, most), "%v %v", keys, table)
		for i := range keys {
			wrong := append(append([]string{}, keys[:i]...), keys[i+1:]...)
			require.False(t, inOrder(wrong, table, most), "%v without %s of %v", keys, keys[i], table)
			require.False(t, inOrder(append(append([]string{}, keys...), keys[i]), table, most))
			j := random.IntN(len(keys))
			wrong = append([]string{}, keys...)
			wrong[i], wrong[j] = wrong[j], wrong[i]
			require.Equal(t, i == j, inOrder(wrong, table, most), "%v of %v", wrong, table)
		}
	}
}

func TestReached(t *testing.T) {
	totals := shownTotals(t)
	f := func(view int, threshold, want int64, there bool) {
		t.Helper()
		second, ok := totals.Reached(view, threshold)
		require.Equal(t, there, ok)
		require.Equal(t, want, second)
	}
	f(0, 100, 1794322800, true)
	f(0, 101, 0, false)
	f(1, 30_000, 1794330000, true)
	f(2, 101, 1794330000, true)
	f(2, 30_101, 0, false)
}

func TestFrameBytes(t *testing.T) {
	f, err := ReadFrame([]byte(`{"hash":"h","prev":"p","seq":3,"official":true,"fresh_ms":7,"total":{"b":1,"a":2},"positions":{"1":5}}`))
	require.NoError(t, err)
	hashed, err := f.Hashed()
	require.NoError(t, err)
	require.Equal(t, `{"official":true,"positions":{"1":5},"prev":"p","seq":3,"total":{"a":2,"b":1}}`, string(hashed))
	common, err := f.Common()
	require.NoError(t, err)
	require.Equal(t, `{"fresh_ms":7,"hash":"h","official":true,"positions":{"1":5},"prev":"p","seq":3}`, string(common))
	require.Equal(t, map[string]int64{"1": 5}, f.Positions())
	require.Equal(t, "h", f.Text("hash"))
	_, err = ReadFrame([]byte("[]"))
	require.ErrorContains(t, err, "object")
}

func TestDigest(t *testing.T) {
	s := Segment{Cells: map[CellKey]Measures{{Window: 1, Dim: Flow, Key: "CN>RU", Bucket: 60}: {Orders: 2, GmvFen: 3},
		{Window: 1, Dim: City, Key: "zero"}: {}}}
	require.Equal(t, "1\tflow\t434e3e5255\t60\t2\t3\t0\t0\t0\t0\t0\n",
		string(CellKey{Window: 1, Dim: Flow, Key: "CN>RU", Bucket: 60}.line(Measures{Orders: 2, GmvFen: 3})))
	one := s.Digest()
	require.EqualValues(t, 1, one.Cells)
	require.NotEqual(t, one.Sums[0], one.Sums[1])
	s.Cells[CellKey{Window: 1, Dim: Total, Bucket: 60}] = Measures{Orders: 2, GmvFen: 3}
	two := s.Digest()
	require.NotEqual(t, one.Sums, two.Sums)
}
