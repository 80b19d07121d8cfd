package rehearsal

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

func digest(t *testing.T, c Config) [32]byte {
	h := sha256.New()
	var last Record
	all(t, c, func(r *Record) {
		require.GreaterOrEqual(t, r.KafkaMs, last.KafkaMs)
		require.GreaterOrEqual(t, r.AtNs, last.AtNs)
		require.Equal(t, c.StartMs+r.AtNs/1e6, r.KafkaMs)
		last.KafkaMs, last.AtNs = r.KafkaMs, r.AtNs
		h.Write(r.Key)
		h.Write(r.Value)
		h.Write([]byte{byte(r.KafkaMs), byte(r.KafkaMs >> 8)})
	})
	return [32]byte(h.Sum(nil))
}

// TestDeterminism: same seed and start, same bytes; another seed or start, others, and other order ids.
func TestDeterminism(t *testing.T) {
	c := testConfig(t, 3000)
	want := digest(t, c)
	require.Equal(t, want, digest(t, c))
	ids := map[string]bool{}
	collect := func(c Config) (n int) {
		all(t, c, func(r *Record) {
			if !ids[string(r.Key)] {
				ids[string(r.Key)], n = true, n+1
			}
		})
		return n
	}
	n := collect(c)
	other := c
	other.Seed++
	require.NotEqual(t, want, digest(t, other))
	require.InDelta(t, n, collect(other), 20)
	other = c
	other.StartMs += 1000 // a restart a second later
	require.NotEqual(t, want, digest(t, other))
	require.InDelta(t, n, collect(other), 20, "no id comes twice")
}

// TestRecords holds size, fields and coverage of the records, and that an order's events tell one story.
func TestRecords(t *testing.T) {
	c := testConfig(t, 8_000)
	c.Bad = 0
	seen, paid, size, fields := map[string]int{}, 0, 0, 0
	first := map[string]map[string]any{}
	all(t, c, func(r *Record) {
		var m map[string]any
		require.NoError(t, json.Unmarshal(r.Value, &m))
		for k := range m {
			seen[k]++
		}
		seen[m["status"].(string)]++
		require.Equal(t, string(r.Key), m["order_id"])
		if m["status"] == "paid" {
			paid, size, fields = paid+1, size+len(r.Value), fields+len(m)
			require.Less(t, m["created_at"], m["paid_at"])
		}
		id := m["order_id"].(string)
		if was := first[id]; was != nil {
			for _, k := range []string{"created_at", "currency", "merchant_id", "buyer_id", "product_id", "device"} {
				require.Equal(t, was[k], m[k], "%s of %s", k, id)
			}
		}
		first[id] = m
	})
	for f := range aggregate.Fields {
		require.NotZero(t, seen[f.String()], f.String())
	}
	require.InDelta(t, 529, float64(size)/float64(paid), 15, "mean bytes of a paid order")
	require.InDelta(t, 24, float64(fields)/float64(paid), 0.5, "mean fields of a paid order")
	require.InDelta(t, paidShare, float64(paid)/8_000, 0.05)
}

// TestFieldOrder holds that fields come in the contract's order, which the decoder guesses.
func TestFieldOrder(t *testing.T) {
	order := []string{"order_id", "status", "created_at", "paid_at", "refunded_at", "refund_id", "currency", "amount",
		"merchant_id", "buyer_id", "buyer_country", "province", "city", "merchant_country", "marketplace", "channel",
		"device", "category", "brand_id", "product_id", "new_product", "quantity", "store_id", "red_envelope", "team_id",
		"show_id", "broadcast", "buyer_since"}
	c := testConfig(t, 500)
	c.Bad = 0
	all(t, c, func(r *Record) {
		last := -1
		for _, name := range order {
			at := bytes.Index(r.Value, []byte(`"`+name+`":`))
			if at >= 0 {
				require.Greater(t, at, last, "%s in %s", name, r.Value)
				last = at
			}
		}
	})
}

// TestDistribution looks at a million orders: countries, devices, amounts, chances.
func TestDistribution(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("a million orders")
	}
	c := testConfig(t, 1_000_000)
	c.Rate = 50_000
	c.Rules.Windows[0].EndMs, c.Rules.Windows[1].StartMs = openMs+50_000, openMs+50_000
	a := all(t, c, func(*Record) {}).Answer()
	n := float64(a.Orders)
	require.GreaterOrEqual(t, len(a.Countries), 230)
	require.InDelta(t, 0.97, float64(a.Countries["CN"].Orders)/n, 0.005)
	require.InDelta(t, 0.83, float64(a.MobileOrders)/n, 0.01)
	require.Len(t, a.Devices, 6)
	require.InDelta(t, 0.01, float64(a.Duplicates)/float64(a.Records), 0.001)
	require.InDelta(t, 0.001, float64(a.Rejected)/float64(a.Records), 0.0002)
	require.Len(t, a.Reasons, 42, "every reason")
	require.InDelta(t, 0.0375, float64(a.Refunds)/n, 0.01)
	require.InDelta(t, 27_000, float64(a.GmvFen)/n, 9_000, "mean amount in fen")
}

// TestAmounts holds the median of amounts and that a few are very large.
func TestAmounts(t *testing.T) {
	c := testConfig(t, 1)
	c.OpenMs = c.StartMs
	k := newCatalogue(c)
	var o order
	var fen []int64
	merchants, big := map[int]int{}, 0
	for i := range int64(400_000) {
		k.draw(i, openMs, &o)
		v := toFen(o.minor, &c.Rules.Rates[o.rate])
		fen = append(fen, v)
		merchants[o.merchant]++
		if v >= 8_000_000 {
			big++
		}
	}
	sort.Slice(fen, func(i, j int) bool { return fen[i] < fen[j] })
	require.InDelta(t, 13_000, fen[len(fen)/2], 2_500)
	require.Positive(t, fen[0])
	require.InDelta(t, 8, big, 7, "automobiles and apartments")
	require.Greater(t, len(merchants), 19_000)
	require.Greater(t, merchants[0], 400_000/100)
}

// TestCities holds that every province has its cities' codes, and that mobile rises over the day.
func TestCities(t *testing.T) {
	all, weights := newPlaces(testRules(t))
	require.Len(t, weights, len(all))
	provinces := map[string]bool{}
	for _, p := range all {
		var m map[string]string
		require.NoError(t, json.Unmarshal([]byte("{"+p.text[1:]+"}"), &m), p.text)
		require.NotZero(t, p.country, p.text)
		if m["buyer_country"] == "CN" {
			require.Equal(t, m["province"][:2], m["city"][:2])
			require.Len(t, m["city"], 6)
		}
		if m["province"] != "" {
			require.NotZero(t, aggregate.Provinces.Code([]byte(m["province"])), p.text)
			provinces[m["province"]] = true
		}
	}
	require.Len(t, provinces, 34)
	c := testConfig(t, 1)
	c.OpenMs = c.StartMs
	k := newCatalogue(c)
	mobile := func(ms int64) (n int) {
		for i := range uint64(20_000) {
			n += int(boolInt(k.device(ms, mix(i)) < 3))
		}
		return n
	}
	require.InDelta(t, 16_600, mobile(openMs), 200)
	require.InDelta(t, 17_600, mobile(openMs+86_400_000), 200)
}
