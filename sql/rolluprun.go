package sql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

const (
	// rollUpKept is how long a roll-up that is not the newest any more stays readable: longer than any query takes.
	rollUpKept = time.Hour
	// rollUpTaken bounds the rows of older runs that a new one takes in; larger runs stay as they are. A reader looks at
	// every run, and a festival's day at a peak has some 20 million rows.
	rollUpTaken = 4_000_000
)

// rolledDims are the dimensions of cells that are rolled up, each in a statement of its own, which bounds its memory.
var rolledDims = []string{"total", "device", "country", "province", "city", "category", "marketplace", "channel", "flow", "merchant", "log"}

// RollUp sums the cells of sealed segments that are not rolled up yet, of all partitions from 0 on, into a new run, and
// makes it count; nil where there are fewer than atLeast such segments. It takes in what earlier runs are not much larger.
// Several processes may do it at once: the newest one counts, and each is whole. Cut off, it leaves rows that count for
// nothing. The engine works on one core meanwhile, about a second for a million cells.
func (s *Store) RollUp(ctx context.Context, ledger uint64, partitions int, now time.Time, atLeast int64) (*RollUp, error) {
	list, err := s.readRollUps(ctx, ledger)
	if err != nil {
		return nil, err
	}
	old := list.newest()
	if old == nil {
		old = noRollUp(list.guard, partitions)
	}
	next, err := s.sealed(ctx, ledger, old)
	if err != nil || next.segments()-old.segments() < atLeast {
		return nil, err
	}
	next.MadeMs = max(now.UnixMilli(), old.MadeMs+1)
	if err := s.makeRun(ctx, ledger, old, next); err != nil {
		return nil, err
	}
	if err := s.insertRollUp(ctx, ledger, next); err != nil {
		return nil, err
	}
	err = s.dropRuns(ctx, ledger, list, now)
	_, read := s.readRollUps(ctx, ledger) // after it: what is forgotten may have lost its runs
	return next, errors.Join(err, read)
}

func noRollUp(guard string, partitions int) *RollUp {
	r := &RollUp{guard: guard, Ends: make([]int64, partitions)}
	for p := range int32(partitions) {
		r.Partitions = append(r.Partitions, p)
	}
	return r
}

// sealed is a roll-up of everything that is sealed, without runs yet.
func (s *Store) sealed(ctx context.Context, ledger uint64, old *RollUp) (*RollUp, error) {
	seals, err := s.LastSeals(ctx, ledger, old.Partitions)
	if err != nil {
		return nil, err
	}
	next := &RollUp{guard: old.guard, Partitions: old.Partitions, Ends: slices.Clone(old.Ends)}
	for i, p := range next.Partitions {
		if seal, ok := seals[p]; ok && seal.Segment >= next.Ends[i] {
			next.Ends[i] = seal.Segment + 1
		}
	}
	return next, nil
}

// makeRun fills a new run and names it in next, with the old ones that it does not take in.
func (s *Store) makeRun(ctx context.Context, ledger uint64, old, next *RollUp) error {
	run := uint64(next.MadeMs)<<16 | rand.Uint64N(1<<16)
	kept := old.keep()
	args := append(old.args(ledger), named("run", run), named("sealed", next.Ends), named("taken", some(old.Runs[kept:])))
	for _, dim := range rolledDims {
		if err := s.conn.Exec(ctx, rolledStatement("rollup_own"), append(args, named("dim", dim))...); err != nil {
			return fmt.Errorf("rollup_own %s: %w", dim, short(err))
		}
	}
	of := []any{named("ledger", ledger), named("run", run)}
	if err := s.conn.Exec(ctx, statement("rollup_coarse"), of...); err != nil {
		return fmt.Errorf("rollup_coarse: %w", short(err))
	}
	var rows []int64
	if err := s.read(ctx, "rollup_rows", of, []column{int64s(&rows)}, func(int) error { next.Rows = []int64{rows[0]}; return nil }); err != nil {
		return err
	}
	next.Runs = append(slices.Clone(old.Runs[:kept]), run)
	next.Rows = append(slices.Clone(old.Rows[:kept]), next.Rows...)
	return nil
}

// keep gives how many of the runs, oldest first, a new run does not take in. Sizes fall to less than a quarter from each
// kept run to the next, but for those too large to be taken, so that there are few runs and a row is written few times.
func (r *RollUp) keep() int {
	n, sum := len(r.Runs), int64(0)
	for n > 0 && sum+r.Rows[n-1] <= rollUpTaken && r.Rows[n-1] <= max(4*sum, rollUpTaken/16) {
		n--
		sum += r.Rows[n]
	}
	return n
}

func (s *Store) insertRollUp(ctx context.Context, ledger uint64, r *RollUp) error {
	document, err := json.Marshal(r)
	if err != nil {
		return err
	}
	made, guard, text := []int64{r.MadeMs}, []string{r.guard}, []string{string(document)}
	return s.insert(ctx, "rollups_insert", 1, ledgerOf(ledger, 1), int64s(&made), textsOf(&guard), textsOf(&text))
}

// dropRuns forgets roll-ups that have not been the newest for rollUpKept, then drops runs that nothing names: a run that
// is being made is younger.
func (s *Store) dropRuns(ctx context.Context, ledger uint64, list *rollUps, now time.Time) error {
	old := now.Add(-rollUpKept).UnixMilli()
	for i := 1; i < len(list.all); i++ {
		if list.all[i-1].MadeMs < old { // what followed it has been the newest since then
			if err := s.conn.Exec(ctx, statement("rollups_forget"), named("ledger", ledger), named("before", list.all[i-1].MadeMs)); err != nil {
				return fmt.Errorf("rollups_forget: %w", short(err))
			}
			break
		}
	}
	named, err := s.namedRuns(ctx)
	if err != nil {
		return err
	}
	var runs []uint64
	if err := s.read(ctx, "rollup_runs", nil, []column{uint64s(&runs)}, func(int) error { return nil }); err != nil {
		return err
	}
	for _, run := range runs {
		if int64(run>>16) < old && !named[run] {
			if err := s.conn.Exec(ctx, statement("rollup_drop")+" '"+strconv.FormatUint(run, 10)+"'"); err != nil {
				return fmt.Errorf("rollup_drop %d: %w", run, short(err))
			}
		}
	}
	return nil
}

// namedRuns are the runs that any ledger's roll-ups name, void ones too.
func (s *Store) namedRuns(ctx context.Context) (map[uint64]bool, error) {
	out := map[uint64]bool{}
	var document []string
	err := s.read(ctx, "rollups_all", nil, []column{textsOf(&document)}, func(n int) error {
		for _, text := range document[:n] {
			var r RollUp
			if err := json.Unmarshal([]byte(text), &r); err != nil {
				return err
			}
			for _, run := range r.Runs {
				out[run] = true
			}
		}
		return nil
	})
	return out, err
}

// ForgetRollUps makes no roll-up count, of any ledger: after a restore, where tables were copied one after the other. The
// next RollUp makes them anew from cells.
func (s *Store) ForgetRollUps(ctx context.Context) error {
	if err := s.conn.Exec(ctx, "TRUNCATE TABLE rollups"); err != nil {
		return fmt.Errorf("forget roll-ups: %w", short(err))
	}
	s.forgetRollUps()
	s.parts.clear()
	return nil
}
