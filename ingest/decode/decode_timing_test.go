package decode

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/ingest/rehearsal"
)

// orders gives n paid orders of 24 fields whose ids, amounts and places differ, in the contract's field order or,
// with a shuffle, in an order of their own each.
func orders(n int, shuffle, spaced bool) [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	out := make([][]byte, n)
	for i := range out {
		second := r.IntN(60)
		f := []string{
			fmt.Sprintf(`"order_id":"26111100%08d"`, i), `"status":"paid"`,
			fmt.Sprintf(`"created_at":"2026-11-11T00:%02d:%02d.%03d+08:00"`, r.IntN(5), second, r.IntN(1000)),
			fmt.Sprintf(`"paid_at":"2026-11-11T00:%02d:%02d.%03d+08:00"`, r.IntN(5), second, r.IntN(1000)),
			`"currency":"CNY"`, fmt.Sprintf(`"amount":"%d.%02d"`, 1+r.IntN(r.IntN(3000)+1), r.IntN(100)),
			fmt.Sprintf(`"merchant_id":"m%d"`, r.IntN(20000)), fmt.Sprintf(`"buyer_id":"b%d"`, r.IntN(1e7)),
			`"buyer_country":"` + pick("CN", "CN", "CN", "RU") + `"`, `"province":"` + pick("330000", "110000", "440000") + `"`,
			`"city":"` + pick("330100", "330200", "440100") + `"`, `"merchant_country":"` + pick("CN", "IT", "JP") + `"`,
			`"marketplace":"` + pick("taobao", "tmall", "tmall_global") + `"`, `"channel":"` + pick("online", "livestream") + `"`,
			`"device":"` + pick("app", "app", "mobile_web", "desktop") + `"`, `"category":"` + pick("beauty", "food", "electronics") + `"`,
			fmt.Sprintf(`"brand_id":"br%d"`, r.IntN(5000)), fmt.Sprintf(`"product_id":"p%d"`, r.IntN(100000)),
			`"new_product":` + pick("true", "false"), fmt.Sprintf(`"quantity":%d`, 1+r.IntN(3)),
			`"store_id":"s4410"`, `"red_envelope":"10.00"`, `"show_id":"gala-3"`, `"broadcast":"youku"`,
		}
		if shuffle {
			r.Shuffle(len(f), func(i, j int) { f[i], f[j] = f[j], f[i] })
		}
		out[i] = []byte("{" + strings.Join(f, ",") + "}")
		if spaced {
			out[i] = []byte("{" + strings.ReplaceAll(strings.Join(f, ", "), `":`, `": `) + "}")
		}
	}
	return out
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name            string
		shuffle, spaced bool
	}{{"predicted", false, false}, {"spaced", false, true}, {"shuffled", true, false}} {
		b.Run(c.name, func(b *testing.B) {
			values := orders(1024, c.shuffle, c.spaced)
			d, o := New(testRules()), aggregate.Order{}
			bytes, i := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				v := values[i&1023]
				if r := d.Decode(v, kafkaMs, &o); r != aggregate.Accepted {
					b.Fatal(r, string(v))
				}
				bytes += len(v)
				i++
			}
			b.SetBytes(int64(bytes / i))
		})
	}
}

// BenchmarkRehearsal decodes what the rehearsal makes: created, paid and refunded in turn, a third of the fields there or
// not.
func BenchmarkRehearsal(b *testing.B) {
	c := rehearsal.DefaultConfig()
	c.StartMs, c.Rules = kafkaMs, testRules()
	g, err := rehearsal.New(c)
	if err != nil {
		b.Fatal(err)
	}
	var values [][]byte
	var r rehearsal.Record
	for g.Next(&r) && r.AtNs < 20e9 {
		values = append(values, append([]byte(nil), r.Value...))
	}
	values = values[len(values)-1024:]
	d, o, i := New(c.Rules), aggregate.Order{}, 0
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(values[i&1023], 0, &o)
		i++
	}
}

// TestNoAllocations guards the promise that a record costs no allocation, good or bad, plain or escaped.
func TestNoAllocations(t *testing.T) {
	d, o := New(testRules()), aggregate.Order{}
	values := orders(50, true, true)
	values = append(values, []byte(contractExample), []byte(`{"order_id":"\u4e2d\ud83d\ude00","x":{"y":[1,2e9,"z"]}}`),
		[]byte(`{"order_id":1`), nil, make([]byte, aggregate.MaxValueBytes+1))
	require.Zero(t, testing.AllocsPerRun(20, func() {
		for _, v := range values {
			d.Decode(v, kafkaMs, &o)
		}
	}))
}
