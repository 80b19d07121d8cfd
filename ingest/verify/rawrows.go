package verify

import (
	"context"
	"fmt"

	"festival/aggregate/recount"
	"festival/sql"
)

// rawRow is one stored row, in the second reading's words: an order, or a reject.
type rawRow struct {
	recount.Entry // as the row says of itself; of a reject only Offset
	reject        *sql.Reject
}

// rawRows gives a stretch of raw rows in the order of the log, orders and rejects as one. Each SELECT brings a chunk
// of offsets and is read to its end at once, so that none is held open while the log is waited for.
type rawRows struct {
	w         *worker
	from, end int64    // offsets that were not asked for yet
	orders    []rawRow // of the chunk, not taken yet
	rejects   []rawRow
	memory    []rawRow // of orders
}

// The offsets of one SELECT: about 600 bytes each are held, at most 256 MB over all partitions up to 64 of them.
const (
	rawAll   = 1 << 18
	rawMost  = 1 << 15
	rawLeast = 1 << 12
)

func (w *worker) rawRows(r Range) *rawRows { return &rawRows{w: w, from: r.First, end: r.End} }

// peek gives the next row without taking it, nil at the end.
func (r *rawRows) peek(ctx context.Context) (*rawRow, error) {
	for len(r.orders)+len(r.rejects) == 0 && r.from < r.end {
		to := min(r.from+max(rawLeast, min(rawMost, rawAll/int64(r.w.rules.Partitions))), r.end)
		if err := r.read(ctx, r.from, to); err != nil {
			return nil, fmt.Errorf("raw rows: %w", err)
		}
		r.from = to
	}
	if next := r.next(); len(*next) > 0 {
		return &(*next)[0], nil
	}
	return nil, nil
}

// next is where the next row is: an order goes before a reject of the same offset.
func (r *rawRows) next() *[]rawRow {
	if len(r.orders) == 0 || len(r.rejects) > 0 && r.rejects[0].Offset < r.orders[0].Offset {
		return &r.rejects
	}
	return &r.orders
}

// take takes the row that peek gave, which stays as it is until the peek after.
func (r *rawRows) take() {
	next := r.next()
	*next = (*next)[1:]
}

func (r *rawRows) read(ctx context.Context, from, to int64) error {
	rows := r.memory[:0]
	w := r.w
	err := w.Store.RawOrders(ctx, w.Ledger.Prefix, w.id, from, to, func(o *sql.Orders) error {
		for i := range o.Offset {
			rows = append(rows, rawRow{Entry: recount.Entry{Offset: o.Offset[i], KafkaMs: o.KafkaMs[i],
				Rehearsal: o.Rehearsal[i] == 1, KeyOK: o.KeyOK[i] == 1, Fen: o.AmountFen[i],
				Verdict: verdictName(o.Verdict[i]), Order: w.codes.order(o, i)}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.orders, r.memory, r.rejects = rows, rows, nil
	return w.Store.RawRejects(ctx, w.Ledger.Prefix, w.id, from, to, func(reject sql.Reject) error {
		r.rejects = append(r.rejects, rawRow{Entry: recount.Entry{Offset: reject.Offset}, reject: &reject})
		return nil
	})
}

// hold compares the row of an entry read from Kafka; rows passed over on the way are too many.
func (r *rawRows) hold(ctx context.Context, e *recount.Entry, key, value []byte) error {
	if err := r.rest(ctx, e.Offset); err != nil {
		return err
	}
	row, err := r.peek(ctx)
	if err != nil {
		return err
	}
	if row == nil || row.Offset != e.Offset {
		r.w.rawDiffers(e.Offset, nothing, entryText(e))
		return nil
	}
	r.take()
	r.w.result.RawRows++
	r.w.compareRow(row, e, key, value)
	return nil
}

// rest reports the rows below an offset: Kafka has no record there.
func (r *rawRows) rest(ctx context.Context, below int64) error {
	for {
		row, err := r.peek(ctx)
		if err != nil || row == nil || row.Offset >= below {
			return err
		}
		r.take()
		r.w.rawDiffers(row.Offset, rowText(row), nothing)
	}
}
