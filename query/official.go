package query

import (
	"context"
	"fmt"
	"slices"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// official makes the frame of a whole second and gives it to the store or, where several serves agree by a topic, to the
// topic. It is shown when the store has it.
func (p *publisher) official(ctx context.Context, second int64) {
	c, ok := p.candidate(second)
	switch {
	case !ok:
	case p.cfg.Frames != nil:
		p.appending = true
		record := c.propose(p.cfg.ledgerHex(), p.cfg.Instance)
		p.workers.Go(func() { p.append(ctx, c, record) })
	default:
		p.waiting = c
		p.workers.Go(func() { p.keep(ctx, c) })
	}
}

// candidate makes the official frame of a second, with all that is stored with it.
func (p *publisher) candidate(second int64) (*candidate, bool) {
	st := aggregate.FrameState{Seq: p.last.seq + 1, Second: second * 1000, Official: true, Prev: p.last.hash}
	f, ok := p.build(second*1000, st)
	if !p.finish(f, ok, second) {
		return nil, false
	}
	c := &candidate{frame: f, link: linkTo(f, second, f.Seq, *f.Hash), prev: p.last, offer: p.offerRow(),
		events: p.encode(f, fmt.Sprint(f.Seq), second)}
	c.rows = c.viewRows()
	c.table, c.marks = p.table.next(p.cfg, p.boardOf(true), c, p.cfg.Clock().UnixMilli())
	return c, true
}

// viewRows are the rows of a frame in the order in which they are stored.
func (c *candidate) viewRows() []viewRow {
	var rows []viewRow
	for _, e := range slices.Backward(c.events) {
		rows = append(rows, viewRow{e.view, sql.FrameRow{Second: c.second, Seq: c.seq, Hash: c.hash, JSON: string(e.event.body)}})
	}
	return rows
}

// The waits between attempts to store a frame, and the time for one.
const (
	keepFirst  = 50 * time.Millisecond
	keepLast   = time.Second
	keepWithin = 10 * time.Second
)

// keep stores a candidate, again and again, until the store has acknowledged all of it or ctx ends.
func (p *publisher) keep(ctx context.Context, c *candidate) {
	for wait := keepFirst; ; wait = min(2*wait, keepLast) {
		err := p.store(ctx, c)
		if err == nil {
			send(ctx, p.kept, c)
			return
		}
		p.metrics.storeFailures.Inc()
		p.log.Warn("official frame not stored yet", "second", c.second, "seq", c.seq, "error", err)
		if !send(ctx, p.refused, err) || !sleep(ctx, wait) {
			return
		}
	}
}

// store writes the windows' frames, then the whole one, then the milestones that it was the first to show.
func (p *publisher) store(ctx context.Context, c *candidate) error {
	ctx, cancel := context.WithTimeout(ctx, keepWithin)
	defer cancel()
	if err := p.storeOffer(ctx, c); err != nil {
		return err
	}
	began, run := time.Now(), []*candidate{c}
	missing, err := p.missing(ctx, run)
	if err != nil {
		return err
	}
	if err := p.insert(ctx, missing, run); err != nil {
		return err
	}
	took := time.Since(began)
	p.metrics.storeFrame.Observe(took.Seconds())
	p.times.store.Add(p.cfg.Clock(), took)
	return nil
}

// missing gives the frames of a run of the chain that the store lacks; errForked where it has others.
func (p *publisher) missing(ctx context.Context, run []*candidate) ([]*candidate, error) {
	prev := run[0].prev
	heads, err := p.cfg.Store.FrameHeads(ctx, p.cfg.prefix(), "", prev.second, len(run)+1)
	if err != nil {
		return nil, err
	}
	return unstored(prev, run, heads)
}

// insert writes frames, one insert a view, the whole festival's last, and then the milestone records of a run.
func (p *publisher) insert(ctx context.Context, frames, run []*candidate) error {
	for i, view := range slices.Backward(p.cfg.views()) {
		var rows []sql.FrameRow
		for _, c := range frames {
			rows = append(rows, c.rows[len(c.rows)-1-i].row)
		}
		if len(rows) == 0 {
			break
		}
		if err := p.cfg.Store.InsertFrames(ctx, p.cfg.prefix(), view, rows); err != nil {
			return err
		}
	}
	for _, c := range run {
		for _, m := range c.marks {
			if err := p.cfg.Store.InsertMilestone(ctx, p.cfg.prefix(), m); err != nil {
				return err
			}
		}
	}
	return nil
}

// publish shows a stored frame: from now on it is the chain's end. One that is not newer than what is shown, because the
// board was loaded again meanwhile, is not shown.
func (p *publisher) publish(c *candidate) {
	p.waiting = nil
	if c.seq <= p.last.seq {
		return
	}
	p.last, p.live, p.table = c.link, 0, c.table
	p.shown.Store(c.second)
	p.state.failures.store, p.state.official, p.state.table = "", p.cfg.Clock(), c.table
	p.settle(c.hash)
	for _, e := range c.events {
		p.hub.publish(e.view, e.event)
	}
	p.metrics.officials.Inc()
	p.metrics.frameSecond.Set(float64(c.second))
	p.metrics.frameSeq.Set(float64(c.seq))
	p.metrics.boardSize(p.board.Size())
	if c.frame != nil { // one that was read from the store is shown as it was stored
		p.metrics.says(c.frame)
	}
	p.show()
}

// send gives a value to the board's goroutine; false when ctx ended first.
func send[T any](ctx context.Context, to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// sleep waits; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
