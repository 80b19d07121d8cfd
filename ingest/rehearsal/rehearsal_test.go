package rehearsal

import (
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// openMs is 2026-11-11T00:00:00+08:00.
const openMs = 1794326400000

func testRules(t testing.TB) *aggregate.Rules {
	t.Helper()
	rules, err := aggregate.NewRules(aggregate.RulesSpec{
		Festival: "1111-2026",
		Windows: []aggregate.Window{{ID: "first", StartMs: openMs, EndMs: openMs + 40_000},
			{ID: "rest", StartMs: openMs + 60_000, EndMs: openMs + 86_400_000}},
		Rates: map[string]string{"CNY": "1", "USD": "7.1142", "EUR": "7.742", "JPY": "0.0478", "KWD": "23.1234",
			"RUB": "0.0871", "HKD": "0.9123"},
		Marketplaces: []string{"taobao", "tmall", "tmall_global", "aliexpress"},
		Categories: []string{"beauty", "apparel", "electronics", "home", "food", "baby", "automobiles", "apartments",
			"services"},
	})
	require.NoError(t, err)
	return rules
}

func testConfig(t testing.TB, orders int64) Config {
	c := DefaultConfig()
	c.StartMs, c.Orders, c.Rules = openMs, orders, testRules(t)
	return c
}

// all calls f with each record of a rehearsal and gives the generator back.
func all(t testing.TB, c Config, f func(r *Record)) *Generator {
	t.Helper()
	g, err := New(c)
	require.NoError(t, err)
	var r Record
	for g.Next(&r) {
		f(&r)
	}
	require.False(t, g.Next(&r), "the end stays the end")
	return g
}
