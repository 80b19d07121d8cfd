package sql

import (
	"context"
	"fmt"
)

// Closing is what `festival close` fixes for good: from then on figures are answered from its cells.
type Closing struct {
	AtMs      int64     // Unix milliseconds
	Reason    string    // of --anyway, else ""
	FrameHash string    // of the final frame
	FrameJSON string    // its bytes
	Seals     []SealRow // one per partition; End is the closing position
	Cells     []CellRow // sums over all segments, by (window, dim, key, bucket, partition)
}

// InsertClosing stores cells, then seals, then the closing itself: a closing that can be read is whole. The oldest
// closing of a ledger stands. Repeating it does no harm.
func (s *Store) InsertClosing(ctx context.Context, ledger uint64, c Closing) error {
	for start := 0; start < len(c.Cells); start += MaxRows {
		if err := s.insertClosingCells(ctx, ledger, c.AtMs, c.Cells[start:min(start+MaxRows, len(c.Cells))]); err != nil {
			return err
		}
	}
	var seals sealColumns
	seals.push(c.Seals)
	n := len(c.Seals)
	if err := s.insert(ctx, "closing_seals_insert", n, append(closingOf(ledger, c.AtMs, n), seals.columns()...)...); err != nil {
		return err
	}
	reasons, frames, texts := []string{c.Reason}, []string{c.FrameHash}, []string{c.FrameJSON}
	return s.insert(ctx, "closings_insert", 1, append(closingOf(ledger, c.AtMs, 1), textsOf(&reasons), textsOf(&frames), textsOf(&texts))...)
}

func (s *Store) insertClosingCells(ctx context.Context, ledger uint64, atMs int64, rows []CellRow) error {
	cells := s.cells.get()
	defer s.cells.put(cells)
	cells.push(rows)
	return s.insert(ctx, "closing_cells_insert", len(rows), append(closingOf(ledger, atMs, len(rows)), cells.columns()...)...)
}

// closingOf are the columns ledger and closing_ms of n rows.
func closingOf(ledger uint64, atMs int64, n int) []column {
	at := make([]int64, n)
	for i := range at {
		at[i] = atMs
	}
	return []column{ledgerOf(ledger, n), int64s(&at)}
}

// Closing gives the ledger's closing with its seals, without its cells (see ClosingCells); ok false while it is open.
func (s *Store) Closing(ctx context.Context, ledger uint64) (c Closing, ok bool, err error) {
	var at []int64
	var reasons, frames, texts []string
	columns := []column{int64s(&at), textsOf(&reasons), textsOf(&frames), textsOf(&texts)}
	err = s.read(ctx, "closings", []any{named("ledger", ledger)}, columns, func(int) error {
		c, ok = Closing{AtMs: at[0], Reason: reasons[0], FrameHash: frames[0], FrameJSON: texts[0]}, true
		return nil
	})
	if err != nil || !ok {
		return c, ok, err
	}
	err = s.seals(ctx, "closing_seals", []any{named("ledger", ledger), named("closing_ms", c.AtMs)}, func(r SealRow) error {
		c.Seals = append(c.Seals, r)
		return nil
	})
	if err != nil {
		return c, false, fmt.Errorf("closing of ledger: %w", err)
	}
	return c, true, nil
}

// ClosingCells streams the cells of the closing that was made at atMs (Closing.AtMs).
func (s *Store) ClosingCells(ctx context.Context, ledger uint64, atMs int64, row func(CellRow) error) error {
	return s.readCells(ctx, "closing_cells", []any{named("ledger", ledger), named("closing_ms", atMs)}, row)
}
