package sql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

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
func (s *Store) Breakdown(ctx context.Context, ledger uint64, q BreakdownQuery) (out []KeySum, err error) {
	step, ok := steps[q.Dim]
	if !ok {
		return nil, fmt.Errorf("breakdown: dimension %q is not one of cells", q.Dim)
	}
	if step == 0 && q.Span != (Span{}) {
		return nil, fmt.Errorf("breakdown: dimension %s has no times: ask without from and to", q.Dim)
	}
	args := []any{named("ledger", ledger), named("dim", q.Dim), named("window", q.Window), named("from", q.From), named("to", q.end())}
	if q.ClosingMs != 0 {
		return keySums(func(columns []column, block func(int) error) error {
			return s.readClosed(ctx, "breakdown", q.ClosingMs, args, columns, block)
		})
	}
	err = s.withRollUps(ctx, ledger, func(ctx context.Context, l *rollUps) error {
		out, err = s.breakdownOf(ctx, ledger, l, &q, args, q.grainArgs(step))
		return err
	})
	return out, err
}

// breakdownOf adds up what the runs have of a breakdown and what the cells beyond them have.
func (s *Store) breakdownOf(ctx context.Context, ledger uint64, l *rollUps, q *BreakdownQuery, args, grains []any) ([]KeySum, error) {
	r := l.newest()
	if r == nil {
		return keySums(func(columns []column, block func(int) error) error {
			return s.read(ctx, "breakdown", args, columns, block)
		})
	}
	question := fmt.Sprintf("breakdown %d %s %d %v", ledger, q.Dim, q.Window, q.Span)
	parts, err := s.ofRuns(r, question, func(run uint64) (*part, error) {
		keys, err := keySums(func(columns []column, block func(int) error) error {
			return s.read(ctx, "breakdown_run", slices.Concat(args, grains, []any{named("run", run)}), columns, block)
		})
		return &part{keys: keys}, err
	})
	if err != nil {
		return nil, err
	}
	rest, err := keySums(func(columns []column, block func(int) error) error {
		return s.readBeyond(ctx, "breakdown", ledger, l, slices.Clip(args[1:]), columns, block)
	})
	if err != nil {
		return nil, err
	}
	all := []([]KeySum){rest}
	for _, p := range parts {
		all = append(all, p.keys)
	}
	return plusKeys(all), nil
}

// plusKeys adds sums up by key, largest GMV first, then by key, and leaves out those of which nothing was counted.
func plusKeys(all [][]KeySum) (out []KeySum) {
	at := map[string]int{}
	for _, k := range slices.Concat(all...) {
		i, ok := at[k.Key]
		if !ok {
			i = len(out)
			at[k.Key] = i
			out = append(out, KeySum{Key: k.Key})
		}
		for n, v := range k.M {
			out[i].M[n] += v
		}
	}
	out = slices.DeleteFunc(out, func(k KeySum) bool { return !(&Point{M: k.M}).counts() })
	slices.SortFunc(out, func(a, b KeySum) int { return cmp.Or(cmp.Compare(b.M[1], a.M[1]), cmp.Compare(a.Key, b.Key)) })
	return out
}

// keySums collects a breakdown from a statement that gives key and the measures.
func keySums(read func(columns []column, block func(n int) error) error) (out []KeySum, err error) {
	var keys []string
	var c cellColumns
	err = read(append([]column{textsOf(&keys)}, c.measures()...), func(n int) error {
		for i := range n {
			out = append(out, KeySum{Key: keys[i], M: c.measure(i)})
		}
		return nil
	})
	return out, err
}
