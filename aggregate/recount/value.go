package recount

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// text gives a string value; ok false for every other kind.
func text(v any) (s string, ok bool) {
	s, ok = v.(string)
	return s, ok
}

// id reads a string of 1 to 64 bytes after unescaping.
func id(at func(*Order) *string) func(*Order, *Rules, any) bool {
	return func(o *Order, _ *Rules, v any) bool {
		s, ok := text(v)
		*at(o) = s
		return ok && len(s) >= 1 && len(s) <= 64
	}
}

// oneOf reads a string of a closed set; another string is Unknown.
func oneOf(set map[string]bool, at func(*Order) *string) func(*Order, *Rules, any) bool {
	return func(o *Order, _ *Rules, v any) bool {
		s, ok := text(v)
		*at(o) = known(set, s)
		return ok
	}
}

func readMarketplace(o *Order, rules *Rules, v any) bool {
	s, ok := text(v)
	o.Marketplace = known(rules.Marketplaces, s)
	return ok
}

func readCategory(o *Order, rules *Rules, v any) bool {
	s, ok := text(v)
	o.Category = known(rules.Categories, s)
	return ok
}

func readStatus(o *Order, _ *Rules, v any) bool {
	o.Status, _ = text(v)
	return o.Status == "created" || o.Status == "paid" || o.Status == "refunded"
}

var capitals = regexp.MustCompile(`^[A-Z]{3}$`)

func readCurrency(o *Order, _ *Rules, v any) bool {
	o.Currency, _ = text(v)
	return capitals.MatchString(o.Currency)
}

// cityForm is a GB/T 2260 or a UN/LOCODE code, by its form alone.
var cityForm = regexp.MustCompile(`^([0-9]{6}|[A-Z]{2}[A-Z2-9]{3})$`)

func readCity(o *Order, _ *Rules, v any) bool {
	s, ok := text(v)
	if cityForm.MatchString(s) {
		o.City = s
	}
	return ok
}

func readAmount(o *Order, rules *Rules, v any) (ok bool) {
	o.AmountMinor, ok = money(v, rules.rates[o.Currency].minor)
	return ok && o.AmountMinor > 0
}

func readEnvelope(o *Order, rules *Rules, v any) (ok bool) {
	o.EnvelopeMinor, ok = money(v, rules.rates[o.Currency].minor)
	return ok
}

// largest amount: 10^9 major units.
var maxMajor = big.NewInt(1_000_000_000)

// money reads a decimal in major units, as string or number, into minor units. Digits beyond the minor unit have
// to be zero.
func money(v any, minor int) (int64, bool) {
	s, ok := text(v)
	if number, isNumber := v.(json.Number); isNumber {
		s, ok = number.String(), true
	}
	if !ok || !plainDecimal.MatchString(s) {
		return 0, false
	}
	whole, part, _ := strings.Cut(s, ".")
	part = strings.TrimRight(part, "0")
	if len(part) > minor || len(whole) > len("1000000000") {
		return 0, false
	}
	n, _ := new(big.Int).SetString(whole+part+strings.Repeat("0", minor-len(part)), 10)
	if n.Cmp(new(big.Int).Mul(maxMajor, pow10(minor))) > 0 {
		return 0, false
	}
	return n.Int64(), true
}

// whole reads a JSON number without fraction and exponent that fits an int64.
func whole(v any) (int64, bool) {
	number, ok := v.(json.Number)
	if !ok || strings.ContainsAny(number.String(), ".eE") {
		return 0, false
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	return n, err == nil
}

func readQuantity(o *Order, _ *Rules, v any) (ok bool) {
	o.Quantity, ok = whole(v)
	return ok && o.Quantity >= 1 && o.Quantity <= 1_000_000
}

func readNewProduct(o *Order, _ *Rules, v any) bool {
	b, ok := v.(bool)
	o.NewProduct = strconv.FormatBool(b)
	return ok
}

var dateForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

// readBuyerSince reads a day of the calendar; 30 February is none.
func readBuyerSince(o *Order, _ *Rules, v any) bool {
	o.BuyerSince, _ = text(v)
	_, err := time.Parse(time.DateOnly, o.BuyerSince)
	return err == nil && dateForm.MatchString(o.BuyerSince)
}
