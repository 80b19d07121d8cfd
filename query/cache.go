package query

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// cache answers equal store queries that come within cacheFor once: a thousand desks that load the same curve cost one
// query a second. Answers are immutable.
type cache struct {
	slots  chan struct{} // places for store queries
	flight singleflight.Group

	mu  sync.Mutex
	old map[string]cached
}

type cached struct {
	at     time.Time
	answer *answer
}

// The bounds of the cache and of the queries behind it.
const (
	cacheFor    = time.Second
	cacheKeys   = 256              // answers kept
	queryWithin = 20 * time.Second // longest store query
	waitForSlot = 5 * time.Second  // longest wait for a place
)

func newCache(queries int) *cache {
	return &cache{slots: make(chan struct{}, queries), old: map[string]cached{}}
}

// get gives the answer of a key, from a second ago at most, or makes it. ctx ends with the server, not with the
// request: others may wait for the same answer.
func (c *cache) get(ctx context.Context, key string, make func(context.Context) (*answer, error)) (*answer, error) {
	if a := c.fresh(key); a != nil {
		return a, nil
	}
	v, err, _ := c.flight.Do(key, func() (any, error) {
		release, err := c.slot(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
		ctx, cancel := context.WithTimeout(ctx, queryWithin)
		defer cancel()
		a, err := make(ctx)
		if err == nil {
			c.keep(key, a)
		}
		return a, err
	})
	if err != nil {
		return nil, err
	}
	return v.(*answer), nil
}

// slot takes a place for one store query.
func (c *cache) slot(ctx context.Context) (release func(), err error) {
	t := time.NewTimer(waitForSlot)
	defer t.Stop()
	select {
	case c.slots <- struct{}{}:
		return func() { <-c.slots }, nil
	case <-t.C:
		return nil, busy("%d queries are running, which is the limit. Ask again in a second.", cap(c.slots))
	case <-ctx.Done():
		return nil, busy("The server is stopping.")
	}
}

func (c *cache) fresh(key string) *answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a, ok := c.old[key]; ok && time.Since(a.at) < cacheFor {
		return a.answer
	}
	return nil
}

func (c *cache) keep(key string, a *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for k, v := range c.old {
		if now.Sub(v.at) >= cacheFor || len(c.old) >= cacheKeys {
			delete(c.old, k)
		}
	}
	c.old[key] = cached{now, a}
}
