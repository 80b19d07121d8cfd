package sql

import (
	"context"
	"fmt"
	"strings"
)

// Closing is what `festival close` fixes for good: from then on figures are answered from its cells (CutCells). It is
// offered first (OfferClosing) and stands once its final frame is an official one; a closing that can be read is whole.
type Closing struct {
	AtMs      int64     // Unix milliseconds; the closing's own name beside the ledger
	Who       string    // who closed
	Reason    string    // of --anyway, else ""
	Second    int64     // of the final frame, Unix seconds
	FrameHash string    // of the final frame
	FrameJSON string    // its bytes
	Document  string    // the closing document, canonical JSON (docs/definitions.md)
	Seals     []SealRow // one per partition; First is the log start, End the closing position
}

// CutCells stores the sums of all cells and the progress of each partition as closing cells, in one SELECT on the server:
// the figures of exactly the positions that ClosingProgress then gives. They count for nothing until a closing of the
// same atMs stands. Each attempt wants an atMs of its own: two cuts under one name would mix.
func (s *Store) CutCells(ctx context.Context, ledger uint64, atMs int64) error {
	if err := s.conn.Exec(ctx, statement("closing_cut"), closingArgs(ledger, atMs)...); err != nil {
		return fmt.Errorf("closing_cut: %w", short(err))
	}
	return nil
}

// OfferClosing stores seals, then the closing's row. It stands once its final frame is stored (InsertFrames). Repeating
// it does no harm.
func (s *Store) OfferClosing(ctx context.Context, ledger uint64, c Closing) error {
	var seals sealColumns
	seals.push(c.Seals)
	n := len(c.Seals)
	at := make([]int64, n)
	for i := range at {
		at[i] = c.AtMs
	}
	if err := s.insert(ctx, "closing_seals_insert", n, append([]column{ledgerOf(ledger, n), int64s(&at)}, seals.columns()...)...); err != nil {
		return err
	}
	one, whos, reasons, seconds := []int64{c.AtMs}, []string{c.Who}, []string{c.Reason}, []int64{c.Second}
	hashes, frames, documents := []string{c.FrameHash}, []string{c.FrameJSON}, []string{c.Document}
	return s.insert(ctx, "closings_insert", 1, ledgerOf(ledger, 1), int64s(&one), textsOf(&whos), textsOf(&reasons),
		int64s(&seconds), textsOf(&hashes), textsOf(&frames), textsOf(&documents))
}

// Closing gives the ledger's closing with its seals; ok false while the ledger is open. Serves ask every second.
func (s *Store) Closing(ctx context.Context, ledger uint64) (c Closing, ok bool, err error) {
	offered := false
	var at, second []int64
	err = s.read(ctx, "closings_any", []any{named("ledger", ledger)}, []column{int64s(&at)}, func(int) error {
		offered = true
		return nil
	})
	if err != nil || !offered {
		return c, false, err
	}
	var who, reason, hash, frame, document []string
	columns := []column{int64s(&at), textsOf(&who), textsOf(&reason), int64s(&second), textsOf(&hash), textsOf(&frame), textsOf(&document)}
	err = s.read(ctx, "closings", []any{named("ledger", ledger)}, columns, func(int) error {
		c, ok = Closing{AtMs: at[0], Who: who[0], Reason: reason[0], Second: second[0], FrameHash: hash[0], FrameJSON: frame[0],
			Document: document[0]}, true
		return nil
	})
	if err != nil || !ok {
		return c, ok, err
	}
	err = s.seals(ctx, "closing_seals", closingArgs(ledger, c.AtMs), func(r SealRow) error {
		c.Seals = append(c.Seals, r)
		return nil
	})
	return c, err == nil, err
}

// ClosingCells streams the closing cells of atMs: sums over all segments, by partition, then in the canonical order of a
// seal. Segment is 0, Revision the highest of the cells summed.
func (s *Store) ClosingCells(ctx context.Context, ledger uint64, atMs int64, row func(CellRow) error) error {
	return s.readCells(ctx, "closing_cells", append(closingArgs(ledger, atMs), named("progress", 0)), row)
}

// ClosingProgress gives the progress of each partition at the cut of atMs, by partition: Revision is the position.
func (s *Store) ClosingProgress(ctx context.Context, ledger uint64, atMs int64) ([]CellRow, error) {
	var out []CellRow
	err := s.readCells(ctx, "closing_cells", append(closingArgs(ledger, atMs), named("progress", 1)), func(r CellRow) error {
		out = append(out, r)
		return nil
	})
	return out, err
}

// ClosingSums gives what a board loads of the closing cells of atMs, as BoardSums does of finished segments.
func (s *Store) ClosingSums(ctx context.Context, ledger uint64, atMs int64, row func(CellRow) error) error {
	return s.readCells(ctx, "closing_sums", closingArgs(ledger, atMs), row)
}

func closingArgs(ledger uint64, atMs int64) []any {
	return []any{named("ledger", ledger), named("closing_ms", atMs)}
}

// readClosed runs a statement over the cells as they are now, or the same statement over the closing cells of closingMs
// where that is not 0.
func (s *Store) readClosed(ctx context.Context, name string, closingMs int64, args []any, columns []column, block func(n int) error) error {
	if closingMs == 0 {
		return s.read(ctx, name, args, columns, block)
	}
	return s.readText(ctx, name, ofClosing(statement(name)), append(args, named("closing_ms", closingMs)), columns, block)
}

// ofClosing makes a statement over cells_now one over a closing's cells. A test holds the statements against it.
func ofClosing(text string) string {
	return strings.Replace(text, "FROM cells_now\nWHERE ", "FROM closing_now\nWHERE closing_ms = {closing_ms:Int64} AND ", 1)
}
