package recount

import (
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

func readCurrency(o *Order, _ *Rules, literal string) bool {
	o.Currency, _ = text(literal)
	return len(o.Currency) == 3 && consists(o.Currency, capitals)
}

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// consists tells whether all of a text's bytes are among some.
func consists(s, of string) bool {
	for i := range len(s) {
		if strings.IndexByte(of, s[i]) < 0 {
			return false
		}
	}
	return true
}

// isCity: a GB/T 2260 code (six digits) or a UN/LOCODE (two letters, three letters or digits from 2), by its form alone.
func isCity(s string) bool {
	return hasForm(s, "000000") || len(s) == 5 && consists(s[:2], capitals) && consists(s[2:], capitals+"23456789")
}

func readCity(o *Order, _ *Rules, literal string) bool {
	s, ok := text(literal)
	if isCity(s) {
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
var largest = [...]int64{1e9, 1e10, 1e11, 1e12, 1e13}

// money reads a decimal in major units, as string or number, into minor units. Digits beyond the minor unit have
// to be zero.
func money(literal string, minor int) (int64, bool) {
	s, isText := text(literal)
	if !isText {
		s = literal // a number, or nothing that looks like one
	}
	whole, part, ok := plainDecimal(s)
	if !ok {
		return 0, false
	}
	part = strings.TrimRight(part, "0")
	if len(part) > minor || len(whole) > len("1000000000") {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+part+"0000"[:minor-len(part)], 10, 64) // at most 14 digits
	return n, err == nil && n <= largest[minor]
}

// plainDecimal reads (0|[1-9][0-9]*)(\.[0-9]+)? into what stands before and after the point.
func plainDecimal(s string) (whole, part string, ok bool) {
	whole, part, pointed := strings.Cut(s, ".")
	ok = whole != "" && consists(whole, digits) && (whole == "0" || whole[0] != '0') && (!pointed || part != "") && consists(part, digits)
	return whole, part, ok
}

const digits = "0123456789"

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

// readBuyerSince reads a day of the calendar; 30 February is none.
func readBuyerSince(o *Order, _ *Rules, literal string) bool {
	o.BuyerSince, _ = text(literal)
	if !hasForm(o.BuyerSince, "0000-00-00") {
		return false
	}
	_, err := time.Parse(time.RFC3339, o.BuyerSince+"T00:00:00Z")
	return err == nil
}
