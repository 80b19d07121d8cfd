package verify

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"festival/aggregate/recount"
	"festival/sql"
)

// tracker recounts one partition for a follower, up to where it is told. One goroutine at a time owns it; at is read by
// others meanwhile.
type tracker struct {
	f     *follower
	id    int32
	start int64
	p     *recount.Partition
	at    atomic.Int64 // next offset to read
	log   *reader      // nil while there is none
	seals []sql.SealRow
}

func newTracker(f *follower, id int32, start int64) *tracker {
	t := &tracker{f: f, id: id, start: start, p: recount.NewPartition(f.rules, id, start)}
	t.at.Store(start)
	return t
}

func (t *tracker) close() {
	if t.log != nil {
		t.log.close()
		t.log = nil
	}
}

// advance recounts up to an offset. What Kafka or the store refuse is asked for again until ctx ends; an error is a
// record that nobody could count.
func (t *tracker) advance(ctx context.Context, to int64) error {
	var broken error
	t.f.again(ctx, fmt.Sprintf("partition %d", t.id), func(ctx context.Context) error {
		err := t.read(ctx, to)
		if _, bad := err.(countError); bad {
			broken, err = err, nil
		}
		if err != nil {
			t.close()
		}
		return err
	})
	if broken == nil && ctx.Err() == nil {
		broken = t.p.Advance(max(to, t.p.Progress().Next))
		t.finished()
	}
	return broken
}

// countError says that a sum passed its bound: asking again would not help.
type countError struct{ error }

// read goes on from where the recount stands, so it may be repeated.
func (t *tracker) read(ctx context.Context, to int64) error {
	if t.at.Load() >= to {
		return nil
	}
	if t.log == nil {
		if err := t.open(ctx, to); err != nil {
			return err
		}
	}
	for t.at.Load() < to {
		rec, err := t.log.next(ctx, to)
		if err != nil {
			return err
		}
		if rec == nil {
			t.at.Store(to)
			break
		}
		if !t.f.gaps.has(t.id, rec.Offset) {
			if err := t.count(t.p.Feed(recordOf(rec))); err != nil {
				return err
			}
		}
		t.at.Store(rec.Offset + 1)
		t.f.metrics.records.Inc()
	}
	return nil
}

// open asks Kafka anew where its log begins, recounts what lies before from raw rows, and opens the log there.
func (t *tracker) open(ctx context.Context, to int64) error {
	kafka, err := t.f.askKafka(ctx)
	if err != nil {
		return err
	}
	if low := min(kafka.begins[t.id], to); low > t.at.Load() {
		if err := t.fromOrders(ctx, low); err != nil {
			return err
		}
	}
	t.log, err = t.f.openLog(t.id, t.at.Load())
	return err
}

func (t *tracker) fromOrders(ctx context.Context, to int64) error {
	w := &worker{run: t.f.run, id: t.id}
	raw := w.rawRows(Range{FromOrders, t.at.Load(), to})
	for {
		row, err := raw.peek(ctx)
		if err != nil {
			return err
		}
		if row == nil {
			t.at.Store(to)
			return nil
		}
		raw.take()
		if e, problem := w.entry(row); problem != "" {
			w.rawDiffers(row.Offset, problem, "a record that counts has none such")
		} else if err := t.count(t.p.Count(e)); err != nil {
			return err
		}
		t.at.Store(row.Offset + 1)
		t.f.metrics.records.Inc()
	}
}

func (t *tracker) count(_ recount.Entry, err error) error {
	if err != nil {
		return countError{err}
	}
	t.finished()
	return nil
}

// finished keeps of finished segments what their seals have to be; their cells go.
func (t *tracker) finished() {
	for _, s := range t.p.Finished() {
		t.seals = append(t.seals, sealOf(t.id, &s))
	}
}

// The pauses between attempts.
const (
	againFirst = 200 * time.Millisecond
	againLast  = 5 * time.Second
)

// again does something until it works; false when ctx ended first.
func (f *follower) again(ctx context.Context, what string, do func(context.Context) error) bool {
	for wait := againFirst; ; wait = min(2*wait, againLast) {
		err := do(ctx)
		if err == nil && ctx.Err() == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		f.metrics.retries.Inc()
		f.follow.Log.Warn("verification waits", "for", what, "error", err)
		if !pause(ctx, wait) {
			return false
		}
	}
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
