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

// The contract's closed sets in its order (CONTRACT.md §1), and as sets: a set maps a name to true.
var (
	countryList  = firstColumn(countriesText)
	provinceList = firstColumn(provincesText)
	deviceList   = []string{"app", "mobile_web", "mini_program", "desktop", "store_terminal"}
	channelList  = []string{"online", "smart_store", "pop_up", "o2o", "livestream", "show", "ar_game",
		"local_service", "community_store", "rural"}

	countries   = set(countryList...)
	provinces   = set(provinceList...)
	devices     = set(deviceList...)
	channels    = set(channelList...)
	mobiles     = set("app", "mobile_web", "mini_program")
	minorDigits = currencyDigits(currenciesText)
)

// Codes gives the names of a catalogue of raw rows by code (docs/definitions.md, raw rows): currencies sorted from
// 0; in the others Unknown is 0 and the names follow in the order of the contract or the ledger. The catalogues are
// those of the store: currency, country, province, device, channel, marketplace, category.
func (r *Rules) Codes(catalogue string) []string {
	if catalogue == "currency" {
		return r.Currencies
	}
	names := map[string][]string{"country": countryList, "province": provinceList, "device": deviceList,
		"channel": channelList, "marketplace": r.marketplaceList, "category": r.categoryList}[catalogue]
	return append([]string{Unknown}, names...)
}

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

func firstColumn(text string) (column []string) {
	for _, row := range rows(text) {
		column = append(column, row[0])
	}
	return column
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
