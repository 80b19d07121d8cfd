package query

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// How a festival is closed (DESIGN.md §2). `festival close` stores a request; the process that makes the official frames
// takes it up, so that one goroutine orders the cut and the frames:
//
//  1. Its board folds nothing more: official frames go on each second, at positions that the store has long passed.
//  2. One SELECT in the store sums all cells with their progress: the closing cells. The positions are at or above those of
//     every official frame, because frames are made of what the store has acknowledged.
//  3. Seals are made, and the closing is offered: its row names the final frame.
//  4. The final frame is the next official one, made of the closing cells. That it is official is the close: before, there
//     is an offer that nobody reads; after, all is there.
//
// A frame of another process that comes between makes the final frame lose, as any other: its offer is void, and the next
// attempt cuts anew, at or above that frame.
const (
	recordsEvery  = time.Second     // looks at closings, requests and holds
	requestWithin = 5 * time.Minute // an older request has lost whoever made it
	cutWithin     = 5 * time.Minute
	offerWithin   = 30 * time.Second
)

// offer is a closing whose final frame is not official yet.
type offer struct {
	closed  *closed
	request sql.CloseRequest
	parts   closingParts
	row     *sql.Closing // names its final frame, nil before that is made
	done    chan error   // nil where it stands, errLost to try again; one place
}

// finish makes the row that offers the closing with the official frame just made, where one is offered. A frame that is
// refused makes the offer void: the next attempt cuts anew.
func (p *publisher) finish(f *aggregate.Frame, ok bool, second int64) bool {
	if p.offer == nil {
		return ok
	}
	if !ok {
		p.endOffer(errors.New(p.state.failures.build))
		return false
	}
	row, err := p.offer.closing(p.cfg, f, second)
	if err != nil {
		p.endOffer(err)
		return false
	}
	p.offer.row = &row
	return true
}

// storeOffer stores the offer of a final frame, which comes before the frame; nothing for any other frame.
func (p *publisher) storeOffer(ctx context.Context, c *candidate) error {
	if c.offer == nil {
		return nil
	}
	return p.cfg.Store.OfferClosing(ctx, p.cfg.prefix(), *c.offer)
}

// offerRow is the row that has to be stored before the final frame, nil for any other frame.
func (p *publisher) offerRow() *sql.Closing {
	if p.offer == nil {
		return nil
	}
	return p.offer.row
}

// settle says what an official frame means for the offer: it is the final one, or another one came between.
func (p *publisher) settle(hash string) {
	switch o := p.offer; {
	case o == nil || o.row == nil:
	case o.row.FrameHash == hash:
		p.close(o.closed)
		p.endOffer(nil)
	default:
		p.endOffer(errLost)
	}
}

// errLost says that another process's frame came before the final one.
var errLost = errors.New("another process's frame came between")

func (p *publisher) endOffer(err error) {
	p.offer.done <- err
	p.offer = nil
}

// watchRecords takes up what people ask for, until ctx ends: holds, and a close.
func (p *publisher) watchRecords(ctx context.Context) {
	for sleep(ctx, p.untilRecords()) {
		err := p.readRecords(ctx)
		if err == nil && !p.cfg.Follow {
			err = p.answerRequest(ctx)
		}
		if err != nil && ctx.Err() == nil {
			p.log.Warn("closings and holds: trying again", "error", err)
		}
	}
}

// answerRequest closes if that was asked for.
func (p *publisher) answerRequest(ctx context.Context) error {
	if p.status.Load().closingMs != 0 || p.cfg.Frames != nil && !p.topic.holds() {
		return nil
	}
	since := p.cfg.Clock().Add(-requestWithin).UnixMilli()
	request, ok, err := p.cfg.Store.CloseAsked(ctx, p.cfg.prefix(), since)
	if err != nil || !ok {
		return err
	}
	if undone := p.status.Load().failures.undone; undone != "" {
		return p.cfg.Store.AnswerClose(ctx, p.cfg.prefix(), request.AtMs, p.cfg.Clock().UnixMilli(), undone)
	}
	p.log.Info("closing", "who", request.Who, "anyway", request.Anyway)
	if err := p.do(ctx, func() { p.holding = true }); err != nil {
		return err
	}
	err = p.attempt(ctx, request)
	return errors.Join(err, p.do(ctx, func() { p.holding = false }))
}

