package decode

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/aggregate/recount"
)

// pair holds the two readings of CONTRACT.md §1 against each other.
type pair struct {
	fast  *Decoder
	long  *Decoder // never goes the short way
	rules *aggregate.Rules
	slow  *recount.Rules
	order aggregate.Order
}

func newPair(t testing.TB) *pair {
	rules := testRules()
	slow, err := recount.ReadRules(rules.Document("cluster", "orders", 4, 1))
	require.NoError(t, err)
	p := &pair{fast: New(rules), long: New(rules), rules: rules, slow: slow}
	p.long.general = true
	return p
}

// compare decodes a record all ways; it gives the reason, and what differs or "".
func (p *pair) compare(value []byte, kafkaMs int64) (reason, diff string) {
	want, why := recount.Decode(value, kafkaMs, p.slow)
	if _, diff = p.held(p.long, value, kafkaMs, want, why); diff != "" {
		return why, "the general way: " + diff
	}
	return p.held(p.fast, value, kafkaMs, want, why)
}

// held holds a decoder's reading against the recount's.
func (p *pair) held(d *Decoder, value []byte, kafkaMs int64, want recount.Order, why string) (reason, diff string) {
	d.flat.waits = 0 // tries the short way with each record
	reason = d.Decode(value, kafkaMs, &p.order).String()
	if reason != why {
		return reason, "fast says " + strconv.Quote(reason) + ", recount " + strconv.Quote(why)
	}
	if reason == "" {
		if got := p.words(); got != want {
			return reason, "fast reads " + text(got) + ", recount " + text(want)
		}
	}
	return reason, ""
}

func text(o recount.Order) string {
	b, _ := json.Marshal(o)
	return string(b)
}

// words gives the decoded order in recount's words.
func (p *pair) words() recount.Order {
	o, r := &p.order, p.rules
	city := aggregate.Unknown
	if o.City != nil {
		city = string(o.City)
	}
	since := ""
	if o.BuyerSince != aggregate.NoDate {
		since = time.Unix(int64(o.BuyerSince)*86400, 0).UTC().Format(time.DateOnly)
	}
	return recount.Order{
		OrderID: string(o.OrderID), Status: o.Status.String(), CreatedMs: o.CreatedMs, PaidMs: o.PaidMs,
		RefundedMs: o.RefundedMs, Currency: r.Rates[o.Currency].Currency, AmountMinor: o.AmountMinor,
		MerchantID: string(o.MerchantID), RefundID: string(o.RefundID), BuyerID: string(o.BuyerID),
		BrandID: string(o.BrandID), ProductID: string(o.ProductID), StoreID: string(o.StoreID),
		TeamID: string(o.TeamID), ShowID: string(o.ShowID), Broadcast: string(o.Broadcast),
		BuyerCountry:    aggregate.Countries.Name(o.BuyerCountry),
		MerchantCountry: aggregate.Countries.Name(o.MerchantCountry),
		Province:        aggregate.Provinces.Name(o.Province), City: city, Device: aggregate.Devices.Name(o.Device),
		Channel: aggregate.Channels.Name(o.Channel), Marketplace: r.Marketplaces.Name(o.Marketplace),
		Category: r.Categories.Name(o.Category), Quantity: int64(o.Quantity), EnvelopeMinor: o.EnvelopeMinor,
		NewProduct: [...]string{"", "false", "true"}[o.NewProduct], BuyerSince: since,
	}
}

// FuzzDecode holds the two readings equal on whatever the fuzzer finds, beginning with the golden cases.
func FuzzDecode(f *testing.F) {
	for _, line := range strings.Split(readFile(f, "testdata/records.txt"), "\n") {
		if _, v, ok := strings.Cut(line, "\t"); ok && line[0] != '#' {
			f.Add([]byte(strings.ReplaceAll(v, "GOOD", contractExample[1:len(contractExample)-1])), int64(kafkaMs))
		}
	}
	for _, line := range strings.Split(readFile(f, "testdata/fields.txt"), "\n") {
		if c := strings.Split(line, "\t"); len(c) == 3 {
			f.Add([]byte(with(c[0], expand(c[1]))), int64(kafkaMs))
		}
	}
	p := newPair(f)
	f.Fuzz(func(t *testing.T, value []byte, kafkaMs int64) {
		if _, diff := p.compare(value, kafkaMs); diff != "" {
			t.Fatalf("%s\n%q at %d", diff, value, kafkaMs)
		}
	})
}

// TestAgainstRecount holds the two readings equal on random records: structured ones, then torn by mutations.
func TestAgainstRecount(t *testing.T) {
	n, full := 200_000, true
	if testing.Short() || raceEnabled {
		n, full = 10_000, false
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	p, g := newPair(t), &writer{r: rand.New(rand.NewPCG(seed, 1))}
	reasons := map[string]int{}
	for range n {
		value := g.record()
		at := int64(kafkaMs)
		if g.chance(20) {
			at = int64(g.r.IntN(3)) - 1
		}
		reason, diff := p.compare(value, at)
		if diff != "" {
			t.Fatalf("seed %d: %s\n%q at %d", seed, diff, value, at)
		}
		reasons[reason]++
	}
	t.Log(reasons)
	require.Greater(t, reasons[""], n/10, "too few good records to compare fields")
	for f := range aggregate.Fields {
		require.True(t, !full || reasons[aggregate.Bad(f).String()] > 0, f)
	}
	for _, r := range []aggregate.Reason{aggregate.NotJSON, aggregate.CurrencyUnknown,
		aggregate.Missing(aggregate.FieldPaidAt), aggregate.Future(aggregate.FieldPaidAt)} {
		require.NotZero(t, reasons[r.String()], r)
	}
}
