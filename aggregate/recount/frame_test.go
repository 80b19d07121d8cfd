package recount

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func replaceOnce(text, old, with string) string { return strings.Replace(text, old, with, 1) }

func TestFrame(t *testing.T) {
	rules := testRules(t)
	a, b := NewPartition(rules, 0, 0), NewPartition(rules, 1, 0)
	feed(t, a, 0, with("amount", "100", "device", `"app"`, "buyer_country", `"RU"`, "merchant_country", `"CN"`), with(),
		with("order_id", `"2"`, "amount", "200", "device", `"desktop"`), "x")
	feed(t, b, 0, with("order_id", `"3"`, "paid_at", "1794322800000", "device", `"app"`, "province", `"330000"`),
		with("status", `"refunded"`, "refunded_at", "1794330000000", "amount", "999"))
	all := NewFigures()
	for _, p := range []*Partition{a, b} {
		f, err := p.Figures(1794330000)
		require.NoError(t, err)
		require.NoError(t, all.Plus(f))
	}
	shown := all.Frame(rules)
	f := func(path, want string) { t.Helper(); require.Equal(t, want, shown[path], path) }
	f("total.gmv_fen", "30100")
	f("total.net_fen", "-69800")
	f("total.orders", "3")
	f("total.duplicates", "1")
	f("total.rejected", "1")
	f("total.gmv_usd_cents", "4230") // 30100 / 7.1142 = 4230.9
	f("mobile.gmv_fen", "10100")
	f("mobile.share_gmv", "0.3355")
	f("mobile.share_orders", "0.6666")
	f("windows.one.total.gmv_fen", "100")
	f("windows.one.total.rejected", "1")
	f("windows.day.total.net_fen", "-69900")
	f("windows.one.mobile.share_gmv", "1.0000")
	f("devices.order", "desktop app")
	f("countries.order", "unknown RU")
	f("countries.RU.mobile_gmv_fen", "10000")
	f("provinces.order", "unknown 330000")
	f("flows.order", "unknown>unknown CN>RU")
	f("flows.CN>RU.orders", "1")
	f("rehearsal", "false")
	require.Equal(t, Shown{"rate.orders_per_s": "2", "rate.gmv_fen_per_s": "30000", "rate.created_per_s": "0"}, all.Pace(1794330000))

	read, err := ReadFrame([]byte(`{"total":{"gmv_fen":30100},"mobile":{"share_gmv":"0.3355"},"rehearsal":false,
		"countries":[{"key":"unknown","gmv_fen":20100,"orders":2},{"key":"RU","gmv_fen":10000,"orders":1},
		{"key":"AD","gmv_fen":0,"orders":0}],"windows":[{"id":"one","total":{"gmv_fen":100,"gmv_usd_cents":null}}]}`))
	require.NoError(t, err)
	for _, path := range []string{"total.gmv_fen", "mobile.share_gmv", "rehearsal", "countries.order", "countries.RU.gmv_fen",
		"windows.one.total.gmv_fen"} {
		require.Equal(t, shown[path], read[path], path)
	}
	require.Equal(t, "null", read["windows.one.total.gmv_usd_cents"])
	require.NotContains(t, read, "countries.AD.gmv_fen")
}

func TestFrameOfNothing(t *testing.T) {
	shown := NewFigures().Frame(testRules(t))
	require.Equal(t, "null", shown["mobile.share_gmv"])
	require.Equal(t, "0", shown["total.gmv_usd_cents"])
	require.Equal(t, "", shown["flows.order"])
}
