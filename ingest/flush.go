package ingest

import (
	"context"
	"sync"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// flusher stores what the partitions of one generation have counted. One goroutine owns it; it takes from each
// partition under that partition's lock and inserts without any lock, so counting goes on meanwhile.
type flusher struct {
	*Ingest
	parts []*partition
	wake  chan struct{}   // a partition has much, or all that it may hold
	prior *flusher        // has to end first; nil once it has
	ctx   context.Context // ends when nobody counts any more
	stop  func()          // ends ctx
	grace context.Context // outlives the program for the last flush
	clear func()          // frees grace
	done  chan struct{}   // closed once it has ended
	err   error           // why the last flush was cut off, or nil; may be read once done is closed

	taking  sync.Mutex
	resting bool // nothing is taken any more

	taken  []*batch // being stored; the partitions fill their other batch
	update aggregate.Update
	seals  []aggregate.Seal
	signed map[int32]signed // by partition: what its writer knew when it was taken
	cells  []sql.CellRow
	rows   []*sql.OrderBatch
	gone   []sql.Reject
}

// newFlusher makes the flusher of a generation. It stores once the one before it has ended.
func (in *Ingest) newFlusher(program context.Context) *flusher {
	f := &flusher{Ingest: in, wake: make(chan struct{}, 1), prior: in.prior, done: make(chan struct{})}
	f.ctx, f.stop = context.WithCancel(context.WithoutCancel(program))
	f.grace, f.clear = graceful(program)
	return f
}

// run flushes until it is stopped, then once more for what is left, as long as grace lives. Both are repeatable: what is
// abandoned is counted again by whoever comes next.
func (f *flusher) run() {
	defer close(f.done)
	defer f.letGo()
	defer f.clear()
	defer f.stop()
	if f.prior != nil {
		<-f.prior.done
		f.prior = nil
	}
	f.err = f.flushes()
}

// letGo frees what it stored: a kept core refers to its flusher for as long as it is kept.
func (f *flusher) letGo() {
	f.taking.Lock()
	defer f.taking.Unlock()
	f.parts, f.taken, f.rows, f.cells, f.gone, f.resting = nil, nil, nil, nil, nil, true
}

func (f *flusher) flushes() error {
	ticker := time.NewTicker(f.cfg.Flush)
	defer ticker.Stop()
	for {
		select {
		case <-f.ctx.Done():
			return f.flush(f.grace)
		case <-ticker.C:
		case <-f.wake:
		}
		if err := f.flush(f.grace); err != nil {
			return err
		}
	}
}

// rest lets the flush under way go on, and no other begin: from now on the cores are somebody else's.
func (f *flusher) rest() {
	f.taking.Lock()
	f.resting = true
	f.taking.Unlock()
	f.stop()
}

// flush keeps the order of guarantees: raw rows, cells with progress, acknowledgement, seals.
func (f *flusher) flush(ctx context.Context) error {
	begun := time.Now()
	if !f.take() {
		return nil
	}
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"orders", f.insertOrders}, {"rejects", f.insertRejects}, {"cells", f.insertCells},
		{"", f.acknowledge}, {"seals", f.insertSeals},
	}
	for _, s := range steps {
		if err := f.insist(ctx, s.name, s.do); err != nil {
			return err
		}
	}
	f.giveBack()
	took := time.Since(begun)
	f.metrics.flush.Observe(took.Seconds())
	f.times.flush.Add(f.cfg.Clock(), took)
	return nil
}

func (f *flusher) insist(ctx context.Context, table string, do func(context.Context) error) error {
	return insist(ctx, f.showStore, func(ctx context.Context) error {
		begun := time.Now()
		err := do(ctx)
		if table != "" && err == nil {
			took := time.Since(begun)
			f.metrics.insert(table).Observe(took.Seconds())
			f.times.insert(table).Add(f.cfg.Clock(), took)
		}
		return err
	})
}

// take empties the partitions; false says that there is nothing to store. Of a partition without progress since the last flush
// nothing is taken.
func (f *flusher) take() bool {
	f.taking.Lock()
	defer f.taking.Unlock()
	if f.resting {
		return false
	}
	f.taken, f.seals = f.taken[:0], f.seals[:0]
	f.update.Cells, f.update.Progress = f.update.Cells[:0], f.update.Progress[:0]
	f.signed = make(map[int32]signed, len(f.parts))
	for _, p := range f.parts {
		if b := p.take(&f.update, &f.seals, f.signed); b != nil {
			f.taken = append(f.taken, b)
		}
	}
	return len(f.update.Progress) > 0
}

func (f *flusher) giveBack() {
	for _, b := range f.taken {
		b.reset()
	}
	for _, p := range f.parts {
		p.flushed()
	}
}

// insertOrders stores the raw rows of all partitions in one insert: one part a flush, not one a partition.
func (f *flusher) insertOrders(ctx context.Context) error {
	f.rows = f.rows[:0]
	for _, b := range f.taken {
		f.rows = append(f.rows, &b.orders)
	}
	return f.cfg.Store.InsertOrderParts(ctx, f.cfg.Ledger.Prefix, f.rows)
}

func (f *flusher) insertRejects(ctx context.Context) error {
	f.gone = f.gone[:0]
	for _, b := range f.taken {
		f.gone = append(f.gone, b.rejects...)
	}
	if len(f.gone) == 0 {
		return nil
	}
	return f.cfg.Store.InsertRejects(ctx, f.cfg.Ledger.Prefix, f.gone)
}

// insertCells stores cells and progress of all partitions as one block: a reader sees all of a flush or none.
func (f *flusher) insertCells(ctx context.Context) error {
	f.cells = f.cells[:0]
	for i := range f.update.Cells {
		c := &f.update.Cells[i]
		f.cells = append(f.cells, cellRow(c, f.signed[c.Partition].eraOf(c.Segment)))
	}
	for _, p := range f.update.Progress {
		f.cells = append(f.cells, progressRow(p, f.signed[p.Partition].era()))
	}
	return f.cfg.Store.InsertCells(ctx, f.cfg.Ledger.Prefix, f.cells)
}

// acknowledge gives the update to the board, slices and all; the next flush fills fresh ones.
func (f *flusher) acknowledge(context.Context) error {
	for _, p := range f.parts {
		p.stored(f.update.Progress)
	}
	if f.cfg.Acked != nil {
		f.cfg.Acked(f.update)
	}
	f.update = aggregate.Update{Cells: make([]aggregate.Cell, 0, len(f.update.Cells))}
	return nil
}

func (f *flusher) insertSeals(ctx context.Context) error {
	if len(f.seals) == 0 {
		return nil
	}
	rows := make([]sql.SealRow, len(f.seals))
	for i, s := range f.seals {
		rows[i] = sealRow(s, f.signed[s.Partition].eraOf(s.Segment))
	}
	return f.cfg.Store.InsertSeals(ctx, f.cfg.Ledger.Prefix, rows)
}
