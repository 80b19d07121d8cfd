package decode

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// contractExample is the record of CONTRACT.md §1, as a producer without white space writes it.
const contractExample = `{"order_id":"2611110000000001","status":"paid","created_at":"2026-11-11T00:00:03.120+08:00",` +
	`"paid_at":"2026-11-11T00:00:07.450+08:00","currency":"CNY","amount":"129.90",` +
	`"merchant_id":"m20417","buyer_id":"b8812031","buyer_country":"CN","province":"330000","city":"330100",` +
	`"merchant_country":"IT","marketplace":"tmall_global","channel":"online","device":"app",` +
	`"category":"beauty","brand_id":"br330","product_id":"p99120","new_product":true,"quantity":2,` +
	`"store_id":"s4410","red_envelope":"10.00","team_id":"t551","show_id":"gala-3","broadcast":"youku"}`

// kafkaMs is 2026-11-11T00:00:08+08:00.
const kafkaMs = 1794326408000

// testRules has currencies of 0, 2, 3 and 4 minor digits and a category longer than two words.
func testRules() *aggregate.Rules {
	rules, err := aggregate.NewRules(aggregate.RulesSpec{
		Festival: "1111-2026",
		Windows:  []aggregate.Window{{ID: "day", StartMs: 1794326400000, EndMs: 1794412800000}},
		Rates: map[string]string{"CLF": "268.9", "CNY": "1", "EUR": "7.742", "JPY": "0.0478", "KWD": "23.1",
			"USD": "7.1142"},
		Marketplaces: []string{"taobao", "tmall", "tmall_global", "aliexpress"},
		Categories: []string{"beauty", "apparel", "electronics", "home", "food", "baby", "automobiles", "apartments",
			"services", "musical_instruments_and_scores"},
	})
	if err != nil {
		panic(err)
	}
	return rules
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A flag given as boolean and again as an empty string is bad, and no more than that.
func TestFlagTwiceOfTwoTypes(t *testing.T) {
	p := newPair(t)
	for _, members := range []string{`"new_product":true,"new_product":""`, `"new_product":"","new_product":false`} {
		value := []byte(contractExample[:len(contractExample)-1] + "," + members + "}")
		_, diff := p.compare(value, kafkaMs)
		require.Empty(t, diff)
		_, diff = p.compare([]byte("{"+members+"}"), kafkaMs)
		require.Empty(t, diff)
	}
}
