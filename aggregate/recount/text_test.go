package recount

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNotJSON: what encoding/json lets through and the contract does not, and what both refuse.
func TestNotJSON(t *testing.T) {
	rules := testRules(t)
	f := func(want, value string) {
		t.Helper()
		_, reason := Decode([]byte(value), 0, rules)
		require.Equal(t, want, reason, "%.100q", value)
	}
	in := func(v string) string { return with("x", v) }
	lists := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

	for _, v := range []string{"", "null", "[]", "1", `"x"`, "true", " ", "{", "{}{}", "{} x", `{"a":1,}`, "\ufeff" + with(),
		with() + "\x00", `{'a':1}`, `{"a":01}`, `{"a":NaN}`, `{a:1}`, with() + ","} {
		f("not_json", v)
	}
	f("", " \t\r\n"+with()+" \t\r\n")
	f("not_json", "\v"+with())
	// UTF-8 throughout
	f("not_json", in("\"\xff\""))
	f("not_json", in("\"\xed\xa0\x80\"")) // an encoded surrogate
	f("not_json", in("\"\xc0\x80\""))     // an overlong form
	f("not_json", with("\xff", "1"))
	f("not_json", in("\"\t\"")) // a raw control character
	f("", in("\"\x7f\u2028\""))
	// surrogates
	f("", in(`"\ud83d\ude00"`))
	f("", in(`"\uD83D\uDE00\ud83d\ude00"`))
	f("", in(`"\\ud83d"`)) // an escaped backslash, then text
	f("not_json", in(`"\\\ud83d"`))
	f("not_json", in(`"\ud83d"`))
	f("not_json", in(`"\ud83dx\ude00"`))
	f("not_json", in(`"\ud83d\n\ude00"`))
	f("not_json", in(`"\ud83d\u0041"`))
	f("not_json", in(`"\ude00\ud83d"`))
	f("not_json", in(`"\ude00"`))
	f("not_json", in(`"\ud83d\ud83d\ude00"`))
	f("not_json", with(`\udc00`, "1"))
	f("not_json", in(`{"a":["\ud83d"]}`))
	// nesting at most 64, the outer object is 1
	f("", in(lists(63)))
	f("not_json", in(lists(64)))
	f("not_json", in(strings.Repeat(`{"a":`, 64)+"1"+strings.Repeat("}", 64)))
	f("", in(`"`+strings.Repeat("[", 100)+`\"["`))
	f("not_json", lists(20000))
	// unknown members, whatever they hold
	f("", in(`{"order_id":[1e999,-0,{"status":null}]}`))
	f("", in(`-12345678901234567890.5e-7`))
}

func TestTime(t *testing.T) {
	rules := testRules(t)
	f := func(value string, want int64) {
		t.Helper()
		o, reason := Decode([]byte(with("paid_at", value)), 0, rules)
		if want == 0 {
			require.Equal(t, "bad:paid_at", reason, value)
			return
		}
		require.Empty(t, reason, value)
		require.Equal(t, want, o.PaidMs, value)
	}
	f(`"2026-11-11T00:00:07.450+08:00"`, exampleMs)
	f(`"2026-11-10T16:00:07.45Z"`, exampleMs)
	f(`"2026-11-10T16:00:07.450999999Z"`, exampleMs)
	f(`"2026-11-10T16:00:07.4509999999Z"`, 0) // ten decimals
	f(`"2026-11-10T16:00:07.Z"`, 0)
	f(`"2026-11-10T16:00:07,45Z"`, 0)
	f(`"2026-11-10T16:00:07Z"`, exampleMs-450)
	f(`"2026-11-10T16:00:07-00:00"`, exampleMs-450)
	f(`"2026-11-10T04:30:07-11:30"`, exampleMs-450)
	f(`"2026-11-11T15:59:07+23:59"`, exampleMs-450)
	f(`"2026-11-10T16:00:60Z"`, 0)
	f(`"2026-11-10T24:00:00Z"`, 0)
	f(`"2026-11-10T16:60:00Z"`, 0)
	f(`"2026-11-10t16:00:07Z"`, 0)
	f(`"2026-11-10T16:00:07z"`, 0)
	f(`"2026-11-10 16:00:07Z"`, 0)
	f(`"2026-11-10T16:00:07"`, 0)
	f(`"2026-11-10T16:00:07+24:00"`, 0)
	f(`"2026-11-10T16:00:07+08:60"`, 0)
	f(`"2026-11-10T16:00:07+0800"`, 0)
	f(`"2026-11-10T6:00:07Z"`, 0)
	f(`"2026-02-29T00:00:00Z"`, 0)
	f(`"2028-02-29T00:00:00Z"`, 1835395200000)
	f(`"2026-00-10T00:00:00Z"`, 0)
	f(`"2026-11-31T00:00:00Z"`, 0)
	f(`"2026-11-10T16:00:07Z\n"`, 0)
	f(`"1794326407450"`, 0)
	f(`1794326407450`, exampleMs)
	f(`1794326407450.0`, 0)
	f(`1.79432640745e12`, 0)
	f(`true`, 0)
	// the years 2000 to 2099, in UTC
	f(`946684800000`, 946684800000)
	f(`946684799999`, 0)
	f(`4102444799999`, 4102444799999)
	f(`4102444800000`, 0)
	f(`0`, 0)
	f(`99999999999999999999`, 0)
	f(`"1999-12-31T23:59:59.999Z"`, 0)
	f(`"1999-12-31T23:00:00-01:00"`, 946684800000)
	f(`"2000-01-01T00:59:59+01:00"`, 0)
	f(`"2099-12-31T23:59:59.999Z"`, 4102444799999)
	f(`"2100-01-01T00:30:00+08:00"`, 4102417800000)
	f(`"2099-12-31T23:30:00-01:00"`, 0)
}
