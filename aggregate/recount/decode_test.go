package recount

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExample(t *testing.T) {
	o, reason := Decode([]byte(example), exampleMs, testRules(t))
	require.Empty(t, reason)
	require.Equal(t, Order{OrderID: "2611110000000001", Status: "paid", CreatedMs: 1794326403120, PaidMs: exampleMs,
		Currency: "CNY", AmountMinor: 12990, MerchantID: "m20417", BuyerID: "b8812031", BrandID: "br330",
		ProductID: "p99120", StoreID: "s4410", TeamID: "t551", ShowID: "gala-3", Broadcast: "youku",
		BuyerCountry: "CN", MerchantCountry: "IT", Province: "330000", City: "330100", Device: "app",
		Channel: "online", Marketplace: "tmall_global", Category: "beauty", Quantity: 2, EnvelopeMinor: 1000,
		NewProduct: "true"}, o)
	require.EqualValues(t, exampleMs, o.EventMs())
	require.True(t, o.Mobile())
}

// TestListsAreTheContracts: this package's own copies are what the fast path reads.
func TestListsAreTheContracts(t *testing.T) {
	for name, ours := range map[string]string{"countries.txt": countriesText, "provinces.csv": provincesText,
		"currencies.csv": currenciesText} {
		theirs, err := os.ReadFile("../data/" + name)
		require.NoError(t, err)
		require.Equal(t, string(theirs), ours, name)
	}
	require.Len(t, countries, 249)
	require.Len(t, provinces, 34)
	require.Equal(t, 0, minorDigits["JPY"])
	require.Equal(t, 4, minorDigits["CLF"])
	rules := testRules(t)
	require.Equal(t, []string{"CNY", "EUR", "JPY", "USD"}, rules.Codes("currency"))
	require.Equal(t, []string{Unknown, "beauty", "food"}, rules.Codes("category"))
	require.Equal(t, "AD", rules.Codes("country")[1])
	require.Equal(t, []string{Unknown, "app", "mobile_web", "mini_program"}, rules.Codes("device")[:4])
}

// TestTable walks CONTRACT.md §1's table; each line is one clause.
func TestTable(t *testing.T) {
	rules := testRules(t)
	f := func(want, value string) {
		t.Helper()
		_, reason := Decode([]byte(value), 0, rules)
		require.Equal(t, want, reason, "%.300s", value)
	}
	ok := func(members ...string) { t.Helper(); f("", with(members...)) }
	bad := func(members ...string) { t.Helper(); f("bad:"+members[0], with(members...)) }
	s := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }

	f("", with())
	// order_id, merchant_id: strings, 1 to 64 bytes, required
	for _, name := range []string{"order_id", "merchant_id"} {
		ok(name, s(64))
		bad(name, s(65))
		bad(name, `""`)
		bad(name, `7`)
		bad(name, `["a"]`)
		ok(name, `"`+strings.Repeat(`\u4e2d`, 21)+`x"`) // 64 bytes after unescaping
		bad(name, `"`+strings.Repeat(`中`, 22)+`"`)      // 66 bytes
		ok(name, `"\u0000"`)
		f("missing:"+name, with(name, ""))
		f("missing:"+name, with(name, "null"))
	}
	// the other ids: the same without being required
	for _, name := range []string{"refund_id", "buyer_id", "brand_id", "product_id", "store_id", "team_id", "show_id",
		"broadcast"} {
		ok(name, s(64))
		ok(name, "null")
		bad(name, s(65))
		bad(name, `""`)
		bad(name, `{}`)
		bad(name, `true`)
	}
	// status
	f("missing:status", with("status", ""))
	bad("status", `"PAID"`)
	bad("status", `"shipped"`)
	bad("status", `1`)
	// the time that the status names is required; the others are looked at all the same
	f("missing:created_at", with("status", `"created"`))
	f("missing:refunded_at", with("status", `"refunded"`))
	f("missing:paid_at", with("paid_at", "null"))
	ok("status", `"created"`, "created_at", "1794330000000", "paid_at", "")
	bad("created_at", `"yesterday"`)
	bad("refunded_at", `1.0`)
	// currency
	f("missing:currency", with("currency", ""))
	f("currency_unknown", with("currency", `"GBP"`))
	f("currency_unknown", with("currency", `"ZZZ"`, "amount", `"x"`))
	for _, v := range []string{`"cny"`, `"CN"`, `"CNYX"`, `"CNY\n"`, `""`, `1`} {
		bad("currency", v)
	}
	// amount
	f("missing:amount", with("amount", ""))
	for _, v := range []string{`"0.01"`, `0.01`, `1000000000`, `"1000000000.00"`, `"1.500000000000000000000"`, `10`,
		`"1\u0030"`} {
		ok("amount", v)
	}
	for _, v := range []string{`"0"`, `0`, `"0.00"`, `"1000000000.01"`, `1000000001`, `"01"`, `"1."`, `".5"`, `1e3`,
		`"1e3"`, `-1`, `"+1"`, `" 1"`, `"1 "`, `"1,0"`, `""`, `"0.001"`, `1.005`, `true`, `[1]`, `-0`, `"１"`,
		`"99999999999999999999999999"`} {
		bad("amount", v)
	}
	ok("currency", `"JPY"`, "amount", `"100.00"`)
	f("bad:amount", with("currency", `"JPY"`, "amount", `"100.50"`))
	// red_envelope: as amount, 0 allowed
	for _, v := range []string{`0`, `"0.00"`, `"0.01"`, `1000000000`, `null`} {
		ok("red_envelope", v)
	}
	for _, v := range []string{`"0.001"`, `-1`, `"1000000000.01"`, `1E2`, `false`} {
		bad("red_envelope", v)
	}
	// quantity
	ok("quantity", `1`)
	ok("quantity", `1000000`)
	for _, v := range []string{`0`, `-1`, `1000001`, `1.0`, `1e2`, `"2"`, `99999999999999999999`} {
		bad("quantity", v)
	}
	// new_product, buyer_since
	ok("new_product", `false`)
	bad("new_product", `0`)
	bad("new_product", `"true"`)
	ok("buyer_since", `"2024-02-29"`)
	for _, v := range []string{`"2023-02-29"`, `"2024-2-9"`, `"2024-13-01"`, `"20240209"`, `"2024-02-09T00:00"`, `1`} {
		bad("buyer_since", v)
	}
	// closed sets: a string or rejected
	for _, name := range []string{"buyer_country", "merchant_country", "province", "city", "device", "channel",
		"marketplace", "category"} {
		ok(name, `"anything at all, however long, `+strings.Repeat("x", 100)+`"`)
		ok(name, `""`)
		ok(name, `null`)
		bad(name, `1`)
		bad(name, `["CN"]`)
	}
}

