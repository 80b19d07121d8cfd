package rehearsal

import (
	"math"
	"strings"

	"festival/aggregate"
)

const (
	merchants = 20_000
	products  = 40 // of one merchant
	brands    = 4_000
)

// merchant is one shop: what its orders have in common, as pieces of the record.
type merchant struct {
	from     string // `,"merchant_country":"IT","marketplace":"tmall_global"`
	category uint8  // code in Rules.Categories, 0 where the catalogue is empty
}

// weighted choices of names; a name that the festival's catalogue does not have is left out, one that it has and
// that is not here gets the weight 5.
var (
	marketplaceWeights = map[string]float64{"taobao": 44, "tmall": 40, "tmall_global": 10, "aliexpress": 6}
	categoryWeights    = map[string]float64{"beauty": 15, "apparel": 24, "electronics": 18, "home": 15, "food": 12, "baby": 8,
		"services": 6, "automobiles": 0, "apartments": 0}
	exporters = "JP US KR AU DE FR IT GB NZ NL CH TH ES CA SG MY DK SE RU BR HK TW"
)

// newMerchants makes the festival's shops and how often each sells: Zipf with exponent 0.9, so that the largest has
// nearly a fiftieth of all orders.
func newMerchants(seed uint64, rules *aggregate.Rules) ([]merchant, alias) {
	places, categories := choices(rules.Marketplaces, marketplaceWeights), choices(rules.Categories, categoryWeights)
	foreign := strings.Fields(exporters)
	all, weights := make([]merchant, merchants), make([]float64, merchants)
	for i := range all {
		r := random{mix(seed) + uint64(i)<<32}
		market, country := rules.Marketplaces.Name(places.code(r.next())), "CN"
		if at := r.below(100); market == "tmall_global" && at < 95 || at < 3 {
			n := uint64(len(foreign))
			country = foreign[min(r.below(n), r.below(n))]
		}
		all[i].from = `,"merchant_country":"` + country + `"`
		if market != aggregate.Unknown {
			all[i].from += `,"marketplace":"` + market + `"`
		}
		all[i].category = categories.code(r.next())
		weights[i] = math.Pow(float64(i+1), -0.9)
	}
	return all, newAlias(weights)
}

// choice draws codes of a set by weight.
type choice struct{ alias }

func choices(set *aggregate.Set, known map[string]float64) choice {
	weights := make([]float64, 0, set.Len())
	for _, name := range set.Names()[1:] {
		w, ok := known[name]
		if !ok {
			w = 5
		}
		weights = append(weights, w+1e-9) // all zero must not divide by zero
	}
	return choice{newAlias(weights)}
}

// code gives 0 where the set is empty.
func (c choice) code(word uint64) uint8 {
	if len(c.keep) == 0 {
		return 0
	}
	return uint8(c.draw(word) + 1)
}
