package sql

import (
	"context"
	"math"
)

// readRolled runs the statement name_rolled over the newest roll-up and the cells beyond it, or the statement name over
// all cells where there is no roll-up, or over the closing cells of closingMs where that is not 0. more are the parameters
// that only the first one has.
func (s *Store) readRolled(ctx context.Context, name string, ledger uint64, closingMs int64, args, more []any, columns []column, block func(n int) error) error {
	if closingMs != 0 {
		return s.readClosed(ctx, name, closingMs, append(args, named("ledger", ledger)), columns, block)
	}
	list, err := s.rollUps(ctx, ledger)
	if err != nil {
		return err
	}
	r := list.newest()
	if r == nil {
		return s.read(ctx, name, append(args, named("ledger", ledger)), columns, block)
	}
	return s.readRollUp(ctx, name, ledger, r, append(args, more...), columns, block)
}

func (s *Store) readRollUp(ctx context.Context, name string, ledger uint64, r *RollUp, args []any, columns []column, block func(n int) error) error {
	return s.readText(ctx, name, rolledStatement(name+"_rolled"), append(args, r.args(ledger)...), columns, block)
}

// The widths of the buckets of roll-ups, in seconds; 0 stands for those that cells have.
const (
	minute = 60
	hour   = 3600
)

// grain is the widest bucket of a roll-up that answers a curve exactly.
func (q *SeriesQuery) grain(step int64) uint16 {
	fits := func(wide int64) bool {
		return q.Step%wide == 0 && q.Origin%wide == 0 && q.From%wide == 0 && (q.To == 0 || q.To%wide == 0)
	}
	switch {
	case fits(hour):
		return hour
	case step < minute && fits(minute):
		return minute
	default:
		return 0
	}
}

// grainArgs cut a span into whole hours and, on both sides, whole minutes and the rest, in the buckets of a dimension.
func (sp Span) grainArgs(step int64) []any {
	up := func(v, wide int64) int64 {
		if v > math.MaxInt64-wide {
			return math.MaxInt64
		}
		return (v + wide - 1) / wide * wide
	}
	down := func(v, wide int64) int64 {
		if v == math.MaxInt64 {
			return v
		}
		return v / wide * wide
	}
	from, to := sp.From, sp.end()
	args := func(hourFrom, hourTo, minuteFrom, minuteTo int64) []any {
		return []any{named("hour_from", hourFrom), named("hour_to", hourTo), named("minute_from", minuteFrom), named("minute_to", minuteTo)}
	}
	if step == 0 { // no buckets, nothing but grain 0
		return args(to, to, to, to)
	}
	hourFrom, hourTo := up(from, hour), down(to, hour)
	if hourFrom >= hourTo { // no whole hour
		hourFrom, hourTo = to, to
	}
	minuteFrom, minuteTo := hourFrom, hourTo
	if step < minute {
		minuteFrom, minuteTo = up(from, minute), down(to, minute)
		if minuteFrom >= minuteTo { // no whole minute
			minuteFrom, minuteTo = to, to
		}
		if hourFrom == hourTo { // minutes only: the first condition on minutes takes all of them
			hourFrom, hourTo = minuteTo, minuteTo
		}
	}
	return args(hourFrom, hourTo, minuteFrom, minuteTo)
}