func TestUnknown(t *testing.T) {
	rules := testRules(t)
	f := func(name, value, want string, at func(Order) string) {
		t.Helper()
		o, reason := Decode([]byte(with(name, value)), 0, rules)
		require.Empty(t, reason)
		require.Equal(t, want, at(o))
	}
	country := func(o Order) string { return o.BuyerCountry }
	f("buyer_country", `"RU"`, "RU", country)
	f("buyer_country", `"ru"`, Unknown, country)
	f("buyer_country", `"UK"`, Unknown, country)
	f("buyer_country", ``, Unknown, country)
	f("merchant_country", `"\u0049T"`, "IT", func(o Order) string { return o.MerchantCountry })
	f("province", `"330100"`, Unknown, func(o Order) string { return o.Province })
	city := func(o Order) string { return o.City }
	f("city", `"000000"`, "000000", city)
	f("city", `"CNSHA"`, "CNSHA", city)
	f("city", `"USNY2"`, "USNY2", city)
	f("city", `"USNY1"`, Unknown, city)
	f("city", `"USNY0"`, Unknown, city)
	f("city", `"33010"`, Unknown, city)
	f("city", `"3301000"`, Unknown, city)
	f("city", `"330100\n"`, Unknown, city)
	f("device", `"desktop"`, "desktop", func(o Order) string { return o.Device })
	f("device", `"App"`, Unknown, func(o Order) string { return o.Device })
	f("channel", `"rural"`, "rural", func(o Order) string { return o.Channel })
	f("marketplace", `"tmall"`, "tmall", func(o Order) string { return o.Marketplace })
	f("category", `"cars"`, Unknown, func(o Order) string { return o.Category })
}

// TestOrderOfReasons: too_large, not_json, then the table from the top, then the future.
func TestOrderOfReasons(t *testing.T) {
	rules := testRules(t)
	f := func(want, value string, kafkaMs int64) {
		t.Helper()
		_, reason := Decode([]byte(value), kafkaMs, rules)
		require.Equal(t, want, reason, "%.200s", value)
	}
	f("too_large", strings.Repeat("x", 65537), 0)
	f("not_json", strings.Repeat("x", 65536), 0)
	f("", with()+strings.Repeat(" ", 65536-len(with())), 0)
	f("missing:order_id", `{}`, 0)
	f("bad:order_id", with("order_id", "1", "status", "1"), 0)
	f("bad:status", with("status", "1", "amount", "0"), 0)
	f("bad:currency", with("currency", "1", "amount", "0"), 0)
	f("bad:amount", with("amount", "0", "quantity", "0"), 0)
	f("bad:red_envelope", with("red_envelope", "-1", "new_product", "1"), 0)
	f("bad:city", with("city", "1"), 1) // the future comes last
	f("future:paid_at", with(), 1794330000000-5*60*1000-1)
	f("", with(), 1794330000000-5*60*1000)
	f("", with(), 0)
	f("", with(), -1)
	f("future:created_at", with("status", `"created"`, "created_at", "1794330000000", "paid_at", ""), 1)
	f("future:refunded_at", with("status", `"refunded"`, "refunded_at", "1794330000000"), 1)
	f("", with("created_at", "1894330000000"), 1794330000000) // only the event time can be in the future
}

func TestTwice(t *testing.T) {
	rules := testRules(t)
	for i := range order {
		name := order[i].name
		value := strings.TrimSuffix(with(), "}") + `,"` + name + `":null,"` + name + `":null}`
		_, reason := Decode([]byte(value), 0, rules)
		require.Equal(t, "bad:"+name, reason)
	}
	escaped := strings.TrimSuffix(with(), "}") + `,"\u0061mount":1}`
	_, reason := Decode([]byte(escaped), 0, rules)
	require.Equal(t, "bad:amount", reason, "names compare after unescaping")
	_, reason = Decode([]byte(strings.TrimSuffix(with(), "}")+`,"Amount":"x","x":1,"x":2}`), 0, rules)
	require.Empty(t, reason, "names are case-sensitive, unknown ones may come twice")
}
