package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"

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
	from, end int64 // offsets that were not asked for yet
	rows      []rawRow
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
	for len(r.rows) == 0 && r.from < r.end {
		to := min(r.from+max(rawLeast, min(rawMost, rawAll/int64(r.w.rules.Partitions))), r.end)
		if err := r.read(ctx, r.from, to); err != nil {
			return nil, fmt.Errorf("raw rows: %w", err)
		}
		r.from = to
	}
	if len(r.rows) == 0 {
		return nil, nil
	}
	return &r.rows[0], nil
}

func (r *rawRows) take() { r.rows = r.rows[1:] }

func (r *rawRows) read(ctx context.Context, from, to int64) error {
	rows := make([]rawRow, 0, to-from)
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
	orders := len(rows)
	err = w.Store.RawRejects(ctx, w.Ledger.Prefix, w.id, from, to, func(reject sql.Reject) error {
		rows = append(rows, rawRow{Entry: recount.Entry{Offset: reject.Offset}, reject: &reject})
		return nil
	})
	if len(rows) > orders {
		slices.SortStableFunc(rows, func(a, b rawRow) int { return cmp.Compare(a.Offset, b.Offset) })
	}
	r.rows = rows
	return err
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
