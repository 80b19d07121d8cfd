package ingest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"festival/aggregate"
	"festival/ingest/decode"
	"festival/ingest/kafka"
)

// chunk is how many records are counted between two chances for the flusher to take: about 0.3 ms.
const chunk = 512

// partition is one partition's loop: fetch, decode, verdict, cells and raw rows.
//
// One goroutine runs it. mu guards what the flusher takes (core, filling, position, tail); it is held for a chunk of
// records, never during I/O. Invariant: core, filling, position and tail describe the same prefix of the log
// whenever mu is free.
type partition struct {
	*Ingest
	id       int32
	rowsMax  int // share of BufferedRows
	wake     chan<- struct{}
	room     chan struct{} // the flusher has taken
	signoffs atomic.Int64  // how many there are, as of the newest pulse
	reader   *kafka.Reader
	decoder  *decode.Decoder
	ahead    [lookahead]aheadRecord
	hints    []aggregate.Hint
	trust                               // whether the log is still the one that was counted
	kept     *kept                      // from the generation before, until recovered
	ready    *ready                     // fingerprints that stood ready, until recovered
	survey   *survey                    // for the generation's first attempt at recovering, shared
	lost     bool                       // the log's start has passed us: recover anew
	verdicts [aggregate.Counted + 1]int // of the chunk being counted

	mu       sync.Mutex
	core     *aggregate.Core // nil until recovered
	filling  *batch
	storing  *batch // the flusher's until reset
	position int64
	tail     aggregate.Tail
	taken    int64     // position of the last take, -1 before the first where there is something to store
	acked    int64     // position of the last take that the store has acknowledged, seals and all
	before   int64     // position that was stored when it was recovered
	resumed  time.Time // when its recovery began, until before is passed
	signed   signed
	status   status
}

func newPartition(in *Ingest, id int32, share int, f *flusher, old *kept) *partition {
	return &partition{Ingest: in, id: id, rowsMax: share, wake: f.wake, room: make(chan struct{}, 1), kept: old,
		decoder: decode.New(in.cfg.Rules), filling: &batch{}, storing: &batch{},
		status: status{stopped: recovering}}
}

// run recovers, then counts until ctx ends. Whatever goes wrong is shown and tried again: a bad world never ends
// the loop, and never makes it skip.
func (p *partition) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if insist(ctx, p.show, p.recover) != nil {
			return nil // ctx ended: nothing was counted
		}
		p.work(ctx)
	}
	return nil
}

func (p *partition) work(ctx context.Context) {
	defer p.reader.Close()
	for ctx.Err() == nil && !p.lost {
		_ = insist(ctx, p.show, p.step)
	}
}

// step fetches once and counts all of it, waiting for the flusher whenever the batch is full.
func (p *partition) step(ctx context.Context) error {
	if reason := p.halted.Load(); reason != nil {
		return errors.New(*reason)
	}
	if p.outdated() {
		return nil
	}
	if err := p.awaitRoom(ctx); err != nil {
		return err
	}
	if err := p.fetch(ctx); err != nil {
		return p.lose(err)
	}
	for {
		more, err := p.countChunk()
		if err != nil || !more {
			return err
		}
		if err := p.awaitRoom(ctx); err != nil {
			return err
		}
	}
}

// lose gives the partition up once the log's start has passed it and all that was counted is stored: recover then says what
// leads on, and takes up what an operator signs off.
func (p *partition) lose(err error) error {
	if !lostLog(err) {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.settled() {
		return err
	}
	p.giveUp()
	return nil
}

// outdated gives the partition up where something was signed off that its core does not know: what it stores is not read any
// more (schema/0008_signoffs.sql).
func (p *partition) outdated() bool {
	if p.signoffs.Load() <= int64(len(p.signed)) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.giveUp()
	return true
}

// giveUp forgets all that is counted and not taken. The caller holds mu.
func (p *partition) giveUp() {
	p.core, p.lost = nil, true
	p.filling.reset()
}

// countChunk counts up to chunk records; more is false once the fetched bytes are used up.
func (p *partition) countChunk() (more bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.publish()
	for range chunk / lookahead {
		n := p.decodeAhead()
		if err := p.countAhead(n); err != nil {
			return false, err
		}
		p.position, p.tail = p.reader.Position(), aggregate.Tail(p.reader.Tail())
		if n < lookahead {
			return false, p.reader.Err()
		}
		if p.rejectsFull() { // a chunk of 64 KiB records would be 32 MiB past the bound
			return true, nil
		}
	}
	return true, nil
}

// publish adds the chunk's verdicts to the counters, which all partitions share: once a chunk, not once a record.
func (p *partition) publish() {
	for v := aggregate.Rejected; v <= aggregate.Counted; v++ {
		p.metrics.records[v].Add(float64(p.verdicts[v]))
	}
	clear(p.verdicts[:])
}

// awaitRoom blocks while the batch is full; this is how a slow store pauses fetching.
func (p *partition) awaitRoom(ctx context.Context) error {
	for {
		rows, full := p.fill()
		if rows*earlyFlushShare >= p.rowsMax || full {
			signal(p.wake)
		}
		if !full {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.room:
		}
	}
}

func (p *partition) fill() (rows int, full bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rows = p.filling.rows()
	full = rows > 0 && rows+chunk > p.rowsMax || p.rejectsFull() || p.core.Dirty() > maxCells/p.assigned
	return rows, full
}

func (p *partition) rejectsFull() bool { return p.filling.rejectBytes > maxRejectBytes/p.assigned }

// take hands the flusher what was counted since the last take, nil for nothing. The batch is the flusher's until it
// resets it; the next take comes after that, since one goroutine flushes.
func (p *partition) take(u *aggregate.Update, seals *[]aggregate.Seal, known map[int32]signed) *batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.core == nil || p.position == p.taken {
		return nil
	}
	*seals = p.core.Drain(p.position, p.tail, u, *seals)
	p.taken, known[p.id] = p.position, p.signed
	p.filling, p.storing = p.storing, p.filling
	signal(p.room)
	return p.storing
}

// signal wakes a receiver with room for one signal; a second one before it wakes adds nothing.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
