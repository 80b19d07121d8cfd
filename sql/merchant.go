package sql

import (
	"context"
	"fmt"
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
	Positions map[int32]int64 // by partition: rows below, those of the frame that it is shown with
	Span
	Step int64 // seconds; 0 is a minute
}

// MerchantSeries gives the points where something was counted, in order of time, from raw rows below the positions.
func (s *Store) MerchantSeries(ctx context.Context, ledger uint64, q MerchantQuery) ([]Point, error) {
	if q.Step < 0 {
		return nil, fmt.Errorf("merchant series: step %d s: give a positive number of seconds", q.Step)
	}
	if q.Step == 0 {
		q.Step = 60
	}
	args := append(positionArgs(ledger, q.Positions), named("merchant", q.Merchant),
		named("from", q.From), named("to", q.end()), named("step", q.Step))
	return points(func(columns []column, block func(int) error) error {
		return s.read(ctx, "merchant_series", args, columns, block)
	})
}
