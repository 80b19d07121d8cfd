package sql

import (
	"context"
	"fmt"
	"math"
	"time"

	"golang.org/x/sync/errgroup"
)

// rollUpsAge is how old a list of roll-ups may be to be asked with, while it is read anew beside: its runs stay for
// rollUpKept.
const rollUpsAge = rollUpKept / 4

// withRollUps asks with the ledger's roll-ups and gaps. An old list is used while the new one is read beside it; where the
// gaps are others by now, what ask found is void and it asks again. So an answer is of the gaps at some moment since the
// question, or of a second before it (rollUpsFor). ask may be called twice.
func (s *Store) withRollUps(ctx context.Context, ledger uint64, ask func(context.Context, *rollUps) error) error {
	known := s.knownRollUps(ledger)
	if known == nil || time.Since(known.read) > rollUpsAge {
		list, err := s.readRollUps(ctx, ledger)
		if err != nil {
			return err
		}
		return ask(ctx, list)
	}
	if time.Since(known.read) < rollUpsFor {
		return ask(ctx, known)
	}
	var now *rollUps
	both, within := errgroup.WithContext(ctx)
	both.Go(func() (err error) { now, err = s.readRollUps(within, ledger); return err })
	both.Go(func() error { return ask(within, known) })
	if err := both.Wait(); err != nil || now.guard == known.guard {
		return err
	}
	return ask(ctx, now)
}

// readRollUp runs the statement name_rolled over a roll-up and the cells beyond it.
func (s *Store) readRollUp(ctx context.Context, name string, ledger uint64, r *RollUp, args []any, columns []column, block func(n int) error) error {
	return s.readText(ctx, name, rolledStatement(name+"_rolled"), append(args, r.args(ledger)...), columns, block)
}

// readBeyond runs the statement name_beyond over the cells that a roll-up does not hold, of the eras that its gaps make
// count.
func (s *Store) readBeyond(ctx context.Context, name string, ledger uint64, l *rollUps, args []any, columns []column, block func(n int) error) error {
	return s.readText(ctx, name, l.beyond(name+"_beyond"), append(args, l.args(ledger)...), columns, block)
}

// ofRuns gives what each run of a roll-up says to a question, the newest run first, from memory where it is there: a run
// never changes. read asks the store.
func (s *Store) ofRuns(r *RollUp, question string, read func(run uint64) (*part, error)) ([]*part, error) {
	out := make([]*part, len(r.Runs))
	for i, run := range r.Runs {
		of := fmt.Sprintf("%d %s", run, question)
		p := s.parts.get(of)
		if p == nil {
			var err error
			if p, err = read(run); err != nil {
				return nil, err
			}
			s.parts.put(of, p)
		}
		out[len(out)-1-i] = p
	}
	return out, nil
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
