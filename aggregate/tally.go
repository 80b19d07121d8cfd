package aggregate

import (
	"cmp"
	"slices"
	"strings"
)

// tally holds the sums of one window, or of all.
type tally struct {
	total     Measures
	devices   ranking
	countries ranking
	provinces ranking
	flows     ranking
	hours     map[int64]*hour // by Unix hour
	changed   bool            // since its lists were made
	lists     lists
}

// hour holds the seconds of one Unix hour.
type hour struct {
	gmv     int64
	seconds [3600]SecondTotal
}

// SecondTotal is what one event second holds so far.
type SecondTotal struct{ Orders, GmvFen, Created int64 }

// ranking is a dimension's sums by key.
type ranking struct {
	rows  []ranked
	index map[string]int32
}

type ranked struct {
	key string
	m   Measures
}

func newTally() tally {
	return tally{hours: map[int64]*hour{}, changed: true, devices: newRanking(), countries: newRanking(),
		provinces: newRanking(), flows: newRanking()}
}

func newRanking() ranking { return ranking{index: map[string]int32{}} }

// add adds to the sums of a cell's dimension; false where one leaves ±MaxSum.
func (t *tally) add(row *int32, c *Cell, m Measures) bool {
	t.changed = true
	switch c.Dim {
	case DimTotal:
		t.second(c.Bucket, m)
		sum, ok := t.total.Add(m)
		t.total = sum
		return ok
	case DimDevice:
		return t.devices.add(row, c.Key, m)
	case DimCountry:
		return t.countries.add(row, c.Key, m)
	case DimProvince:
		return t.provinces.add(row, c.Key, m)
	default:
		return t.flows.add(row, c.Key, m)
	}
}

func (t *tally) second(bucket int64, m Measures) {
	h := t.hours[bucket/3600]
	if h == nil {
		h = &hour{}
		t.hours[bucket/3600] = h
	}
	s := &h.seconds[bucket%3600]
	s.Orders, s.GmvFen, s.Created = s.Orders+m.Orders, s.GmvFen+m.GmvFen, s.Created+m.Created
	h.gmv += m.GmvFen
}

// at gives what a Unix second holds.
func (t *tally) at(second int64) SecondTotal {
	if h := t.hours[second/3600]; h != nil && second >= 0 {
		return h.seconds[second%3600]
	}
	return SecondTotal{}
}

// add adds to the row of a key. at is where the caller keeps the row's index plus one, 0 where it has none yet.
func (r *ranking) add(at *int32, key string, m Measures) bool {
	if *at == 0 {
		*at = r.row(key) + 1
	}
	row := &r.rows[*at-1]
	sum, ok := row.m.Add(m)
	row.m = sum
	return ok
}

// row finds the row of a key, or makes it. The key is copied: a core's keys share one block of memory.
func (r *ranking) row(key string) int32 {
	i, ok := r.index[key]
	if !ok {
		key, i = strings.Clone(key), int32(len(r.rows))
		r.index[key] = i
		r.rows = append(r.rows, ranked{key: key})
	}
	return i
}

// sum adds the rows up. Each is within ±MaxSum and there are fewer than 2^10 where this is asked: nothing wraps.
func (r *ranking) sum() Measures {
	var out Measures
	for i := range r.rows {
		out, _ = out.Add(r.rows[i].m)
	}
	return out
}

// largest gives the rows with orders, largest GMV first, then by key; at most n of them.
func (r *ranking) largest(n int) []ranked {
	var out []ranked
	for i := range r.rows {
		row := &r.rows[i]
		if row.m.Orders <= 0 || len(out) == n && compareRanked(*row, out[n-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(out, *row, compareRanked)
		if len(out) == n {
			out = out[:n-1]
		}
		out = slices.Insert(out, at, *row)
	}
	return out
}

func compareRanked(a, b ranked) int {
	return cmp.Or(cmp.Compare(b.m.GmvFen, a.m.GmvFen), cmp.Compare(a.key, b.key))
}

// lists are a tally's rows as a frame shows them. They are made anew after a change and never written again.
type lists struct {
	devices   []Share
	countries []Country
	provinces []Share
	flows     []Share
}

// MaxFlows is how many flows a frame shows (CONTRACT.md §4).
const MaxFlows = 60

// show gives the lists as of now. A tally that did not change costs nothing.
func (t *tally) show() lists {
	if t.changed {
		t.lists = lists{shares(t.devices.largest(MaxSet + 1)), countryRows(t.countries.largest(MaxSet + 1)),
			shares(t.provinces.largest(MaxSet + 1)), shares(t.flows.largest(MaxFlows))}
		t.changed = false
	}
	return t.lists
}

func shares(rows []ranked) []Share {
	out := make([]Share, len(rows))
	for i, r := range rows {
		out[i] = Share{Key: r.key, GmvFen: r.m.GmvFen, Orders: r.m.Orders}
	}
	return out
}

func countryRows(rows []ranked) []Country {
	out := make([]Country, len(rows))
	for i, r := range rows {
		out[i] = Country{r.key, r.m.GmvFen, r.m.Orders, r.m.MobileGmvFen, r.m.MobileOrders}
	}
	return out
}
