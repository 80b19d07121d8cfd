package query

import (
	"context"
	"fmt"
	"maps"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// The waits between attempts to load the board, and between looks at the store while tailing.
const (
	loadFirst  = 100 * time.Millisecond
	loadLast   = 5 * time.Second
	tailEvery  = 200 * time.Millisecond
	pulseEvery = time.Second
)

// start resumes the chain and loads the board, again and again until it worked; false when ctx ended first.
func (p *publisher) start(ctx context.Context) bool {
	for wait := loadFirst; ; wait = min(2*wait, loadLast) {
		err := p.resume(ctx)
		if err == nil {
			err = p.load(ctx)
		}
		if err == nil {
			err = p.startRecords(ctx)
		}
		if err == nil && p.cfg.Frames != nil && p.keys == nil {
			p.keys, err = p.firstKeys(ctx)
		}
		if err == nil {
			p.state.failures.load, p.dirty, p.state.table = "", true, p.table
			p.show()
			return true
		}
		if ctx.Err() == nil {
			p.log.Warn("board not loaded yet", "error", err)
		}
		p.state.failures.load = fmt.Sprintf("loading from the store: %v", err)
		p.show()
		if !sleep(ctx, wait) {
			return false
		}
	}
}

// tornFor is how long frames may not balance before the board is loaded again, and the time between such loads.
const tornFor = 10 * time.Second

// untear loads the board again while its frames do not balance: the store may have missed rows when the tail read past
// them (of a part that a full disk broke), and have them again since. A board that stays torn shows nothing.
func (p *publisher) untear(ctx context.Context, now time.Time) {
	if p.torn.IsZero() || now.Sub(p.torn) < tornFor {
		return
	}
	p.torn = now
	p.log.Warn("frames have not balanced for a while; loading the board again from the store", "after", tornFor)
	p.start(ctx)
}

// resume goes on with the stored chain, and shows its last frame until there is a new one. A frame that is being
// stored stays: its bytes are written until they are acknowledged.
func (p *publisher) resume(ctx context.Context) error {
	records, err := p.cfg.Store.Milestones(ctx, p.cfg.prefix())
	if err != nil {
		return err
	}
	p.table = tableOf(records)
	row, ok, err := p.cfg.Store.LastFrame(ctx, p.cfg.prefix(), "")
	if err != nil || !ok || row.Second <= p.last.second {
		return err
	}
	at, err := linkOf(row)
	if err != nil {
		return err
	}
	if err := p.missedMarks(ctx, row); err != nil {
		return err
	}
	events, err := p.stored(ctx, p.packer, row)
	if err != nil {
		return err
	}
	for _, e := range events {
		p.hub.publish(e.view, e.event)
	}
	p.last = at
	p.shown.Store(at.second)
	return nil
}

// load fills a new board: progress, sums of the segments that can no longer change, then everything newer in one
// SELECT.
func (p *publisher) load(ctx context.Context) error {
	ledger, stride := p.cfg.prefix(), p.cfg.Rules.Stride
	rows, err := p.cfg.Store.Progress(ctx, ledger)
	if err != nil {
		return err
	}
	board, segments, starts := p.newBoard(), map[int32]int64{}, map[int32]int64{}
	var settled aggregate.Update
	for _, r := range rows {
		at := progressOf(r)
		segments[at.Partition] = at.Next / stride
		starts[at.Partition] = at.Next / stride * stride
		if at.Next == starts[at.Partition] { // nothing of the open segment was read: no newer row says so
			settled.Progress = append(settled.Progress, at)
		}
	}
	var sums []aggregate.Cell
	if err := p.cfg.Store.BoardSums(ctx, ledger, segments, collect(&sums)); err != nil {
		return err
	}
	if err := board.Load(sums); err != nil {
		return err
	}
	for partition, start := range starts {
		board.SetPosition(partition, start)
	}
	newer, err := p.newer(ctx, starts)
	if err != nil {
		return err
	}
	return p.take(board, settled, newer)
}

// take makes a loaded board the publisher's.
func (p *publisher) take(board *aggregate.Board, updates ...aggregate.Update) error {
	for _, u := range updates {
		if err := board.Fold(u); err != nil {
			return err
		}
	}
	for _, pulse := range p.state.pulses {
		board.Pulse(pulse)
	}
	p.board = board
	for _, u := range updates {
		p.remember(u)
	}
	return nil
}

func (p *publisher) newBoard() *aggregate.Board {
	return aggregate.NewBoard(aggregate.BoardConfig{Rules: p.cfg.Rules, Ledger: p.cfg.Ledger, Partitions: p.cfg.Partitions,
		LatenessMs: p.cfg.LatenessMs, Zone: p.cfg.Zone, ThresholdsFen: p.cfg.thresholds()})
}

func collect(into *[]aggregate.Cell) func(sql.CellRow) error {
	return func(r sql.CellRow) error {
		*into = append(*into, cellOf(r))
		return nil
	}
}

// newer gives everything past the positions as one update. A partition that has none is read from 0.
func (p *publisher) newer(ctx context.Context, positions map[int32]int64) (aggregate.Update, error) {
	all := make(map[int32]int64, p.cfg.Partitions)
	for n := range int32(p.cfg.Partitions) {
		all[n] = positions[n]
	}
	var u aggregate.Update
	err := p.cfg.Store.Tail(ctx, p.cfg.prefix(), all, func(r sql.CellRow) error {
		if aggregate.Dim(r.Dim) == aggregate.DimProgress {
			u.Progress = append(u.Progress, progressOf(r))
		} else {
			u.Cells = append(u.Cells, cellOf(r))
		}
		return nil
	})
	return u, err
}

// tail feeds the board from the store until ctx ends. Its positions are its own: an update that waits in the queue
// need not be read again.
func (p *publisher) tail(ctx context.Context, positions map[int32]int64) {
	positions = maps.Clone(positions)
	var pulsed time.Time
	for sleep(ctx, tailEvery) {
		err := p.tailOnce(ctx, positions)
		if now := time.Now(); err == nil && now.Sub(pulsed) >= pulseEvery {
			pulsed = now
			err = p.tailSlow(ctx, positions)
		}
		if err == nil {
			p.topic.tailed(p.cfg.Clock())
		}
		if err != nil && ctx.Err() == nil {
			p.log.Warn("tailing the store failed; trying again", "error", err)
			sleep(ctx, time.Second)
		}
	}
}

func (p *publisher) tailOnce(ctx context.Context, positions map[int32]int64) error {
	u, err := p.newer(ctx, positions)
	if err != nil || len(u.Progress) == 0 {
		return err
	}
	for _, to := range u.Progress {
		positions[to.Partition] = max(positions[to.Partition], to.Next)
	}
	p.queue.push(u)
	return nil
}

// tailSlow looks at the pulses, and at partitions that have not been seen: one that is assigned and empty has progress
// 0, which is newer than nothing.
func (p *publisher) tailSlow(ctx context.Context, positions map[int32]int64) error {
	rows, err := p.cfg.Store.Pulses(ctx, p.cfg.prefix())
	if err != nil {
		return err
	}
	pulses := make([]aggregate.Pulse, len(rows))
	for i, r := range rows {
		pulses[i] = pulseOf(r)
	}
	p.queue.pulse(pulses)
	if len(positions) >= p.cfg.Partitions {
		return nil
	}
	seen, err := p.cfg.Store.Progress(ctx, p.cfg.prefix())
	for _, r := range seen {
		if _, known := positions[r.Partition]; !known { // the tail brings all that it has stored, from here on
			positions[r.Partition] = 0
			p.queue.push(aggregate.Update{Progress: []aggregate.Progress{{Partition: r.Partition, Tail: aggregate.Tail{BaseOffset: -1, LeaderEpoch: -1}}}})
		}
	}
	return err
}
