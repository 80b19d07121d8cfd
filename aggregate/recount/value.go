package recount

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// text gives what a string says; ok false for every other kind of literal.
func text(literal string) (s string, ok bool) {
	if literal[0] != '"' {
		return "", false
	}
	return unescape(literal), true
}

// id reads a string of 1 to 64 bytes after unescaping.
func id(at func(*Order) *string) func(*Order, *Rules, string) bool {
	return func(o *Order, _ *Rules, literal string) bool {
		s, ok := text(literal)
		*at(o) = s
		return ok && len(s) >= 1 && len(s) <= 64
	}
}

// oneOf reads a string of a closed set; another string is Unknown.
func oneOf(set map[string]bool, at func(*Order) *string) func(*Order, *Rules, string) bool {
	return func(o *Order, _ *Rules, literal string) bool {
		s, ok := text(literal)
		*at(o) = known(set, s)
		return ok
	}
}

func readMarketplace(o *Order, rules *Rules, literal string) bool {
	s, ok := text(literal)
	o.Marketplace = known(rules.Marketplaces, s)
	return ok
}

func readCategory(o *Order, rules *Rules, literal string) bool {
	s, ok := text(literal)
	o.Category = known(rules.Categories, s)
	return ok
}

func readStatus(o *Order, _ *Rules, literal string) bool {
	o.Status, _ = text(literal)
	return o.Status == "created" || o.Status == "paid" || o.Status == "refunded"
}

var capitals = regexp.MustCompile(`^[A-Z]{3}$`)

func readCurrency(o *Order, _ *Rules, literal string) bool {
	o.Currency, _ = text(literal)
	return capitals.MatchString(o.Currency)
}

// cityForm is a GB/T 2260 or a UN/LOCODE code, by its form alone.
var cityForm = regexp.MustCompile(`^([0-9]{6}|[A-Z]{2}[A-Z2-9]{3})$`)

func readCity(o *Order, _ *Rules, literal string) bool {
	s, ok := text(literal)
	if cityForm.MatchString(s) {
		o.City = s
	}
	return ok
}

func readAmount(o *Order, rules *Rules, literal string) (ok bool) {
	o.AmountMinor, ok = money(literal, rules.rates[o.Currency].minor)
	return ok && o.AmountMinor > 0
}

func readEnvelope(o *Order, rules *Rules, literal string) (ok bool) {
	o.EnvelopeMinor, ok = money(literal, rules.rates[o.Currency].minor)
	return ok
}

// largest is the largest amount, 10^9 major units, in minor units by the digits of the minor unit.
var largest = [...]*big.Int{pow10(9), pow10(10), pow10(11), pow10(12), pow10(13)}

// money reads a decimal in major units, as string or number, into minor units. Digits beyond the minor unit have
// to be zero.
func money(literal string, minor int) (int64, bool) {
	s, isText := text(literal)
	if !isText {
		s = literal // a number, or nothing that looks like one
	}
	if !plainDecimal.MatchString(s) {
		return 0, false
	}
	whole, part, _ := strings.Cut(s, ".")
	part = strings.TrimRight(part, "0")
	if len(part) > minor || len(whole) > len("1000000000") {
		return 0, false
	}
	n, _ := new(big.Int).SetString(whole+part+strings.Repeat("0", minor-len(part)), 10)
	if n.Cmp(largest[minor]) > 0 {
		return 0, false
	}
	return n.Int64(), true
}

// whole reads a JSON number without fraction and exponent that fits an int64.
func whole(literal string) (int64, bool) {
	n, err := strconv.ParseInt(literal, 10, 64)
	return n, err == nil
}

func readQuantity(o *Order, _ *Rules, literal string) (ok bool) {
	o.Quantity, ok = whole(literal)
	return ok && o.Quantity >= 1 && o.Quantity <= 1_000_000
}

func readNewProduct(o *Order, _ *Rules, literal string) bool {
	o.NewProduct = literal
	return literal == "true" || literal == "false"
}

var dateForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

// readBuyerSince reads a day of the calendar; 30 February is none.
func readBuyerSince(o *Order, _ *Rules, literal string) bool {
	o.BuyerSince, _ = text(literal)
	_, err := time.Parse(time.DateOnly, o.BuyerSince)
	return err == nil && dateForm.MatchString(o.BuyerSince)
}
