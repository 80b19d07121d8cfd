package query

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"festival/aggregate"
	"festival/sql"
)

// closed is a closed festival as it is shown: a board of the closing cells, which never changes again. Frames are made of
// it as of the moment of the close; only what came after is counted on, by the publisher's own board.
type closed struct {
	ms        int64            // Closing.AtMs: the moment of the close and the name of its cells
	board     *aggregate.Board // belongs to the publisher's goroutine
	positions aggregate.Positions
	paid      aggregate.Measures // all windows together
	gaps      []aggregate.Gap    // what was incomplete at the close
}

// newClosed makes a board of the partitions' progress and pulses at a moment; the figures are loaded by fill.
func (p *publisher) newClosed(atMs int64, progress []sql.CellRow, pulses []sql.PulseRow) (*closed, error) {
	c := &closed{ms: atMs, board: p.newBoard()}
	var u aggregate.Update
	for _, r := range progress {
		u.Progress = append(u.Progress, progressOf(r))
	}
	if err := c.board.Fold(u); err != nil {
		return nil, err
	}
	for _, r := range pulses {
		c.board.Pulse(pulseOf(r))
	}
	c.positions, c.gaps = c.board.Positions(), c.board.Incomplete(atMs)
	return c, nil
}

// fill loads the figures of the closing cells.
func (c *closed) fill(ctx context.Context, store Store, ledger uint64) error {
	var sums []aggregate.Cell
	if err := store.ClosingSums(ctx, ledger, c.ms, collect(&sums)); err != nil {
		return err
	}
	if err := c.board.Load(sums); err != nil {
		return err
	}
	c.paid = c.board.Sum()
	return nil
}

// loadClosed reads a closing that stands.
func (p *publisher) loadClosed(ctx context.Context, row sql.Closing) (*closed, error) {
	var doc ClosingDocument
	if err := json.Unmarshal([]byte(row.Document), &doc); err != nil {
		return nil, fmt.Errorf("closing document: %w", err)
	}
	progress, err := p.cfg.Store.ClosingProgress(ctx, p.cfg.prefix(), row.AtMs)
	if err != nil {
		return nil, err
	}
	c, err := p.newClosed(row.AtMs, progress, doc.pulses())
	if err != nil {
		return nil, err
	}
	c.gaps = doc.Incomplete
	return c, c.fill(ctx, p.cfg.Store, p.cfg.prefix())
}

// state is what a frame of a closed festival says beside its figures. live is the board of all that was counted since; as
// long as it has not reached the close, as after a restart of its feed, nothing is said to have come after.
func (c *closed) state(st *aggregate.FrameState, live *aggregate.Board) {
	st.Closed, st.Certainty, st.Gaps, st.After = true, "final", c.gaps, maps.Clone(c.positions)
	at := live.Positions()
	for p, position := range c.positions {
		if at[p] < position {
			return
		}
	}
	now := live.Sum()
	st.AfterClose, st.AfterCloseFen, st.After = now.Orders-c.paid.Orders, now.GmvFen-c.paid.GmvFen, at
}

// closedFor gives the closed festival that a frame is to be made of: the one that stands, else for an official frame the one that
// is offered, else nil.
func (p *publisher) closedFor(official bool) *closed {
	if p.closed == nil && official && p.offer != nil {
		return p.offer.closed
	}
	return p.closed
}

// boardOf is the board that official or live frames are made of.
func (p *publisher) boardOf(official bool) *aggregate.Board {
	if c := p.closedFor(official); c != nil {
		return c.board
	}
	return p.board
}

// close makes a closed festival the shown one.
func (p *publisher) close(c *closed) {
	p.closed, p.state.closingMs, p.dirty = c, c.ms, true
	p.setUndone("")
	p.metrics.closed.Set(1)
	p.show()
}
