package decode

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// validJSON is encoding/json's opinion of a record without surrogates or deep nesting, held to UTF-8 and one object.
func validJSON(v []byte) bool {
	return json.Valid(v) && utf8.Valid(v) && strings.HasPrefix(strings.TrimLeft(string(v), " \t\r\n"), "{")
}

// TestContractExample holds every field of the contract's own record, in its own layout.
func TestContractExample(t *testing.T) {
	rules := testRules()
	d := New(rules)
	var o aggregate.Order
	spaced := strings.NewReplacer(`","paid`, "\",\n \"paid", `,"merchant_`, ",\n \"merchant_").Replace(contractExample)
	for _, v := range []string{contractExample, spaced, strings.ReplaceAll(contractExample, `":`, "\" :\t")} {
		require.Equal(t, aggregate.Accepted, d.Decode([]byte(v), kafkaMs, &o))
		ms := func(s string) int64 {
			at, err := time.Parse(time.RFC3339Nano, s)
			require.NoError(t, err)
			return at.UnixMilli()
		}
		require.Equal(t, aggregate.Order{
			OrderID: []byte("2611110000000001"), MerchantID: []byte("m20417"), BuyerID: []byte("b8812031"),
			BrandID: []byte("br330"), ProductID: []byte("p99120"), StoreID: []byte("s4410"), TeamID: []byte("t551"),
			ShowID: []byte("gala-3"), Broadcast: []byte("youku"), City: []byte("330100"),
			CreatedMs: ms("2026-11-11T00:00:03.120+08:00"), PaidMs: ms("2026-11-11T00:00:07.450+08:00"),
			AmountMinor: 12990, EnvelopeMinor: 1000, Quantity: 2, BuyerSince: aggregate.NoDate,
			Status: aggregate.Paid, Currency: 1, BuyerCountry: aggregate.Countries.Code([]byte("CN")),
			MerchantCountry: aggregate.Countries.Code([]byte("IT")), Province: aggregate.Provinces.Code([]byte("330000")),
			Device: 1, Channel: 1, Marketplace: 3, Category: 1, NewProduct: aggregate.FlagTrue,
		}, o)
		require.Equal(t, "CNY", rules.Rates[o.Currency].Currency)
	}
}

// TestAbsent holds what a record of required fields only leaves in the order, after a full one went before.
func TestAbsent(t *testing.T) {
	d := New(testRules())
	var o aggregate.Order
	require.Equal(t, aggregate.Accepted, d.Decode([]byte(contractExample), kafkaMs, &o))
	least := `{"merchant_id":"m","amount":3,"currency":"JPY","created_at":946684800000,"status":"created","order_id":"é"}`
	require.Equal(t, aggregate.Accepted, d.Decode([]byte(least), 0, &o))
	require.Equal(t, aggregate.Order{OrderID: []byte("é"), MerchantID: []byte("m"), CreatedMs: 946684800000,
		AmountMinor: 3, EnvelopeMinor: -1, BuyerSince: aggregate.NoDate, Status: aggregate.Created, Currency: 3}, o)
}

// TestEscaped holds that text is unescaped in place, to the byte.
func TestEscaped(t *testing.T) {
	d := New(testRules())
	var o aggregate.Order
	v := with("order_id", `"a\"\\\/\b\f\n\r\t\u00e9\u4E2d\ud83d\ude00é中😀z"`)
	require.Equal(t, aggregate.Accepted, d.Decode([]byte(v), kafkaMs, &o))
	require.Equal(t, "a\"\\/\b\f\n\r\té中😀é中😀z", string(o.OrderID))
}

// TestClosedSets holds every name of every closed set, and names that almost are in one.
func TestClosedSets(t *testing.T) {
	rules := testRules()
	d := New(rules)
	var o aggregate.Order
	for _, c := range []struct {
		field string
		set   *aggregate.Set
		code  *uint8
	}{
		{"buyer_country", aggregate.Countries, &o.BuyerCountry}, {"merchant_country", aggregate.Countries, &o.MerchantCountry},
		{"province", aggregate.Provinces, &o.Province}, {"device", aggregate.Devices, &o.Device},
		{"channel", aggregate.Channels, &o.Channel}, {"marketplace", rules.Marketplaces, &o.Marketplace},
		{"category", rules.Categories, &o.Category},
	} {
		for code, name := range c.set.Names() {
			for _, wrong := range []string{"", name + `\u0000`, name + "x", name[1:], strings.ToUpper(name) + "_"} {
				require.Equal(t, aggregate.Accepted, d.Decode([]byte(with(c.field, `"`+wrong+`"`)), kafkaMs, &o))
				require.Zero(t, *c.code, wrong)
			}
			require.Equal(t, aggregate.Accepted, d.Decode([]byte(with(c.field, `"`+name+`"`)), kafkaMs, &o))
			require.Equal(t, uint8(code), *c.code, name)
		}
	}
}

// TestCities holds the two forms of a city and what is near them.
func TestCities(t *testing.T) {
	d := New(testRules())
	var o aggregate.Order
	for city, good := range map[string]bool{"330100": true, "000000": true, "FRPAR": true, "US2Z9": true, "CN999": true,
		"33010": false, "3301000": false, "33010a": false, "frPAR": false, "FRpar": false, "FRP0R": false, "FRP1R": false,
		"F1PAR": false, "FRPA": false, "FRPARI": false, "": false, "中国": false} {
		require.Equal(t, aggregate.Accepted, d.Decode([]byte(with("city", `"`+city+`"`)), kafkaMs, &o))
		require.Equal(t, good, o.City != nil, city)
		if good {
			require.Equal(t, city, string(o.City))
		}
	}
}

// TestDates holds every day of the calendar's 400 years, and the same in times, against package time.
func TestDates(t *testing.T) {
	at := time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)
	for range 401 * 366 {
		text := at.Format(time.DateOnly)
		days, ok := date([]byte(text))
		require.True(t, ok, text)
		require.EqualValues(t, at.Unix()/86400, days, text)
		at = at.AddDate(0, 0, 1)
	}
	days, ok := date([]byte("0000-01-01"))
	require.True(t, ok)
	require.EqualValues(t, time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Unix()/86400, days)
}

// TestShapesLearned holds that what the predictor has learned of other orders never changes an answer.
func TestShapesLearned(t *testing.T) {
	d, fresh := New(testRules()), New(testRules())
	var a, b aggregate.Order
	for _, v := range append(orders(200, true, false), orders(200, false, true)...) {
		require.Equal(t, aggregate.Accepted, d.Decode(v, kafkaMs, &a))
		fresh.guess = newPredictor()
		require.Equal(t, aggregate.Accepted, fresh.Decode(v, kafkaMs, &b))
		require.Equal(t, b, a)
	}
}
