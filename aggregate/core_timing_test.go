package aggregate

import (
	"fmt"
	"math/rand"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crowd makes orders as a festival has them: 30,000 merchants and 340 cities by Zipf, most buyers from few of 250
// countries, 100,000 orders a second of event time in three active seconds with 2 % late by up to an hour, one created
// for each paid.
type crowd struct {
	rnd                          *rand.Rand
	merchants, cities, countries *rand.Zipf
	rules                        *Rules
	n                            int64
}

func newCrowd(rules *Rules) *crowd {
	rnd := rand.New(rand.NewSource(1))
	return &crowd{rnd: rnd, rules: rules, merchants: rand.NewZipf(rnd, 1.1, 5, 29_999), cities: rand.NewZipf(rnd, 1.2, 2, 339),
		countries: rand.NewZipf(rnd, 1.5, 1, uint64(Countries.Len()-1))}
}

// fill makes the next order in place, as a decoder does.
func (c *crowd) fill(o *Order) {
	code := func(s *Set) uint8 { return uint8(c.rnd.Intn(s.Len())) }
	ms := int64(dayMs+3_600_000) + c.n/100 - c.rnd.Int63n(2000)
	if c.rnd.Intn(50) == 0 {
		ms -= c.rnd.Int63n(3_500_000)
	}
	o.OrderID = strconv.AppendInt(append(o.OrderID[:0], "26111"...), 10_000_000_000+c.n/2, 10)
	o.MerchantID = strconv.AppendUint(append(o.MerchantID[:0], 'm'), 10_000+c.merchants.Uint64(), 10)
	o.City = strconv.AppendUint(o.City[:0], 110_000+c.cities.Uint64()*100, 10)
	o.Status, o.CreatedMs, o.PaidMs = Status(1+c.n%2), ms, ms
	o.AmountMinor, o.Currency = 1+c.rnd.Int63n(100_000), uint8(c.n%7/6)
	o.BuyerCountry, o.MerchantCountry = uint8(c.countries.Uint64()), uint8(c.countries.Uint64())
	o.Province, o.Device, o.Channel = code(Provinces), code(Devices), code(Channels)
	o.Marketplace, o.Category = code(c.rules.Marketplaces), code(c.rules.Categories)
	c.n++
}

func timingRules(t testing.TB) *Rules {
	spec := testSpec()
	spec.Stride, spec.Windows = DefaultStride, []Window{{"day", dayMs, dayMs + 86_400_000}}
	rules, err := NewRules(spec)
	require.NoError(t, err)
	return rules
}

// A record allocates nothing once the tables have the size of a segment.
func TestCountAllocatesNothing(t *testing.T) {
	if raceBuild {
		t.Skip("the race detector allocates")
	}
	rules := timingRules(t)
	core, crowd, orders := NewCore(CoreConfig{Rules: rules}), newCrowd(rules), make([]Order, 4096)
	core.Set().Reserve(1 << 20)
	var offset int64
	for range 4*DefaultStride/len(orders) + 8 { // the reused segments are in use, the open one half full
		for i := range orders {
			crowd.fill(&orders[i])
			_, _, err := core.Count(&orders[i], offset, orders[i].PaidMs, true, true)
			require.NoError(t, err)
			offset++
		}
		var u Update
		core.Drain(offset, Tail{}, &u, nil)
	}
	for i := range orders {
		crowd.fill(&orders[i])
	}
	require.NoError(t, core.Reject(NotJSON, offset, 0, false))
	next := 0
	require.Zero(t, testing.AllocsPerRun(3000, func() {
		o := &orders[next]
		next++
		_, _, err := core.Count(o, offset+2*int64(next), o.PaidMs, false, true)
		if err != nil || core.Reject(NotJSON, offset+2*int64(next)+1, 0, false) != nil {
			panic(fmt.Sprint("record ", next, ": ", err))
		}
	}))
}

// BenchmarkCount is one record through verdict, fingerprint and ten dimensions; then the drains of a flush every
// 20,480 records, with the seals. Records are prepared and counted in chunks. p50 is the median chunk: on a machine
// with other load it is nearer than the mean to what the code takes.
func BenchmarkCount(b *testing.B) {
	const chunk, flush = 256, 80
	rules := timingRules(b)
	core, crowd, orders := NewCore(CoreConfig{Rules: rules}), newCrowd(rules), make([]Order, chunk)
	var u Update
	var seals []Seal
	var counts, drains []time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for i := int64(0); i < int64(b.N); i += chunk {
		for n := range orders {
			crowd.fill(&orders[n])
		}
		begin := time.Now()
		for n := range orders {
			if _, _, err := core.Count(&orders[n], i+int64(n), orders[n].PaidMs, true, false); err != nil {
				b.Fatal(err)
			}
		}
		counts = append(counts, time.Since(begin))
		if i/chunk%flush == flush-1 {
			begin = time.Now()
			u.Cells, u.Progress = u.Cells[:0], u.Progress[:0]
			seals = core.Drain(i+chunk, Tail{}, &u, seals[:0])
			drains = append(drains, time.Since(begin))
		}
	}
	slices.Sort(counts)
	b.ReportMetric(0, "ns/op") // holds the making of the orders
	b.ReportMetric(float64(counts[len(counts)/2].Nanoseconds())/chunk, "p50-count-ns/record")
	b.ReportMetric(float64(counts[len(counts)/10].Nanoseconds())/chunk, "p10-count-ns/record")
	var sum time.Duration
	for _, d := range drains {
		sum += d
	}
	b.ReportMetric(float64(sum.Nanoseconds())/float64(b.N), "drain-ns/record")
	b.ReportMetric(float64(len(drains)), "drains")
}
