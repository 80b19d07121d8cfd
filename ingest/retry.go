package ingest

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff spaces out attempts against a bad world: 100 ms doubling to 5 s, each ±20 % so that many partitions do
// not knock at once. The zero value begins.
type backoff struct{ next time.Duration }

const (
	firstBackoff = 100 * time.Millisecond
	lastBackoff  = 5 * time.Second
)

// wait sleeps until the next attempt, or the context's end (then false).
func (b *backoff) wait(ctx context.Context) bool {
	if b.next == 0 {
		b.next = firstBackoff
	}
	pause := time.Duration(float64(b.next) * (0.8 + 0.4*rand.Float64()))
	b.next = min(2*b.next, lastBackoff)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// insist repeats do until it succeeds or the context ends, and shows each failure. It gives the context's error
// then, and nothing else: a write to the store is never given up by itself (DESIGN.md §2).
func insist(ctx context.Context, show func(error), do func(context.Context) error) error {
	var pause backoff
	for {
		err := do(ctx)
		if err == nil {
			show(nil)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		show(err)
		if !pause.wait(ctx) {
			return ctx.Err()
		}
	}
}
