package aggregate

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each rule of NewRules by itself, then all problems at once.
func TestNewRulesProblems(t *testing.T) {
	f := func(change func(*RulesSpec), want ...string) {
		t.Helper()
		spec := testSpec()
		change(&spec)
		_, err := NewRules(spec)
		if len(want) == 0 {
			require.NoError(t, err)
			return
		}
		require.Error(t, err)
		require.Len(t, strings.Split(err.Error(), "\n"), len(want), err.Error())
		for _, w := range want {
			require.ErrorContains(t, err, w)
		}
	}
	rate := func(currency, text string) func(*RulesSpec) {
		return func(s *RulesSpec) { s.Rates[currency] = text }
	}
	windows := func(w ...Window) func(*RulesSpec) { return func(s *RulesSpec) { s.Windows = w } }
	names := func(n int) (out []string) {
		for i := range n {
			out = append(out, strings.Repeat("x", i+1))
		}
		return out
	}

	f(func(*RulesSpec) {})
	f(func(s *RulesSpec) { s.Festival = "" }, `festival id ""`)
	f(rate("CNY", "1.0"), `rate CNY "1.0": give "1"`)
	f(rate("XXY", "1"), "rate XXY: no currency")
	f(rate("USD", "999999999999"))
	f(rate("USD", "9999.99999999"))
	f(rate("USD", "1000000000000"), `rate USD "1000000000000"`)
	f(rate("USD", "99999.99999999"), "at most 12 digits")
	f(rate("USD", "0.123456789"), "8 after the point")
	f(rate("USD", "0.00"), "more than 0")
	f(rate("USD", "-1"), `rate USD "-1"`)
	f(rate("USD", "07"), `rate USD "07"`)
	f(rate("USD", "1e3"), `rate USD "1e3"`)
	f(rate("USD", ".5"), `rate USD ".5"`)
	f(rate("USD", ""), `rate USD ""`)
	f(windows(), "0 windows: give 1 to 64")
	f(windows(Window{"a", 5, 5}), "is not after its start")
	f(windows(Window{"", 5, 6}), `window id ""`)
	f(windows(Window{"a", 5, 9}, Window{"a", 9, 12}), "given twice")
	f(windows(Window{"a", 5, 9}, Window{"b", 8, 12}), "before the end of window")
	f(windows(Window{"a", 5, 9}, Window{"b", 9, 12}))
	f(windows(Window{"a", -1, 9}), "outside the years")
	f(windows(Window{"a", 0, 1 << 60}), "outside the years")
	f(func(s *RulesSpec) { s.Categories = []string{"a", "a"} }, `category "a": the name is given twice`)
	f(func(s *RulesSpec) { s.Categories = []string{"unknown"} }, `category "unknown"`)
	f(func(s *RulesSpec) { s.Marketplaces = []string{""} }, `marketplace ""`)
	f(func(s *RulesSpec) { s.Marketplaces = []string{"\xff"} }, "valid UTF-8")
	f(func(s *RulesSpec) { s.Categories = names(255) })
	f(func(s *RulesSpec) { s.Categories = names(256) }, "256 category names")
	f(func(s *RulesSpec) { s.Stride = 0 })
	f(func(s *RulesSpec) { s.Stride = 1 })
	f(func(s *RulesSpec) { s.Stride = 24 }, "stride 24: give a power of two")
	f(func(s *RulesSpec) { s.Stride = -16 }, "stride -16")
	f(func(s *RulesSpec) { s.Stride = MaxStride * 2 }, "give a power of two")
	f(func(s *RulesSpec) { s.Festival, s.Stride, s.Rates["CNY"], s.Rates["EUR"] = "", 3, "2", "x" },
		"festival id", "stride 3", "rate CNY", "rate EUR")
}

func TestDocument(t *testing.T) {
	document := testRules(t).Document("kraft-7", "orders", 4, 1)
	require.Equal(t, `{"categories":["beauty","apparel","electronics","home","zeta","alpha"],"cluster":"kraft-7","festival":"1111-2026",`+
		`"marketplaces":["taobao","tmall","tmall_global","aliexpress"],"partitions":4,`+
		`"rates":{"CNY":"1","EUR":"7.742","JPY":"0.0478","KWD":"23.1","USD":"7.1142"},"rules":1,"serial":1,"stride":16,"topic":"orders",`+
		`"windows":[{"end":1794326490250,"id":"first","start":1794326400500},{"end":1794327000000,"id":"second","start":1794326600000}]}`,
		string(document))
	again, err := Canonical(document)
	require.NoError(t, err)
	require.Equal(t, document, again, "the document is its own canonical form")
	require.NotEqual(t, LedgerID(document), LedgerID(testRules(t).Document("kraft-7", "orders", 4, 2)))
}

