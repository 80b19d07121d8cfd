package verify

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"festival/aggregate/recount"
	"festival/sql"
)

// rawRow is one stored row: an order (row i of a block, valid until the next row is asked for) or a reject.
type rawRow struct {
	offset int64
	orders *sql.Orders
	i      int
	reject *sql.Reject
}

// rawRows gives a stretch of raw rows in the order of the log, orders and rejects as one. Its owner calls stop.
type rawRows struct {
	w       *worker
	sources [2]*puller
}

// rawChunk is how many offsets one SELECT asks for, so that no query runs for as long as the recount.
const rawChunk = 1 << 18

func (w *worker) rawRows(ctx context.Context, r Range) *rawRows {
	return &rawRows{w: w, sources: [2]*puller{pull(w.storedOrders(ctx, r)), pull(w.storedRejects(ctx, r))}}
}

func (r *rawRows) stop() {
	for _, s := range r.sources {
		s.stop()
	}
}

// peek gives the next row without taking it; ok false at the end.
func (r *rawRows) peek() (p *puller, ok bool, err error) {
	for _, s := range r.sources {
		if err := s.fill(); err != nil {
			return nil, false, fmt.Errorf("raw rows: %w", err)
		}
		if !s.ended && (p == nil || s.head.offset < p.head.offset) {
			p = s
		}
	}
	return p, p != nil, nil
}

// hold compares the row of an entry read from Kafka; rows passed over on the way are too many.
func (r *rawRows) hold(e *recount.Entry, key, value []byte) error {
	if err := r.rest(e.Offset); err != nil {
		return err
	}
	p, ok, err := r.peek()
	if err != nil {
		return err
	}
	if !ok || p.head.offset != e.Offset {
		r.w.rawDiffers(e.Offset, nothing, entryText(e))
		return nil
	}
	p.taken = true
	r.w.result.RawRows++
	r.w.compareRow(&p.head, e, key, value)
	return nil
}

// rest reports the rows below an offset: Kafka has no record there.
func (r *rawRows) rest(below int64) error {
	for {
		p, ok, err := r.peek()
		if err != nil || !ok || p.head.offset >= below {
			return err
		}
		p.taken = true
		r.w.rawDiffers(p.head.offset, rowText(&p.head), nothing)
	}
}

// puller turns a sequence of rows into one that is asked for them.
type puller struct {
	next  func() (rawRow, error, bool)
	stop  func()
	head  rawRow
	taken bool // head has been used
	ended bool
}

func pull(rows iter.Seq2[rawRow, error]) *puller {
	next, stop := iter.Pull2(rows)
	return &puller{next: next, stop: stop, taken: true}
}

func (p *puller) fill() error {
	if !p.taken || p.ended {
		return nil
	}
	row, err, ok := p.next()
	p.head, p.taken, p.ended = row, false, !ok
	return err
}

// errEnough ends a SELECT whose rows nobody wants any more.
var errEnough = errors.New("enough")

// chunks calls read for one chunk of offsets after the other and yields its error.
func chunks(r Range, yield func(rawRow, error) bool, read func(from, to int64) error) {
	for from := r.First; from < r.End; from += rawChunk {
		err := read(from, min(from+rawChunk, r.End))
		if errors.Is(err, errEnough) {
			return
		}
		if err != nil {
			yield(rawRow{}, err)
			return
		}
	}
}

func (w *worker) storedOrders(ctx context.Context, r Range) iter.Seq2[rawRow, error] {
	return func(yield func(rawRow, error) bool) {
		chunks(r, yield, func(from, to int64) error {
			return w.Store.RawOrders(ctx, w.Ledger.Prefix, w.id, from, to, func(o *sql.Orders) error {
				for i, offset := range o.Offset {
					if !yield(rawRow{offset: offset, orders: o, i: i}, nil) {
						return errEnough
					}
				}
				return nil
			})
		})
	}
}

func (w *worker) storedRejects(ctx context.Context, r Range) iter.Seq2[rawRow, error] {
	return func(yield func(rawRow, error) bool) {
		chunks(r, yield, func(from, to int64) error {
			return w.Store.RawRejects(ctx, w.Ledger.Prefix, w.id, from, to, func(reject sql.Reject) error {
				if !yield(rawRow{offset: reject.Offset, reject: &reject}, nil) {
					return errEnough
				}
				return nil
			})
		})
	}
}
