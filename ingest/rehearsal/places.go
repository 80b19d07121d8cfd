package rehearsal

import (
	"strings"

	"festival/aggregate"
)

// cities lists, by province, the numbers of its prefectures within GB/T 2260, the capital first, and the
// province's share of orders in thousandths (about as in the press releases of past festivals).
var cities = []struct {
	province string
	weight   float64
	numbers  string
}{
	{"440000", 120, "1 3 19 6 4 20 13 5 7 8 9 12 14 15 16 17 18 2 51 52 53"}, {"330000", 105, "1 2 3 7 10 6 4 5 11 9 8"},
	{"320000", 98, "1 5 2 6 4 3 10 9 11 12 8 13 7"}, {"310000", 62, "1"}, {"370000", 60, "1 2 6 7 13 3 10 14 15 4 5 8 9 11 16 17"},
	{"110000", 52, "1"}, {"510000", 50, "1 7 6 5 13 11 15 3 10 14 9 4 8 16 17 18 19 20 32 33 34"},
	{"410000", 48, "1 3 13 7 15 16 10 14 11 2 4 5 6 8 9 12 17"}, {"420000", 44, "1 6 5 10 3 11 9 2 12 13 7 8 28"},
	{"350000", 42, "1 2 5 6 9 3 8 4 7"}, {"430000", 38, "1 4 2 7 6 5 10 9 3 11 13 12 8 31"},
	{"340000", 36, "1 2 3 12 11 5 15 10 13 16 17 18 4 6 7 8"}, {"130000", 36, "1 6 2 9 10 4 3 5 11 7 8"},
	{"210000", 28, "1 2 3 8 7 11 6 9 10 4 5 12 13 14"}, {"610000", 26, "1 4 3 6 8 7 5 9 10 2"},
	{"500000", 25, "1"}, {"360000", 24, "1 7 4 11 9 10 8 2 3 5 6"}, {"450000", 22, "1 2 3 9 5 8 7 10 12 13 11 14 4 6"},
	{"530000", 18, "1 3 25 4 29 5 6 7 8 9 23 26 28 31 33 34"}, {"120000", 17, "1"}, {"140000", 16, "1 4 7 10 8 5 2 3 6 9 11"},
	{"230000", 15, "1 6 2 10 3 8 4 5 7 9 11 12 27"}, {"220000", 12, "1 2 24 3 4 5 6 7 8"}, {"520000", 11, "1 3 2 4 5 6 22 23 26 27"},
	{"150000", 9, "1 2 4 6 5 7 8 9 3 22 25 29"}, {"650000", 7, "1 2 4 5 23 27 28 29 30 31 32 40 42 43"}, {"620000", 6, "1 5 9 7 3 2 4 6 8 10 11 12 29 30"},
	{"460000", 5, "1 2 3 4"}, {"640000", 3, "1 2 3 4 5"}, {"630000", 2, "1 2 22 23 25 26 27 28"}, {"540000", 1, "1 2 3 4 5 6 25"},
}

