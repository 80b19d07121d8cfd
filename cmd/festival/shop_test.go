package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// testFestival is a festival around the present time, with a gap between its windows, and what the standards say.
type testFestival struct {
	windows []testWindow
	rates   []testRate
	known   map[string][]string
	yaml    string
}

type testWindow struct {
	id             string
	startMs, endMs int64
}

type testRate struct {
	currency, rate string
	minor          int
}

// newFestival makes one whose windows opened an hour ago.
func newFestival(t *testing.T) *testFestival {
	t.Helper()
	now := time.Now().Truncate(time.Minute)
	f := &testFestival{
		windows: []testWindow{{"eve", now.Add(-60 * time.Minute).UnixMilli(), now.Add(-30 * time.Minute).UnixMilli()},
			{"day", now.Add(-25 * time.Minute).UnixMilli(), now.Add(24 * time.Hour).UnixMilli()}},
		// 0.125 makes many amounts fall exactly between two fen.
		rates: []testRate{{"CNY", "1", 0}, {"USD", "7.1142", 0}, {"EUR", "7.742", 0}, {"JPY", "0.0478", 0}, {"KWD", "23.16", 0}, {"RUB", "0.125", 0}},
		known: map[string][]string{"country": firstColumn(t, "countries.txt"), "province": firstColumn(t, "provinces.csv")},
	}
	digits := map[string]string{}
	for _, line := range lines(t, "currencies.csv") {
		code, n, _ := strings.Cut(line, ",")
		digits[code] = n
	}
	var rates []string
	for i := range f.rates {
		n, err := strconv.Atoi(digits[f.rates[i].currency])
		require.NoError(t, err)
		f.rates[i].minor = n
		rates = append(rates, fmt.Sprintf("%s: %q", f.rates[i].currency, f.rates[i].rate))
	}
	var windows []string
	for _, w := range f.windows {
		windows = append(windows, fmt.Sprintf("{id: %s, start: %s, end: %s}", w.id, time.UnixMilli(w.startMs).Format(time.RFC3339), time.UnixMilli(w.endMs).Format(time.RFC3339)))
	}
	f.yaml = fmt.Sprintf(`festival:
  id: acceptance
  name: {zh: 验收, en: Acceptance}
  timezone: Asia/Shanghai
  windows: [%s]
  rates: {%s}
  marketplaces: [tmall, tmall_global]
  categories: [beauty, food]
  milestones_cny: [1000, 100000, 10000000]
kafka: {partitions: 4}
`, strings.Join(windows, ", "), strings.Join(rates, ", "))
	return f
}

// write puts the festival into a demo's data directory before its first start.
func (f *testFestival) write(t *testing.T, data string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(data, "festival.yaml"), []byte(f.yaml), 0o600))
}

// lines of a table of the standards, comments left out.
func lines(t *testing.T, name string) (out []string) {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "aggregate", "data", name))
	require.NoError(t, err)
	defer file.Close()
	for s := bufio.NewScanner(file); s.Scan(); {
		if line := s.Text(); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

func firstColumn(t *testing.T, name string) (out []string) {
	for _, line := range lines(t, name) {
		first, _, _ := strings.Cut(line, ",")
		out = append(out, first)
	}
	return out
}

// shop makes records of a festival as no program of ours would: all forms that the contract allows, mixed with
// duplicates, events in no window, wrong keys, unknown codes and every reason to reject one.
type shop struct {
	festival *testFestival
	random   *rand.Rand
	made     int
	bad      int              // records with a fault so far
	faults   []fault          // in turn
	wrong    map[string]int64 // records by the reason for which they must be rejected
	orders   []*kgo.Record    // good ones, to be sent again
}

func newShop(t *testing.T, f *testFestival) *shop {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed of the shop: %d", seed)
	return &shop{festival: f, random: rand.New(rand.NewPCG(seed, 0)), faults: allFaults(), wrong: map[string]int64{}}
}

func (s *shop) chance(one int) bool { return s.random.IntN(one) == 0 }

// pick gives one of the values; they are JSON.
func (s *shop) pick(values ...string) string { return values[s.random.IntN(len(values))] }

// order is a record that is being made: its fields in order, values in JSON.
type order struct {
	key     string
	names   []string
	values  map[string]string
	kafkaMs int64
	eventMs int64
	escaped bool // names are written with an escape
}

func (o *order) set(name, value string) {
	if _, ok := o.values[name]; !ok {
		o.names = append(o.names, name)
	}
	o.values[name] = value
}

func (o *order) text() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, n := range o.names {
		if i > 0 {
			b.WriteByte(',')
		}
		if o.escaped && n != "amount" && n != "red_envelope" { // the outsider looks for those two by their bytes
			fmt.Fprintf(&b, `"\u%04x%s":%s`, n[0], n[1:], o.values[n])
		} else {
			fmt.Fprintf(&b, "%q:%s", n, o.values[n])
		}
	}
	b.WriteByte('}')
	return b.String()
}