func TestFen(t *testing.T) {
	rules := testRules(t)
	f := func(currency string, minor, want int64) {
		t.Helper()
		i, ok := rules.Currency([]byte(currency))
		require.True(t, ok)
		require.Equal(t, want, rules.Fen(minor, i))
		require.Equal(t, want, naiveFen(rules, minor, i))
	}
	f("CNY", 12_990, 12_990)
	f("JPY", 1, 5)         // 0.0478 yuan = 4.78 fen
	f("KWD", 1000, 2310)   // three minor digits
	f("KWD", 5, 12)        // 11.55
	f("USD", 5000, 35_571) // 35571.0
	f("USD", 2500, 17_786) // 17785.5, to even
	f("USD", 7500, 53_356) // 53356.5, to even
	f("EUR", 250, 1936)    // 1935.5
	f("EUR", 750, 5806)    // 5806.5
	f("EUR", 100_000_000_000, 774_200_000_000)
}

// A rate so large that the fen pass every sum is given as MaxSum+1.
func TestFenSaturates(t *testing.T) {
	spec := testSpec()
	spec.Rates["JPY"] = "999999999999"
	rules, err := NewRules(spec)
	require.NoError(t, err)
	i, _ := rules.Currency([]byte("JPY"))
	require.EqualValues(t, MaxSum+1, rules.Fen(1_000_000_000, i))
	require.EqualValues(t, 99_999_999_999_900, rules.Fen(1, i))
}

// FuzzFen holds the conversion against math/big for any rate and amount of the contract.
func FuzzFen(f *testing.F) {
	f.Add(int64(71142), 4, 2, int64(2500))
	f.Add(int64(999_999_999_999), 0, 0, int64(1_000_000_000))
	f.Add(int64(1), 8, 4, int64(10_000_000_000_000))
	f.Add(int64(5), 1, 0, int64(1))
	f.Fuzz(func(t *testing.T, digits int64, scale, minor int, amount int64) {
		if digits < 1 || digits > maxRateDigits || scale < 0 || scale > maxRateScale || minor < 0 || minor > 4 || amount < 0 ||
			amount > 10_000_000_000_000 {
			t.Skip()
		}
		checkFen(t, digits, scale, minor, amount)
	})
}

func checkFen(t *testing.T, digits int64, scale, minor int, amount int64) {
	text := rateText(digits, scale)
	rate := Rate{Currency: "XTS", Minor: minor, Digits: digits, Scale: scale, Text: text}
	rate.mul, rate.div = fraction128(rate)
	rules := &Rules{Rates: []Rate{rate}}
	require.Equal(t, naiveFen(rules, amount, 0), rules.Fen(amount, 0), "rate %s, %d minor digits, amount %d", text, minor, amount)
}

func rateText(digits int64, scale int) string {
	text := []byte("0000000000000")
	for i := len(text) - 1; digits > 0; i-- {
		text[i] = '0' + byte(digits%10)
		digits /= 10
	}
	cut := len(text) - scale
	whole := strings.TrimLeft(string(text[:cut]), "0")
	if whole == "" {
		whole = "0"
	}
	if scale == 0 {
		return whole
	}
	return whole + "." + string(text[cut:])
}

func TestFenAgainstBig(t *testing.T) {
	rnd := rand.New(rand.NewSource(2))
	for range 100_000 {
		digits, amount := 1+rnd.Int63n(int64(powers[1+rnd.Intn(12)])-1), rnd.Int63n(int64(powers[1+rnd.Intn(12)])*10)
		checkFen(t, digits, rnd.Intn(9), rnd.Intn(5), amount)
	}
}

func TestUsdCents(t *testing.T) {
	rules := testRules(t)
	f := func(fen, want int64) {
		t.Helper()
		got, ok := rules.UsdCents(fen)
		require.True(t, ok)
		require.Equal(t, want, got)
	}
	f(0, 0)
	f(7, 0)
	f(71_142, 10_000)
	f(71_141, 9_999)
	f(MaxSum, 1_266_087_438_466_867)
	spec := testSpec()
	spec.Rates["USD"] = "0.00000001"
	tiny, err := NewRules(spec)
	require.NoError(t, err)
	_, ok := tiny.UsdCents(MaxSum)
	require.False(t, ok, "cents past 2^53-1 are not shown")
	delete(spec.Rates, "USD")
	none, err := NewRules(spec)
	require.NoError(t, err)
	_, ok = none.UsdCents(1)
	require.False(t, ok)
}

func TestShare(t *testing.T) {
	f := func(part, whole int64, want string) {
		t.Helper()
		require.Equal(t, want, *share(part, whole))
	}
	require.Nil(t, share(0, 0))
	f(0, 5, "0.0000")
	f(1, 3, "0.3333")
	f(2, 3, "0.6666")
	f(5, 5, "1.0000")
	f(MaxSum-1, MaxSum, "0.9999")
}
