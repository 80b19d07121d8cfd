package query

import (
	"context"
	"fmt"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// official makes the frame of a whole second and gives it to the store. It is shown when the store has it.
func (p *publisher) official(ctx context.Context, second int64) {
	st := aggregate.FrameState{Seq: p.last.seq + 1, Second: second * 1000, Official: true, Prev: p.last.hash}
	f, ok := p.build(second*1000, st)
	if !ok {
		return
	}
	c := &candidate{frame: f, link: link{second: second, seq: f.Seq, hash: *f.Hash, positions: f.Positions},
		events: p.encode(f, fmt.Sprint(f.Seq), second)}
	for i := len(c.events) - 1; i >= 0; i-- {
		e := c.events[i]
		c.rows = append(c.rows, viewRow{e.view, sql.FrameRow{Second: second, Seq: f.Seq, Hash: *f.Hash, JSON: string(e.event.body)}})
	}
	c.table, c.marks = p.table.next(p.cfg, p.board, c, p.cfg.Clock().UnixMilli())
	p.waiting = c
	p.workers.Go(func() { p.keep(ctx, c) })
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
	began, ledger := time.Now(), p.cfg.prefix()
	for _, r := range c.rows {
		if err := p.cfg.Store.InsertFrames(ctx, ledger, r.view, []sql.FrameRow{r.row}); err != nil {
			return err
		}
	}
	for _, m := range c.marks {
		if err := p.cfg.Store.InsertMilestone(ctx, ledger, m); err != nil {
			return err
		}
	}
	took := time.Since(began)
	p.metrics.storeFrame.Observe(took.Seconds())
	p.times.store.Add(p.cfg.Clock(), took)
	return nil
}

// publish shows a stored frame: from now on it is the chain's end.
func (p *publisher) publish(c *candidate) {
	p.waiting, p.last, p.live, p.table = nil, c.link, 0, c.table
	p.state.failures.store, p.state.official, p.state.table = "", p.cfg.Clock(), c.table
	for _, e := range c.events {
		p.hub.publish(e.view, e.event)
	}
	p.metrics.officials.Inc()
	p.metrics.frameSecond.Set(float64(c.second))
	p.metrics.frameSeq.Set(float64(c.seq))
	if c.frame != nil { // a followed frame is shown as it was stored
		p.metrics.official(c.frame)
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