// abroad lists where much is bought from: share of all orders in millionths, currency, cities (UN/LOCODE). Other
// countries have tail each; those that nobody lives in have none.
var abroad = []struct {
	country  string
	weight   float64
	currency string
	cities   string
}{
	{"HK", 5200, "HKD", "HKHKG HKKWN"}, {"TW", 5000, "TWD", "TWTPE TWKHH TWTXG"}, {"MO", 900, "MOP", "MOMFM"},
	{"US", 2400, "USD", "USNYC USLAX USSFO USCHI USHOU USSEA"}, {"RU", 2200, "RUB", "RUMOW RULED RUVVO"},
	{"AU", 1300, "AUD", "AUSYD AUMEL"}, {"SG", 1200, "SGD", "SGSIN"}, {"JP", 1100, "JPY", "JPTYO JPOSA JPNGO"},
	{"MY", 1000, "MYR", "MYKUL MYPEN"}, {"CA", 900, "CAD", "CATOR CAVAN CAMTR"}, {"ES", 800, "EUR", "ESMAD ESBCN"},
	{"GB", 700, "GBP", "GBLON GBMNC"}, {"FR", 650, "EUR", "FRPAR FRLIO FRMRS"}, {"KR", 600, "KRW", "KRSEL KRPUS"},
	{"BR", 500, "BRL", "BRSAO BRRIO"}, {"DE", 480, "EUR", "DEBER DEHAM DEMUC"}, {"PL", 420, "PLN", "PLWAW"},
	{"IL", 400, "ILS", "ILTLV"}, {"UA", 350, "UAH", "UAIEV"}, {"IT", 340, "EUR", "ITMIL ITROM"}, {"TH", 330, "THB", "THBKK"},
	{"NL", 300, "EUR", "NLAMS NLRTM"}, {"NZ", 260, "NZD", "NZAKL"}, {"SA", 220, "SAR", "SARUH SAJED"}, {"AE", 200, "AED", "AEDXB"},
	{"CL", 180, "CLP", "CLSCL"}, {"MX", 170, "MXN", "MXMEX"}, {"KW", 150, "KWD", "KWKWI"}, {"TR", 140, "TRY", "TRIST"},
	{"VN", 140, "VND", "VNSGN VNHAN"}, {"ID", 130, "IDR", "IDJKT"}, {"PH", 120, "PHP", "PHMNL"}, {"IN", 100, "INR", "INBOM INDEL"},
	{"SE", 90, "SEK", "SESTO"}, {"CH", 90, "CHF", "CHZRH"}, {"BE", 80, "EUR", "BEBRU BEANR"}, {"PT", 70, "EUR", "PTLIS"},
	{"KZ", 70, "KZT", "KZALA"}, {"BY", 60, "BYN", "BYMSQ"}, {"ZA", 50, "ZAR", "ZAJNB ZACPT"}, {"NG", 40, "NGN", "NGLOS"},
	{"EG", 40, "EGP", "EGCAI"}, {"KE", 30, "KES", "KENBO"}, {"PE", 30, "PEN", "PELIM"}, {"CO", 30, "COP", "COBOG"}, {"AR", 30, "ARS", "ARBUE"},
}

const (
	home    = 970_000 // China's share of orders in millionths
	tail    = 8       // the least share of a country in millionths: eight orders in a million
	nobody  = "AQ BV HM TF UM GS IO"
	dollars = "USD"
)

// place is where buyers live: their country, the record's piece that says so, and the currency they pay in.
type place struct {
	text    string // `,"buyer_country":"CN","province":"330000","city":"330100"`
	country uint8  // code in aggregate.Countries
	rate    uint8  // index of the local currency's rate
}

// newPlaces gives all places with their weights. Countries whose currency has no rate pay in dollars, else in yuan.
func newPlaces(rules *aggregate.Rules) (all []place, weights []float64) {
	add := func(country, province, city, currency string, weight float64) {
		text := `,"buyer_country":"` + country + `"`
		if province != "" {
			text += `,"province":"` + province + `"`
		}
		if city != "" {
			text += `,"city":"` + city + `"`
		}
		all = append(all, place{text, aggregate.Countries.Code([]byte(country)), rateOf(rules, currency)})
		weights = append(weights, weight)
	}
	total := 0.0
	for _, p := range cities {
		total += p.weight
	}
	for _, p := range cities {
		numbers := strings.Fields(p.numbers)
		for i, n := range numbers {
			add("CN", p.province, p.province[:2]+two(n)+"00", "CNY", home*p.weight/total*harmonic(i, len(numbers)))
		}
	}
	listed := map[string]bool{"CN": true}
	for _, c := range abroad {
		listed[c.country] = true
		names := strings.Fields(c.cities)
		for i, n := range names {
			add(c.country, regions[c.country], n, c.currency, c.weight*harmonic(i, len(names)))
		}
	}
	for _, c := range aggregate.Countries.Names()[1:] {
		if !listed[c] && !strings.Contains(nobody, c) {
			add(c, "", "", dollars, tail)
		}
	}
	return all, weights
}

// two fills a number to two digits.
func two(n string) string { return strings.Repeat("0", 2-len(n)) + n }

// regions are the three that have a GB/T 2260 province too.
var regions = map[string]string{"HK": "810000", "MO": "820000", "TW": "710000"}

// harmonic is the i-th of n shares that fall as 1/(i+1) and sum to 1.
func harmonic(i, n int) float64 {
	sum := 0.0
	for k := range n {
		sum += 1 / float64(k+1)
	}
	return 1 / float64(i+1) / sum
}

// rateOf finds a currency's rate, else the dollar's, else the yuan's.
func rateOf(rules *aggregate.Rules, currency string) uint8 {
	for _, c := range []string{currency, dollars, "CNY"} {
		if i, ok := rules.Currency([]byte(c)); ok {
			return i
		}
	}
	return 0
}
