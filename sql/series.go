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
func (s *Store) Series(ctx context.Context, ledger uint64, q SeriesQuery) (out []Point, err error) {
	step, ok := steps[q.Dim]
	if !ok || step == 0 {
		return nil, fmt.Errorf("series: dimension %q has no curve", q.Dim)
	}
	if q.Step <= 0 || q.Step%step != 0 {
		return nil, fmt.Errorf("series: step %d s of dimension %s: give a multiple of %d s", q.Step, q.Dim, step)
	}
	args := []any{named("ledger", ledger), named("dim", q.Dim), named("key", q.Key), named("window", q.Window),
		named("from", q.From), named("to", q.end()), named("step", q.Step), named("origin", q.Origin)}
	if q.ClosingMs != 0 {
		return points(func(columns []column, block func(int) error) error {
			return s.readClosed(ctx, "series", q.ClosingMs, args, columns, block)
		})
	}
	err = s.withRollUps(ctx, ledger, func(ctx context.Context, l *rollUps) error {
		out, err = s.seriesOf(ctx, ledger, l, &q, args, q.grain(step))
		return err
	})
	return out, err
}

// seriesOf adds up what the runs have of a curve and what the cells beyond them have.
func (s *Store) seriesOf(ctx context.Context, ledger uint64, l *rollUps, q *SeriesQuery, args []any, grain uint16) ([]Point, error) {
	r := l.newest()
	if r == nil {
		return points(func(columns []column, block func(int) error) error {
			return s.read(ctx, "series", args, columns, block)
		})
	}
	question := fmt.Sprintf("series %d %d %s %q %d %v %d %d", ledger, grain, q.Dim, q.Key, q.Window, q.Span, q.Step, q.Origin)
	parts, err := s.ofRuns(r, question, func(run uint64) (*part, error) {
		p, err := points(func(columns []column, block func(int) error) error {
			return s.read(ctx, "series_run", append(slices.Clip(args), named("run", run), named("grain", grain)), columns, block)
		})
		return &part{points: slices.Clip(merged(p))}, err
	})
	if err != nil {
		return nil, err
	}
	rest, err := points(func(columns []column, block func(int) error) error {
		return s.readBeyond(ctx, "series", ledger, l, slices.Clip(args[1:]), columns, block)
	})
	if err != nil {
		return nil, err
	}
	out := merged(rest)
	for _, p := range parts {
		out = plusPoints(out, p.points)
	}
	if out = slices.DeleteFunc(out, func(p Point) bool { return !p.counts() }); len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// counts tells whether anything was counted.
func (p *Point) counts() bool { return p.M[0] != 0 || p.M[1] != 0 || p.M[4] != 0 || p.M[5] != 0 }

func (p *Point) add(o *Point) {
	for i, v := range o.M {
		p.M[i] += v
	}
}

// merged puts points into order, one of each time, in their own memory.
func merged(all []Point) []Point {
	byTime := func(a, b Point) int { return cmp.Compare(a.T, b.T) }
	if !slices.IsSortedFunc(all, byTime) {
		slices.SortFunc(all, byTime)
	}
	out := all[:0]
	for _, p := range all {
		if n := len(out) - 1; n >= 0 && out[n].T == p.T {
			out[n].add(&p)
		} else {
			out = append(out, p)
		}
	}
	return out
}

// plusPoints adds two curves, each in order of time with one point of each, into new memory.
func plusPoints(a, b []Point) []Point {
	out := make([]Point, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].T < b[0].T:
			out, a = append(out, a[0]), a[1:]
		case b[0].T < a[0].T:
			out, b = append(out, b[0]), b[1:]
		default:
			out = append(out, a[0])
			out[len(out)-1].add(&b[0])
			a, b = a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
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
