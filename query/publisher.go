package query

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"festival/aggregate"
)

// liveGap is the least time between two live frames (DESIGN.md §4).
const liveGap = 100 * time.Millisecond

// officialLate is how old, in seconds, the newest official frame may be before a live frame is made every second, whether anything
// was folded or not: nothing is folded where Kafka is away, and GET /api/v1/frame would go on with an official frame that was
// complete and fresh when it was made. A change of publisher takes up to about 2 s.
const officialLate = 3

// publisher owns the board and makes the frames. One goroutine, run, does everything but waiting for the store:
// storing a frame happens in a goroutine of its own, so that live frames go on while the store is slow.
type publisher struct {
	cfg     *Config
	log     *slog.Logger
	metrics *metrics
	hub     *hub
	queue   *queue
	packer  *packer
	status  atomic.Pointer[status]
	asks    chan func(*aggregate.Board)
	kept    chan *candidate // acknowledged by the store
	refused chan error      // the store did not take a frame, and is asked again

	appended  chan struct{} // the append to the frames topic has ended
	appending bool          // one is under way
	topic     topicState
	keys      *keyring     // signs what is proposed; set before the first proposal, then never changed
	shown     atomic.Int64 // second of the newest official frame
	workers   sync.WaitGroup

	board    *aggregate.Board
	last     link
	waiting  *candidate // being stored; no other official frame is made meanwhile
	tick     int64      // Unix second of the last look at the clock
	live     int64      // number of the last live frame since last
	lastLive time.Time
	dirty    bool      // something was folded since the last frame
	behind   time.Time // since when the board is behind the last official frame, zero where it is not
	torn     time.Time // since when the board does not balance, or was loaded again for it; zero where it balances
	state    status
	table    milestoneTable

	view    atomic.Pointer[operatorView] // what operators want of the store, written by watchForOperators
	times   times
	closed  *closed // nil while the festival is open
	offer   *offer  // a closing whose final frame is not official yet
	holding bool    // a close is being cut: nothing is folded
	noted   int64   // Closing.AtMs that this process has noted; watchRecords' own

	verified atomic.Pointer[verified] // written by watchVerified
}

func newPublisher(cfg *Config, m *metrics, h *hub, q *queue) (*publisher, error) {
	packer, err := newPacker()
	if err != nil {
		return nil, err
	}
	p := &publisher{cfg: cfg, log: cfg.Log, metrics: m, hub: h, queue: q, packer: packer,
		asks: make(chan func(*aggregate.Board)), kept: make(chan *candidate), refused: make(chan error),
		appended: make(chan struct{}), topic: topicState{appended: -1, failures: map[string]string{}},
		last: link{hash: cfg.ledgerHex()}, table: milestoneTable{}}
	p.state.progress, p.state.pulses = map[int32]aggregate.Progress{}, map[int32]aggregate.Pulse{}
	p.state.failures.load = "the board has not been loaded from the store yet"
	p.view.Store(&operatorView{})
	p.verified.Store(&verified{})
	p.times.started = cfg.Clock()
	p.show()
	return p, nil
}

// run loads the board, then makes frames until ctx ends. It returns when its goroutines have ended.
func (p *publisher) run(ctx context.Context) error {
	defer p.workers.Wait()
	if !p.start(ctx) {
		return nil
	}
	p.tick = p.cfg.Clock().Unix()
	p.workers.Go(func() { p.watchForOperators(ctx) })
	p.workers.Go(func() { p.watchRecords(ctx) })
	p.workers.Go(func() { p.watchVerified(ctx) })
	if !p.cfg.Follow {
		p.workers.Go(func() { p.rollUp(ctx) })
	}
	if p.cfg.Tail {
		positions := p.board.Positions()
		p.workers.Go(func() { p.tail(ctx, positions) })
	}
	if second := p.last.second; p.cfg.Follow {
		p.workers.Go(func() { p.follow(ctx, second) })
	}
	if p.cfg.Frames != nil {
		reader, err := p.newTopicReader()
		if err != nil {
			return err
		}
		p.topic.tailed(p.cfg.Clock())
		p.workers.Go(func() { reader.read(ctx) })
		p.workers.Go(func() { p.takePart(ctx) })
	}
	for p.step(ctx) {
	}
	return nil
}