// next gives the next record of the stream.
func (s *shop) next() *kgo.Record {
	s.made++
	if len(s.orders) > 0 && s.chance(40) {
		again := *s.orders[s.random.IntN(len(s.orders))]
		if text := string(again.Value); s.chance(4) && len(text) < 65_536 && !strings.Contains(text, `"1000000000`) {
			again.Value = []byte(strings.Replace(text, `"amount":"`, `"amount":"1`, 1)) // other figures: a duplicate too
		}
		return &again
	}
	o := s.order()
	if s.chance(60) {
		return s.spoilt(o)
	}
	if s.chance(100) {
		o.key = s.pick("", "somebody-else")
	}
	text := o.text()
	if s.chance(2000) { // as long as may be
		text = text[:len(text)-1] + `,"long":"` + strings.Repeat("x", 65_536-len(text)-10) + `"}`
	}
	r := o.record(text)
	if len(s.orders) < 20_000 {
		s.orders = append(s.orders, r)
	}
	return r
}

func (o *order) record(value string) *kgo.Record {
	r := &kgo.Record{Value: []byte(value), Timestamp: time.UnixMilli(o.kafkaMs)}
	if o.key != "" {
		r.Key = []byte(o.key)
	}
	return r
}

// spoilt gives a record with the next fault of the list.
func (s *shop) spoilt(o *order) *kgo.Record {
	f := s.faults[s.bad%len(s.faults)]
	s.bad++
	o.escaped = false
	s.wrong[f.reason]++
	return o.record(f.spoil(s, o))
}

// order makes a good order.
func (s *shop) order() *order {
	id := fmt.Sprintf("A%09d", s.made)
	o := &order{key: id, values: map[string]string{}, eventMs: s.instant()}
	o.kafkaMs = o.eventMs + s.random.Int64N(60_000) - 30_000
	if s.chance(50) {
		o.kafkaMs = o.eventMs - 300_000 // as far ahead as may be
	} else if s.chance(500) {
		o.kafkaMs = 0 // no Kafka time: nothing is in the future
	}
	o.escaped = s.chance(20)
	status := s.pick("created", "paid", "paid", "paid", "paid", "paid", "refunded")
	o.set("order_id", strconv.Quote(id))
	o.set("status", strconv.Quote(status))
	o.set(status+"_at", s.written(o.eventMs))
	if status != "created" && s.chance(2) {
		o.set("created_at", s.written(o.eventMs-5000))
	}
	s.money(o)
	o.set("merchant_id", fmt.Sprintf(`"m%d"`, s.random.IntN(500)))
	s.places(o)
	s.extras(o)
	return o
}

// instant is an event time: in one of the windows, at their very edges, in the gap, or long ago.
func (s *shop) instant() int64 {
	eve, day := s.festival.windows[0], s.festival.windows[1]
	now := time.Now().UnixMilli()
	switch s.random.IntN(100) {
	case 0:
		return eve.startMs
	case 1:
		return eve.endMs // outside
	case 2:
		return eve.endMs - 1
	case 3:
		return day.startMs
	case 4:
		return day.startMs - 1 // outside
	case 5:
		return eve.endMs + s.random.Int64N(day.startMs-eve.endMs) // outside
	case 6:
		return eve.startMs - 1 - s.random.Int64N(9_000_000_000) // outside
	case 7, 8, 9, 10, 11, 12, 13, 14, 15:
		return eve.startMs + s.random.Int64N(eve.endMs-eve.startMs)
	}
	return day.startMs + s.random.Int64N(now-day.startMs)
}

