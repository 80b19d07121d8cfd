package sql

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// AnyWindow in a query takes all windows together: a season.
const AnyWindow uint8 = 255

// steps are the widths of the dimensions' buckets in seconds (DESIGN.md §3), 0 for dimensions without buckets.
var steps = map[string]int64{"total": 1, "device": 1, "country": 1, "province": 60, "city": 60, "category": 60,
	"marketplace": 60, "channel": 60, "flow": 60, "merchant": 0}

// Span bounds event time: [From, To) in Unix seconds; To 0 is no bound.
type Span struct{ From, To int64 }

func (sp Span) end() int64 {
	if sp.To == 0 {
		return math.MaxInt64
	}
	return sp.To
}

// SeriesQuery asks for one key's curve.
type SeriesQuery struct {
	Dim    string // total, device, country, province, city, category, marketplace, channel, flow
	Key    string // "" for total
	Window uint8  // index, or AnyWindow
	Span
	Step   int64 // seconds: a multiple of the dimension's step (1 or 60)
	Origin int64 // Unix second at which some step begins (for days of a time zone), 0: the epoch

	ClosingMs int64 // answer from the closing cells of Closing.AtMs; 0: from the cells as they are now
}

// Point is what was counted in [T, T+Step).
type Point struct {
	T int64    // Unix second
	M [7]int64 // orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen
}

// Series gives the points where something was counted, in order of time, from stored cells.
func (s *Store) Series(ctx context.Context, ledger uint64, q SeriesQuery) ([]Point, error) {
	step, ok := steps[q.Dim]
	if !ok || step == 0 {
		return nil, fmt.Errorf("series: dimension %q has no curve", q.Dim)
	}
	if q.Step <= 0 || q.Step%step != 0 {
		return nil, fmt.Errorf("series: step %d s of dimension %s: give a multiple of %d s", q.Step, q.Dim, step)
	}
	args := []any{named("dim", q.Dim), named("key", q.Key), named("window", q.Window),
		named("from", q.From), named("to", q.end()), named("step", q.Step), named("origin", q.Origin)}
	all, err := points(func(columns []column, block func(int) error) error {
		return s.readRolled(ctx, "series", ledger, q.ClosingMs, args, []any{named("grain", q.grain(step))}, columns, block)
	})
	return merged(all), err
}

// merged puts points into order, one of each time, and leaves out those where nothing was counted.
func merged(all []Point) []Point {
	byTime := func(a, b Point) int { return cmp.Compare(a.T, b.T) }
	if !slices.IsSortedFunc(all, byTime) {
		slices.SortFunc(all, byTime)
	}
	out := all[:0]
	for _, p := range all {
		if n := len(out) - 1; n >= 0 && out[n].T == p.T {
			for i, v := range p.M {
				out[n].M[i] += v
			}
		} else {
			out = append(out, p)
		}
	}
	return slices.DeleteFunc(out, func(p Point) bool { return p.M[0] == 0 && p.M[1] == 0 && p.M[4] == 0 && p.M[5] == 0 })
}

// points collects a curve from a statement that gives t and the measures.
func points(read func(columns []column, block func(n int) error) error) (out []Point, err error) {
	var t []int64
	var c cellColumns
	err = read(append([]column{int64s(&t)}, c.measures()...), func(n int) error {
		out = slices.Grow(out, n)
		for i := range n {
			out = append(out, Point{T: t[i], M: c.measure(i)})
		}
		return nil
	})
	return out, err
}

// BreakdownQuery asks for all keys of a dimension.
type BreakdownQuery struct {
	Dim    string // as SeriesQuery.Dim, and merchant
	Window uint8  // index, or AnyWindow
	Span          // whole buckets that begin in it; not for merchant, whose cells have no bucket

	ClosingMs int64 // as SeriesQuery.ClosingMs
}

// KeySum is one key's sums.
type KeySum struct {
	Key string
	M   [7]int64 // as Point.M
}

// Breakdown gives all keys with anything counted, largest GMV first, then by key, from stored cells.
func (s *Store) Breakdown(ctx context.Context, ledger uint64, q BreakdownQuery) ([]KeySum, error) {
	step, ok := steps[q.Dim]
	if !ok {
		return nil, fmt.Errorf("breakdown: dimension %q is not one of cells", q.Dim)
	}
	if step == 0 && q.Span != (Span{}) {
		return nil, fmt.Errorf("breakdown: dimension %s has no times: ask without from and to", q.Dim)
	}
	var keys []string
	var c cellColumns
	var out []KeySum
	args := []any{named("dim", q.Dim), named("window", q.Window), named("from", q.From), named("to", q.end())}
	err := s.readRolled(ctx, "breakdown", ledger, q.ClosingMs, args, q.grainArgs(step), append([]column{textsOf(&keys)}, c.measures()...), func(n int) error {
		for i := range n {
			out = append(out, KeySum{Key: keys[i], M: c.measure(i)})
		}
		return nil
	})
	return out, err
}