// step waits for one thing and does it; false when ctx has ended.
func (p *publisher) step(ctx context.Context) bool {
	timer := time.NewTimer(p.pause(p.cfg.Clock()))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-p.queue.wake:
	case c := <-p.kept:
		p.publish(c)
	case err := <-p.refused:
		p.state.failures.store = fmt.Sprintf("the store does not take official frames: %v", err)
		p.show()
	case <-p.appended:
		p.appending = false
	case ask := <-p.asks:
		ask(p.boardOf(false))
	case <-timer.C:
	}
	p.fold(ctx)
	p.frames(ctx, p.cfg.Clock())
	p.untear(ctx, p.cfg.Clock())
	return true
}

// pause is how long nothing has to be done by the clock.
func (p *publisher) pause(now time.Time) time.Duration {
	wait := time.Duration(time.Second - time.Duration(now.Nanosecond()))
	if p.dirty {
		wait = min(wait, p.liveIn(now))
	}
	return wait
}

// liveIn is how long it is until a live frame may follow the last one. That of a clock that has stepped back since is no reason
// to wait: live frames would stand still for as long as the step.
func (p *publisher) liveIn(now time.Time) time.Duration {
	if now.Before(p.lastLive) {
		return 0
	}
	return max(0, liveGap-now.Sub(p.lastLive))
}

// fold takes everything that waits into the board.
func (p *publisher) fold(ctx context.Context) {
	updates, pulses := p.queue.take(!p.holding)
	if len(updates)+len(pulses) == 0 {
		return
	}
	for _, u := range updates {
		if err := p.board.Fold(u); err != nil {
			p.broken(ctx, err)
			return
		}
		p.metrics.folded.Add(float64(len(u.Cells)))
		p.remember(u)
		p.dirty = true
	}
	for _, pulse := range pulses {
		p.board.Pulse(pulse)
		p.state.pulses[pulse.Partition] = pulse
	}
	p.state.watchStopped(p.cfg.Partitions, p.cfg.Clock())
	p.show()
}

func (p *publisher) remember(u aggregate.Update) {
	for _, to := range u.Progress {
		if to.Next >= p.state.progress[to.Partition].Next {
			p.state.progress[to.Partition] = to
		}
	}
}

// broken loads the board again: an update that is not one cut, or a sum that left its range, is not guessed around.
func (p *publisher) broken(ctx context.Context, err error) {
	p.log.Error("board refused an update; loading it again from the store", "error", err)
	p.state.failures.load = err.Error()
	p.show()
	if !errors.Is(err, aggregate.ErrBoardSum) { // that one would come back
		p.start(ctx)
	}
}

// frames makes what is due: the official frame when the clock has passed a whole second, else a live one.
func (p *publisher) frames(ctx context.Context, now time.Time) {
	second := now.Unix()
	due := second > p.tick
	p.tick = second                                                        // a clock that steps back makes no frame until it has passed the last one's second
	if p.last.closed && p.closed == nil || p.state.failures.undone != "" { // another process has closed: its closing cells are being loaded; or a close was undone
		p.dirty = false
		return
	}
	if due && second > p.last.second && p.publishes() {
		p.official(ctx, second)
	}
	if due && p.last.second > 0 && second-p.last.second > officialLate {
		p.dirty = true
	}
	if p.dirty && p.liveIn(now) == 0 {
		p.liveFrame(now)
	}
}

// publishes says whether this process makes the next official frame.
func (p *publisher) publishes() bool {
	switch {
	case p.cfg.Follow:
		return false
	case p.cfg.Frames != nil:
		return !p.appending && p.topic.proposes()
	}
	return p.waiting == nil
}

