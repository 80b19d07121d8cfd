package rehearsal

import (
	"math"

	"festival/aggregate"
)

// order is everything about an order that does not depend on its events' times, but for the device: people turn to
// their telephones as the day goes on.
type order struct {
	number   int64
	minor    int64 // amount in minor units
	envelope int64 // red envelope in minor units, -1 for none
	rate     uint8 // index of the currency's rate
	place    *place
	shop     *merchant
	merchant int
	product  int
	buyer    uint64
	since    uint64 // days before 2026-11-01 on which the buyer came, 0 for not given
	category uint8
	channel  uint8
	device   int // index into deviceNames
	quantity uint64
	fresh    bool   // new_product
	refunds  int    // how many refunds follow the payment
	part     int64  // what each refund gives back, minor units
	store    uint64 // 0 for none, as the next three
	team     uint64
	show     uint64
	cast     uint64
}

// deviceNames are the contract's and one that it does not know, which counts under unknown.
var deviceNames = [...]string{"app", "mini_program", "mobile_web", "desktop", "store_terminal", "smart_tv"}

// channelWeights are in the order of aggregate.Channels.
var channelWeights = []float64{76, 4, 0.2, 3.5, 9, 0.6, 0.3, 2, 1.6, 2.8}

// Chances, and sizes of the open sets.
const (
	paidShare    = 0.93 // of orders that were created
	refundMille  = 30   // of 1000 orders that were paid
	freshPercent = 12
	localPercent = 70   // of orders from abroad are paid in the buyer's currency
	carShare     = 2e-5 // where the catalogue has automobiles; apartments a tenth of it
	buyers       = 8_000_000
	medianFen    = 10_000 // before the category's factor and quantity: 13,000 after them
	amountSigma  = 1.0    // of the logarithm
	maxAbroadFen = 5_000_000
)

// catalogue is what orders are drawn from; it is only read after newCatalogue.
type catalogue struct {
	key       uint64 // seed and start, mixed
	openMs    int64
	rules     *aggregate.Rules
	places    []place
	where     alias
	merchants []merchant
	who       alias
	channels  alias
	amounts   [4096]int64 // quantiles in fen
	factor    []int64     // per cent of the amount, by category code
	cars      uint8       // category codes, 0 where the festival has none
	flats     uint8
}

func newCatalogue(c Config) *catalogue {
	k := &catalogue{key: mix(c.Seed ^ mix(uint64(c.StartMs))), openMs: c.OpenMs, rules: c.Rules}
	var weights []float64
	k.places, weights = newPlaces(c.Rules)
	k.where = newAlias(weights)
	k.merchants, k.who = newMerchants(c.Seed, c.Rules)
	k.channels = newAlias(channelWeights)
	for i, z := range quantiles(len(k.amounts), normal) {
		k.amounts[i] = int64(medianFen * math.Exp(amountSigma*z))
	}
	percent := map[string]int64{"electronics": 220, "home": 110, "food": 50, "baby": 90, "services": 80, "beauty": 120}
	for _, name := range c.Rules.Categories.Names() {
		k.factor = append(k.factor, max(percent[name], 100*boolInt(percent[name] == 0)))
	}
	k.cars = c.Rules.Categories.Code([]byte("automobiles"))
	k.flats = c.Rules.Categories.Code([]byte("apartments"))
	return k
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// draw makes order number n, created at createdMs.
func (k *catalogue) draw(n, createdMs int64, o *order) {
	r := random{mix(k.key + uint64(n)*0x9e3779b97f4a7c15)}
	o.number = n
	o.merchant = k.who.draw(r.next())
	o.shop = &k.merchants[o.merchant]
	o.category = o.shop.category
	w := r.next()
	o.product = int(min(w&0xffff, w>>16&0xffff) * products >> 16)
	o.quantity = 1 + min(w>>32&7, w>>35&7, w>>38&7)
	o.fresh = scale(w<<16, 100) < freshPercent
	o.buyer = r.below(buyers)
	if w>>41&3 == 0 { // a quarter of the orders comes from a few busy buyers
		o.buyer %= buyers / 50
	}
	o.place = &k.places[k.where.draw(mix(o.buyer))]
	w = r.next()
	o.channel = uint8(k.channels.draw(w) + 1)
	o.device = k.device(createdMs, r.next())
	k.price(o, &r)
	k.extras(o, r.next(), r.next())
}

// device draws a device; the mobile share rises from 0.83 at the opening to 0.88 a day later.
func (k *catalogue) device(createdMs int64, w uint64) int {
	since := min(max(createdMs-k.openMs, 0), 86_400_000)
	mobile := uint64(830 + 50*since/86_400_000)
	at, within := scale(w, 1000), w&0xff
	switch {
	case at < mobile && within < 180:
		return 0
	case at < mobile && within < 226:
		return 1
	case at < mobile:
		return 2
	case within < 216:
		return 3
	case within < 253:
		return 4
	}
	return 5
}

// price draws the amount in fen, as a shop would write it, and turns it into the currency that the buyer pays in.
func (k *catalogue) price(o *order, r *random) {
	w := r.next()
	fen := k.amounts[w>>52] * k.factor[o.category] / 100 * int64(9+o.quantity) / 10
	if fen >= 1000 {
		fen += [8]int64{0, 0, 90, 90, 99, 50, 80, 88}[w&7] - fen%100
	}
	o.rate = k.places[0].rate // the first place is in China
	abroad := o.place.rate != o.rate
	if at := r.next(); at < share(carShare) && o.place.country == k.places[0].country {
		if o.category = k.cars; at < share(carShare/10) {
			o.category = k.flats
		}
		if o.category == 0 {
			o.category = o.shop.category
		} else if o.category == k.flats {
			fen = 60_000_000 + int64(w%340)*1_000_000
		} else {
			fen = 8_000_000 + int64(w%320)*100_000
		}
	}
	fen = max(fen, 1)
	o.minor = fen
	if abroad && scale(w<<8, 100) < localPercent {
		o.rate = o.place.rate
		o.minor = fromFen(min(fen, maxAbroadFen), &k.rules.Rates[o.rate])
	}
}

// extras draws the fields that not every order has.
func (k *catalogue) extras(o *order, w, v uint64) {
	o.envelope, o.store, o.team, o.show, o.cast, o.since = -1, 0, 0, 0, 0, 0
	if w&0xff < 166 {
		o.envelope = o.minor * int64(4+w>>8&7) / 100
	}
	if w>>16&0xff < 218 {
		o.store = uint64(o.merchant)*3 + 1 + w>>24&1
	}
	if w>>32&0xff < 179 {
		o.team = 1 + w>>40&0x7fff
	}
	if v&0xff < 115 {
		o.show = 1 + v>>8&7
	}
	if v>>16&0xff < 115 {
		o.cast = 1 + v>>24&3
	}
	if v>>32&0xff < 230 {
		o.since = 1 + mix(o.buyer^7)%6000
	}
	o.refunds, o.part = 0, o.minor
	if scale(v<<20, 1000) < refundMille {
		switch o.refunds = 1; w >> 60 & 3 {
		case 0:
			o.refunds, o.part = 2, max(1, o.minor/3)
		case 1:
			o.part = max(1, o.minor/2)
		}
	}
}