// written is an instant in one of the allowed forms.
func (s *shop) written(ms int64) string {
	at := time.UnixMilli(ms)
	switch s.random.IntN(5) {
	case 0:
		return strconv.FormatInt(ms, 10)
	case 1:
		return at.UTC().Format(`"2006-01-02T15:04:05.000Z"`)
	case 2:
		return at.Add(999_999).In(time.FixedZone("", -5*3600-30*60)).Format(`"2006-01-02T15:04:05.000000000-07:00"`) // cut to milliseconds
	}
	return at.In(time.FixedZone("", 8*3600)).Format(`"2006-01-02T15:04:05.000-07:00"`)
}

func (s *shop) money(o *order) {
	r := s.festival.rates[0]
	if s.chance(4) {
		r = s.festival.rates[s.random.IntN(len(s.festival.rates))]
	}
	o.set("currency", strconv.Quote(r.currency))
	o.set("amount", s.amount(r, 1))
}

func (s *shop) amount(r testRate, least int64) string {
	n := least + s.random.Int64N(200_000)
	if s.chance(3000) {
		n = 100_000_000_000 // a thousand million of CNY, the most that may be
		if r.minor != 2 {
			n = least
		}
	}
	text := fmt.Sprintf("%0*d", r.minor+1, n)
	if r.minor > 0 {
		text = text[:len(text)-r.minor] + "." + text[len(text)-r.minor:]
	}
	if s.chance(20) && r.minor > 0 {
		text += "000" // zeros beyond the minor unit say nothing
	}
	if s.chance(3) {
		return text // a JSON number
	}
	return strconv.Quote(text)
}

func (s *shop) places(o *order) {
	countries, provinces := s.festival.known["country"], s.festival.known["province"]
	country := strconv.Quote(countries[s.random.IntN(len(countries))])
	o.set("buyer_country", s.pick(`"CN"`, `"CN"`, `"CN"`, `"RU"`, `"US"`, country, `"ZZ"`, `"cn"`, `""`, "null"))
	if s.chance(2) {
		o.set("merchant_country", s.pick(`"IT"`, `"FR"`, `"CN"`, country, `"QQQ"`))
	}
	if s.chance(2) {
		o.set("province", s.pick(strconv.Quote(provinces[s.random.IntN(len(provinces))]), `"330000"`, `"999999"`, `"浙江"`))
		o.set("city", s.pick(`"330100"`, `"CNSHA"`, `"somewhere"`, `"USNY1"`))
	}
	o.set("device", s.pick(`"app"`, `"app"`, `"app"`, `"mobile_web"`, `"mini_program"`, `"desktop"`, `"store_terminal"`, `"fridge"`, `"App"`, "null"))
	o.set("channel", s.pick(`"online"`, `"livestream"`, `"moon"`))
	o.set("marketplace", s.pick(`"tmall"`, `"tmall_global"`, `"elsewhere"`))
	o.set("category", s.pick(`"beauty"`, `"food"`, `"submarines"`))
}

func (s *shop) extras(o *order) {
	if s.chance(3) {
		o.set("buyer_id", fmt.Sprintf(`"b\u4e70%d\n\""`, s.random.IntN(9999)))
		o.set("quantity", strconv.Itoa(1+s.random.IntN(9)))
	}
	if s.chance(6) {
		o.set("refund_id", fmt.Sprintf(`"r%d"`, s.random.IntN(3)))
		o.set("red_envelope", s.pick("0", `"1"`, "3"))
		o.set("new_product", s.pick("true", "false", "null"))
		o.set("buyer_since", s.pick(`"2016-02-29"`, `"2009-11-11"`))
	}
	if s.chance(10) {
		o.set("Amount", `"-1"`) // names are case-sensitive
		o.set("note", `{"a":[1,2,{"b":"}]\\\" \ud83d\ude00"}],"status":"gone"}`)
		o.set("deep", strings.Repeat("[", 63)+strings.Repeat("]", 63))
		o.set("very long", strconv.Quote(strings.Repeat("长", s.random.IntN(400))))
	}
}
