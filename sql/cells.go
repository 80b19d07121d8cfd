package sql

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
)

// tailClasses is how many classes of partitions the index tail of table cells tells apart (schema/0003_cells.sql).
const tailClasses = 16

// InsertCells stores what one flush changed, cells and progress rows together, in one insert: readers see all of it or
// none. At most MaxRows. Repeating it does no harm, and neither does a late one: the highest revision wins.
func (s *Store) InsertCells(ctx context.Context, ledger uint64, rows []CellRow) error {
	c := s.cells.get()
	defer s.cells.put(c)
	c.push(rows)
	return s.insert(ctx, "cells_insert", len(rows), append(append([]column{ledgerOf(ledger, len(rows))}, c.columns()...), uint8s(&c.era))...)
}

// Progress gives the newest progress row of each partition that has one, by partition.
func (s *Store) Progress(ctx context.Context, ledger uint64) ([]CellRow, error) {
	var out []CellRow
	err := s.readCells(ctx, "cells_progress", []any{named("ledger", ledger)}, func(r CellRow) error {
		out = append(out, r)
		return nil
	})
	return out, err
}

// BoardSums gives the sums of all finished segments by (window, dim, key), for dim total by bucket too; other rows have
// bucket 0. Finished are the segments below the first unfinished one of their partition; a partition that is not in
// the map has none. Rows come in no order, with partition, segment and revision 0.
func (s *Store) BoardSums(ctx context.Context, ledger uint64, firstUnfinished map[int32]int64, row func(CellRow) error) error {
	partitions, segments := split(firstUnfinished)
	list, err := s.readRollUps(ctx, ledger) // a known list may name an old roll-up whose runs are gone by now
	if err != nil {
		return err
	}
	for i := range list.all { // a roll-up may hold segments that were not finished when the caller looked
		if r := &list.all[i]; r.within(firstUnfinished) {
			c := s.cells.get()
			defer s.cells.put(c)
			return s.readRollUp(ctx, "cells_sums", ledger, r, []any{named("named", partitions), named("finished", segments)}, c.columns(), eachRow(c, row))
		}
	}
	return s.readCells(ctx, "cells_sums", []any{named("ledger", ledger), named("partitions", partitions), named("finished", segments)}, row)
}

// ErrNoPositions says that a tail was asked for without naming partitions.
var ErrNoPositions = errors.New("no positions: name every partition of the ledger, with 0 where nothing was read")

// Tail gives every cell whose revision is above the position of its partition, with its highest revision, the progress
// rows among them, as one snapshot (one SELECT), in no order. Without news it gives no rows. The caller names every
// partition of the ledger, with 0 where nothing was read: one that is not named gives nothing.
func (s *Store) Tail(ctx context.Context, ledger uint64, positions map[int32]int64, row func(CellRow) error) error {
	if len(positions) == 0 {
		return ErrNoPositions
	}
	return s.readCells(ctx, "cells_tail", tailArgs(ledger, positions), row)
}

// tailArgs: the index knows classes of partitions only, so a class is read from its lowest position; a class that has
// no partition is not read.
func tailArgs(ledger uint64, positions map[int32]int64) []any {
	unsigned := make(map[int32]uint64, len(positions))
	floors := slices.Repeat([]uint64{math.MaxUint64}, tailClasses)
	for p, at := range positions {
		unsigned[p] = uint64(max(at, 0))
		class := p & (tailClasses - 1)
		floors[class] = min(floors[class], unsigned[p])
	}
	partitions, values := split(unsigned)
	args := []any{named("ledger", ledger), named("partitions", partitions), named("positions", values)}
	for class, floor := range floors {
		args = append(args, named("f"+strconv.Itoa(class), floor))
	}
	return args
}

// Cells gives the cells of a partition's segments [first, end) in the canonical order of a seal, by segment, progress
// excepted; end 0 is no bound.
func (s *Store) Cells(ctx context.Context, ledger uint64, partition int32, first, end int64, row func(CellRow) error) error {
	if end == 0 {
		end = math.MaxInt64
	}
	return s.readCells(ctx, "cells_segments", []any{named("ledger", ledger), named("partition", partition),
		named("first", first), named("end", end)}, row)
}

func (s *Store) readCells(ctx context.Context, name string, args []any, row func(CellRow) error) error {
	c := s.cells.get()
	defer s.cells.put(c)
	return s.read(ctx, name, args, c.columns(), eachRow(c, row))
}

func eachRow(c *cellColumns, row func(CellRow) error) func(n int) error {
	return func(n int) error {
		for i := range n {
			if err := row(c.row(i)); err != nil {
				return err
			}
		}
		return nil
	}
}