// attempt makes one offer and waits what becomes of it; one that lost is tried again at the next look.
func (p *publisher) attempt(ctx context.Context, request sql.CloseRequest) error {
	cut, cancel := context.WithTimeout(ctx, cutWithin)
	defer cancel()
	o, err := p.cut(cut, request)
	if err != nil || o == nil {
		return err
	}
	if err := p.do(ctx, func() { p.offer = o }); err != nil {
		return err
	}
	t := time.NewTimer(offerWithin)
	defer t.Stop()
	select {
	case err := <-o.done:
		p.log.Info("closing was offered", "ms", o.closed.ms, "refused", err)
		if err == nil || errors.Is(err, errLost) {
			return nil
		}
		return p.cfg.Store.AnswerClose(ctx, p.cfg.prefix(), request.AtMs, p.cfg.Clock().UnixMilli(), "no final frame could be made: "+err.Error())
	case <-t.C:
		return p.do(ctx, func() {
			if p.offer == o && p.waiting == nil {
				p.offer = nil
			}
		})
	case <-ctx.Done():
		return nil
	}
}

// cut takes the figures of this moment; nil where the request had to be refused.
func (p *publisher) cut(ctx context.Context, request sql.CloseRequest) (*offer, error) {
	store, ledger, now := p.cfg.Store, p.cfg.prefix(), p.cfg.Clock().UnixMilli()
	pulses, err := store.Pulses(ctx, ledger) // before the cut: it is at or past the ends that they say
	if err != nil {
		return nil, err
	}
	if err := store.CutCells(ctx, ledger, now); err != nil {
		return nil, err
	}
	progress, err := store.ClosingProgress(ctx, ledger, now)
	if err != nil {
		return nil, err
	}
	c, err := p.newClosed(now, progress, pulses)
	if err != nil {
		return nil, err
	}
	if problems := p.cfg.unfinished(c); len(problems) > 0 && request.Anyway == "" {
		return nil, store.AnswerClose(ctx, ledger, request.AtMs, now, strings.Join(problems, "\n"))
	}
	if err := c.fill(ctx, store, ledger); err != nil {
		return nil, err
	}
	o := &offer{closed: c, request: request, done: make(chan error, 1)}
	o.parts, err = p.parts(ctx, c, progress, pulses)
	return o, err
}

// unfinished says why a festival should not be closed at a cut, a sentence each.
func (c *Config) unfinished(at *closed) (problems []string) {
	for _, g := range at.gaps {
		problems = append(problems, fmt.Sprintf("partition %d is incomplete at offset %d: %s", g.Partition, at.positions[g.Partition], g.Reason))
	}
	mark, known := at.board.Watermark(at.ms)
	for _, w := range c.Rules.Windows {
		switch {
		case !known:
			problems = append(problems, fmt.Sprintf("window %s ends at %s, and nothing is known to be complete yet", w.ID, c.timeText(w.EndMs)))
		case mark < w.EndMs:
			problems = append(problems, fmt.Sprintf("window %s ends at %s, and orders are complete up to %s: %s are missing", w.ID,
				c.timeText(w.EndMs), c.timeText(mark), time.Duration(w.EndMs-mark)*time.Millisecond))
		}
	}
	return problems
}

// Unfinished says why a festival should not be closed as of now, a sentence each: incomplete partitions, and windows whose
// end is not complete. rows are the store's progress and pulses. Of cfg it uses Rules, Partitions, LatenessMs and Zone.
func Unfinished(cfg Config, progress []sql.CellRow, pulses []sql.PulseRow, nowMs int64) ([]string, error) {
	cfg.defaults()
	p := publisher{cfg: &cfg}
	c, err := p.newClosed(nowMs, progress, pulses)
	if err != nil {
		return nil, err
	}
	return cfg.unfinished(c), nil
}

// do runs a function in the publisher's goroutine and waits for it.
func (p *publisher) do(ctx context.Context, f func()) error {
	done := make(chan struct{})
	if !send(ctx, p.asks, func(*aggregate.Board) { f(); close(done) }) {
		return ctx.Err()
	}
	<-done
	return nil
}