// liveFrame shows the board as it is. It belongs to no chain.
func (p *publisher) liveFrame(now time.Time) {
	p.dirty, p.lastLive = false, now
	f, ok := p.build(now.UnixMilli(), aggregate.FrameState{Seq: p.last.seq, Second: now.UnixMilli(), Prev: p.last.hash})
	if !ok {
		p.dirty = !p.behind.IsZero()
		return
	}
	p.live++
	id := fmt.Sprintf("%d.%d", p.last.seq, p.live)
	for _, e := range p.encode(f, id, now.Unix()) {
		p.hub.publish(e.view, e.event)
	}
	p.metrics.frames.Inc()
	p.metrics.says(f)
}

// build makes a frame that passed every check, or says why there is none.
func (p *publisher) build(nowMs int64, st aggregate.FrameState) (*aggregate.Frame, bool) {
	began := time.Now()
	f, err := p.make(nowMs, st)
	if err == nil {
		err = p.last.follows(f)
	}
	p.metrics.frameBuild.Observe(time.Since(began).Seconds())
	if !errors.Is(err, aggregate.ErrUnbalanced) {
		p.torn = time.Time{}
	} else if p.torn.IsZero() {
		p.torn = p.cfg.Clock()
	}
	if p.awaitsTail(err) {
		return nil, false
	}
	if err != nil {
		p.metrics.refusedFrames.Inc()
		if p.state.failures.build != err.Error() { // once, not ten times a second
			p.log.Error("frame refused; the last good one stays", "error", err)
		}
		p.state.failures.build = err.Error()
		p.show()
		return nil, false
	}
	p.times.age.Add(p.cfg.Clock(), time.Duration(f.FreshMs)*time.Millisecond)
	p.state.failures.build, p.state.frame = "", f
	p.show()
	return f, true
}

// tailWithin is how long the tail may be behind an official frame that another process made.
const tailWithin = 5 * time.Second

// awaitsTail says whether a frame was refused only because the tail is not there yet: another process, whose tail was
// ahead, has made the last official frame. That passes by itself.
func (p *publisher) awaitsTail(err error) bool {
	if !p.cfg.Tail || !errors.Is(err, errBelow) {
		p.behind = time.Time{}
		return false
	}
	if p.behind.IsZero() {
		p.behind = p.cfg.Clock()
	}
	return p.cfg.Clock().Sub(p.behind) < tailWithin
}

// make makes a frame of the board, or of the closed festival.
func (p *publisher) make(nowMs int64, st aggregate.FrameState) (*aggregate.Frame, error) {
	board := p.board
	st.Certainty, st.VerifiedTo = p.certainty()
	st.Frozen = p.frozen()
	if c := p.closedFor(st.Official); c != nil {
		board, nowMs = c.board, c.ms
		c.state(&st, p.board)
	}
	return board.Frame(nowMs, st)
}

// encode makes the events of a frame: the whole festival first, then each window where there are several.
func (p *publisher) encode(f *aggregate.Frame, id string, second int64) []viewEvent {
	hash := ""
	if f.Hash != nil {
		hash = *f.Hash
	}
	var out []viewEvent
	for _, view := range p.cfg.views() {
		one := f
		if view != "" {
			one, _ = f.OfWindow(view) // a configured window is there
		}
		out = append(out, viewEvent{view, p.packer.newEvent(id, hash, f.Official, second, one.JSON())})
	}
	return out
}

// show lets the routes see the state.
func (p *publisher) show() {
	p.state.shown = p.last.positions
	p.status.Store(p.state.copy())
}

// ask runs a function on the board, in the board's goroutine, and waits for it.
func (p *publisher) ask(ctx context.Context, f func(*aggregate.Board)) error {
	done := make(chan struct{})
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	select {
	case p.asks <- func(b *aggregate.Board) { f(b); close(done) }:
		<-done
		return nil
	case <-ctx.Done():
		return busy("The board is being loaded. Ask again in a second.")
	}
}
