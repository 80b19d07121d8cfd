package sql

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
)

// MerchantTotal gives a merchant's sums (as Point.M) from cells: as fresh as the newest flush, or those of the closing
// closingMs where that is not 0. Zeros for one who was never seen.
func (s *Store) MerchantTotal(ctx context.Context, ledger uint64, merchant string, window uint8, closingMs int64) (m [7]int64, err error) {
	var c cellColumns
	args := []any{named("ledger", ledger), named("merchant", merchant), named("window", window)}
	err = s.readClosed(ctx, "merchant_total", closingMs, args, c.measures(), func(int) error {
		m = c.measure(0)
		return nil
	})
	return m, err
}

// MerchantQuery asks for one merchant's curve.
type MerchantQuery struct {
	Merchant  string
	Positions map[int32]int64 // by partition: rows below, those of the frame that it is shown with: all of them are stored
	Span
	Step int64 // seconds; 0 is a minute
}

// MerchantSeries gives the points where something was counted, in order of time, from raw rows below the positions. The first
// question for a merchant reads all of them, about a tenth of a second for a million; what it found is remembered
// (RolledPartsBytes), and later ones read the rows since.
func (s *Store) MerchantSeries(ctx context.Context, ledger uint64, q MerchantQuery) (out []Point, err error) {
	if q.Step < 0 {
		return nil, fmt.Errorf("merchant series: step %d s: give a positive number of seconds", q.Step)
	}
	if q.Step == 0 {
		q.Step = minute
	}
	err = s.withRollUps(ctx, ledger, func(ctx context.Context, l *rollUps) error {
		out, err = s.merchantOf(ctx, ledger, l, &q)
		return err
	})
	from, to := at(out, q.From), at(out, q.end())
	to = max(from, to)
	return out[from:to:to], err
}

// at is the place of the first point from a time on.
func at(points []Point, t int64) int {
	i, _ := slices.BinarySearchFunc(points, t, func(p Point, t int64) int { return cmp.Compare(p.T, t) })
	return i
}

// merchantOf adds the rows since to what is remembered of a merchant. A raw row below a frame's positions is stored and never
// becomes another one, but where a gap was signed off and a partition's log is read again from an earlier offset: so with gaps
// nothing is remembered.
func (s *Store) merchantOf(ctx context.Context, ledger uint64, l *rollUps, q *MerchantQuery) ([]Point, error) {
	question := fmt.Sprintf("merchant %d %q %d", ledger, q.Merchant, q.Step)
	known := s.parts.get(question)
	if known == nil || known.guard != l.guard || !below(known.positions, q.Positions) {
		known = &part{}
	}
	args, least := append(positionArgs(ledger, q.Positions), named("merchant", q.Merchant), named("step", q.Step)), int64(math.MaxInt64)
	partitions, _ := split(q.Positions)
	starts := make([]int64, len(partitions))
	for i, p := range partitions {
		starts[i] = known.positions[p]
		least = min(least, starts[i])
	}
	news, err := points(func(columns []column, block func(int) error) error {
		return s.read(ctx, "merchant_series", append(args, named("starts", starts), named("least", least)), columns, block)
	})
	if err != nil {
		return nil, err
	}
	out := plusPoints(news, known.points)
	if len(l.gapPartitions) == 0 {
		s.parts.put(question, &part{points: out, guard: l.guard, positions: maps.Clone(q.Positions)})
	}
	return out, nil
}

// below tells whether no position is above the other one of its partition.
func below(a, b map[int32]int64) bool {
	for p, at := range a {
		if at > b[p] {
			return false
		}
	}
	return true
}
