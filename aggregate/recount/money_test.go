package recount

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFen(t *testing.T) {
	rules := testRules(t)
	f := func(currency string, minor, want int64) {
		t.Helper()
		got, err := rules.Fen(currency, minor)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	f("CNY", 12990, 12990)
	f("USD", 1, 7)        // 7.1142
	f("USD", 5000, 35571) // 35571.0
	f("USD", 2500, 17786) // 17785.5: to the even 17786
	f("USD", 7500, 53356) // 53356.5: to the even 53356
	f("EUR", 250, 1936)   // 1935.5
	f("JPY", 1, 5)        // 4.78
	f("JPY", 25, 120)     // 119.5
	f("JPY", 125, 598)    // 597.5
	f("CNY", 100_000_000_000, 100_000_000_000)
	_, err := rules.Fen("GBP", 1)
	require.ErrorContains(t, err, `"GBP"`)

	cents, ok := rules.UsdCents(71141)
	require.True(t, ok)
	require.EqualValues(t, 9999, cents)
	cents, _ = rules.UsdCents(71142)
	require.EqualValues(t, 10000, cents)
}

func TestRulesRefuse(t *testing.T) {
	f := func(want, text string) {
		t.Helper()
		_, err := ReadRules([]byte(text))
		require.ErrorContains(t, err, want)
	}
	replaced := func(old, with string) string {
		require.Contains(t, ledgerText, old)
		return replaceOnce(ledgerText, old, with)
	}
	f("RFC 8785", ledgerText+"\n")
	f("RFC 8785", replaced(`"rules":1`, `"rules": 1`))
	f("rules number 2", replaced(`"rules":1`, `"rules":2`))
	f("rate EUR", replaced(`"7.742"`, `"1/2"`))
	f("rate XXQ", replaced(`"USD"`, `"XXQ"`))
	f("stride 0", replaced(`"stride":4`, `"stride":0`))
	f("unknown field", replaced(`"cluster"`, `"clus"`))
	f("not JSON", "{")
}

func TestCanonical(t *testing.T) {
	f := func(want, text string) {
		t.Helper()
		got, err := Canonical([]byte(text), "hash")
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	f(`{"a":[1,null,true,"x"],"b":{"hash":1}}`, ` {"b":{"hash":1}, "hash":7, "a":[1,null,true,"x"]}`)
	// RFC 8785 §3.2.3's own example of sorting, by UTF-16 code units
	f(`{"\r":1,"1":2,"`+"\u0080"+`":3,"ö":4,"€":5,"😀":6,"`+"\ufb33"+`":7}`,
		`{"\u20ac":5,"\r":1,"\ufb33":7,"1":2,"\ud83d\ude00":6,"\u0080":3,"\u00f6":4}`)
	f(`"<&>/\"\\\b\f\n\r\t\u000f"`+"", `"\u003c&>\/\"\\\b\f\n\r\t\u000F"`)
	for _, bad := range []string{`1.5`, `1e3`, `-0`, `9007199254740992`, `{} {}`, `[`} {
		_, err := Canonical([]byte(bad))
		require.Error(t, err, bad)
	}
}
