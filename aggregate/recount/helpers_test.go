package recount

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ledgerText is a ledger document with two windows (a gap between them), a small stride and four currencies.
const ledgerText = `{"categories":["beauty","food"],"cluster":"c1","festival":"1111-2026",` +
	`"marketplaces":["tmall","tmall_global"],"partitions":2,` +
	`"rates":{"CNY":"1","EUR":"7.742","JPY":"0.0478","USD":"7.1142"},"rules":1,"serial":1,"stride":4,` +
	`"topic":"orders","windows":[{"end":1794326400000,"id":"one","start":1794322800000},` +
	`{"end":1794412800000,"id":"day","start":1794330000000}]}`

// example is the event of CONTRACT.md §1, its times in window "one"... the contract's own day begins there.
const example = `{"order_id":"2611110000000001","status":"paid","created_at":"2026-11-11T00:00:03.120+08:00",
 "paid_at":"2026-11-11T00:00:07.450+08:00","currency":"CNY","amount":"129.90",
 "merchant_id":"m20417","buyer_id":"b8812031","buyer_country":"CN","province":"330000","city":"330100",
 "merchant_country":"IT","marketplace":"tmall_global","channel":"online","device":"app",
 "category":"beauty","brand_id":"br330","product_id":"p99120","new_product":true,"quantity":2,
 "store_id":"s4410","red_envelope":"10.00","team_id":"t551","show_id":"gala-3","broadcast":"youku"}`

// exampleMs is 2026-11-11T00:00:07.450+08:00.
const exampleMs = 1794326407450

func testRules(t testing.TB) *Rules {
	t.Helper()
	r, err := ReadRules([]byte(ledgerText))
	require.NoError(t, err)
	return r
}

// with gives a smallest paid order in which members are replaced or added: name, JSON value, ...; an empty value
// leaves the member out.
func with(members ...string) string {
	names := []string{"order_id", "status", "paid_at", "currency", "amount", "merchant_id"}
	value := map[string]string{"order_id": `"o1"`, "status": `"paid"`, "paid_at": "1794330000000",
		"currency": `"CNY"`, "amount": `"1"`, "merchant_id": `"m1"`}
	for i := 0; i < len(members); i += 2 {
		if _, there := value[members[i]]; !there {
			names = append(names, members[i])
		}
		value[members[i]] = members[i+1]
	}
	parts := []string{}
	for _, n := range names {
		if value[n] != "" {
			parts = append(parts, `"`+n+`":`+value[n])
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}
