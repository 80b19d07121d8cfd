package recount

import (
	_ "embed"
	"strings"
)

// Unknown is the key under which an absent value, or one outside its set, counts (CONTRACT.md §1).
const Unknown = "unknown"

//go:embed data/countries.txt
var countriesText string

//go:embed data/provinces.csv
var provincesText string

//go:embed data/currencies.csv
var currenciesText string

// The contract's closed sets (CONTRACT.md §1); a set maps a name to true.
var (
	countries = firstColumn(countriesText)
	provinces = firstColumn(provincesText)
	mobiles   = set("app", "mobile_web", "mini_program")
	devices   = set("app", "mobile_web", "mini_program", "desktop", "store_terminal")
	channels  = set("online", "smart_store", "pop_up", "o2o", "livestream", "show", "ar_game", "local_service",
		"community_store", "rural")
	minorDigits = currencyDigits(currenciesText)
)

func set(names ...string) map[string]bool {
	s := map[string]bool{}
	for _, n := range names {
		s[n] = true
	}
	return s
}

// rows gives the lines of a table split at commas, without comment and empty lines.
func rows(text string) [][]string {
	var out [][]string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, strings.Split(line, ","))
		}
	}
	return out
}

func firstColumn(text string) map[string]bool {
	s := map[string]bool{}
	for _, row := range rows(text) {
		s[row[0]] = true
	}
	return s
}

// currencyDigits maps an ISO 4217 code to its minor unit digits, 0 to 4.
func currencyDigits(text string) map[string]int {
	m := map[string]int{}
	for _, row := range rows(text) {
		m[row[0]] = strings.Index("01234", row[1])
	}
	return m
}

// known gives the name where the set holds it, else Unknown.
func known(set map[string]bool, name string) string {
	if set[name] {
		return name
	}
	return Unknown
}
