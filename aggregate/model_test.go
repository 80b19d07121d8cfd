package aggregate

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The naive reading that the tests hold the core and the board against: maps, big numbers, one pass.

// record is one record of a log: an order, or a reason for rejecting it.
type record struct {
	offset    int64
	order     *Order
	reason    Reason
	kafkaMs   int64
	keyOK     bool
	rehearsal bool
}

// naiveID is a cell's identity without revision.
type naiveID struct {
	window  uint8
	dim     Dim
	segment int64
	bucket  int64
	key     string
}

type naive struct {
	rules      *Rules
	seen       map[string]bool
	cells      map[naiveID]Measures
	verdicts   []Verdict
	lastMs     int64
	maxEventMs int64
}

func naivePrefix(rules *Rules, log []record, upto int64) *naive {
	n := &naive{rules: rules, seen: map[string]bool{}, cells: map[naiveID]Measures{}}
	for _, r := range log {
		if r.offset < upto {
			n.count(r)
		}
	}
	return n
}

func (n *naive) log(r record, key string) {
	n.add(naiveID{255, DimLog, r.offset / n.rules.Stride, 0, key}, Measures{Orders: 1})
}

func (n *naive) add(id naiveID, m Measures) {
	sum, ok := n.cells[id].Add(m)
	if !ok {
		panic("sum")
	}
	n.cells[id] = sum
}

func (n *naive) count(r record) {
	if r.rehearsal {
		n.log(r, "rehearsal")
	}
	if r.kafkaMs >= 1 {
		n.lastMs = r.kafkaMs
	}
	if r.order == nil {
		n.verdicts = append(n.verdicts, Rejected)
		n.log(r, "rejected:"+r.reason.String())
		return
	}
	if !r.keyOK {
		n.log(r, "miskeyed")
	}
	o := r.order
	ms := map[Status]int64{Created: o.CreatedMs, Paid: o.PaidMs, Refunded: o.RefundedMs}[o.Status]
	if r.kafkaMs >= 1 {
		n.maxEventMs = max(n.maxEventMs, min(ms, r.kafkaMs))
	}
	refund := ""
	if o.Status == Refunded {
		refund = string(o.RefundID)
	}
	key := fmt.Sprintf("%q %v %q", o.OrderID, o.Status, refund)
	if n.seen[key] {
		n.verdicts = append(n.verdicts, Duplicate)
		n.log(r, "duplicates")
		return
	}
	n.seen[key] = true
	window := slices.IndexFunc(n.rules.Windows, func(w Window) bool { return w.StartMs <= ms && ms < w.EndMs })
	if window < 0 {
		n.verdicts = append(n.verdicts, Outside)
		n.log(r, "outside")
		return
	}
	n.verdicts = append(n.verdicts, Counted)
	n.spread(r, uint8(window), ms)
}

func (n *naive) spread(r record, window uint8, ms int64) {
	o := r.order
	fen := naiveFen(n.rules, o.AmountMinor, o.Currency)
	var m Measures
	switch o.Status {
	case Created:
		m.Created = 1
	case Refunded:
		m.Refunds, m.RefundFen = 1, fen
	case Paid:
		m.Orders, m.GmvFen = 1, fen
		if d := Devices.Name(o.Device); d == "app" || d == "mobile_web" || d == "mini_program" {
			m.MobileOrders, m.MobileGmvFen = 1, fen
		}
	}
	city := string(o.City)
	if city == "" {
		city = "unknown"
	}
	buyer := Countries.Name(o.BuyerCountry)
	for dim, key := range map[Dim]string{DimTotal: "", DimDevice: Devices.Name(o.Device), DimCountry: buyer,
		DimProvince: Provinces.Name(o.Province), DimCity: city, DimCategory: n.rules.Categories.Name(o.Category),
		DimMarketplace: n.rules.Marketplaces.Name(o.Marketplace), DimChannel: Channels.Name(o.Channel),
		DimFlow: Countries.Name(o.MerchantCountry) + ">" + buyer, DimMerchant: string(o.MerchantID)} {
		bucket := int64(0)
		if step := dim.Step() * 1000; step > 0 {
			bucket = ms / step * step / 1000
		}
		n.add(naiveID{window, dim, r.offset / n.rules.Stride, bucket, key}, m)
	}
}

// naiveFen is the exact product, rounded half to even, with math/big.
func naiveFen(rules *Rules, amountMinor int64, currency uint8) int64 {
	rate := rules.Rates[currency]
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(rate.Minor)), nil)
	yuan, ok := new(big.Rat).SetString(rate.Text)
	if !ok {
		panic(rate.Text)
	}
	fen := new(big.Rat).SetFrac(big.NewInt(amountMinor), unit)
	fen.Mul(fen, yuan).Mul(fen, big.NewRat(100, 1))
	q, rem := new(big.Int).QuoRem(fen.Num(), fen.Denom(), new(big.Int))
	switch rem.Lsh(rem, 1).Cmp(fen.Denom()) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		q.Add(q, new(big.Int).And(q, big.NewInt(1)))
	}
	if q.Cmp(big.NewInt(MaxSum)) > 0 {
		return MaxSum + 1
	}
	return q.Int64()
}

// The festival of the tests: two windows with a gap, the first beginning within a second.
const (
	dayMs   = 1_794_326_400_000 // 2026-11-11T00:00:00+08:00
	firstMs = dayMs + 500
	lastMs  = dayMs + 600_000
)

func testSpec() RulesSpec {
	return RulesSpec{Festival: "1111-2026", Stride: 16,
		Windows:      []Window{{"first", firstMs, dayMs + 90_250}, {"second", dayMs + 200_000, lastMs}},
		Rates:        map[string]string{"CNY": "1", "USD": "7.1142", "EUR": "7.742", "JPY": "0.0478", "KWD": "23.1"},
		Marketplaces: []string{"taobao", "tmall", "tmall_global", "aliexpress"},
		Categories:   []string{"beauty", "apparel", "electronics", "home", "zeta", "alpha"}}
}

func testRules(t testing.TB) *Rules {
	rules, err := NewRules(testSpec())
	require.NoError(t, err)
	return rules
}
