package query

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// standAside is how long a process that holds the frames topic's partition may fail to publish before it leaves the group to
// the others; awayFor is how long it then stays away where it cannot see by itself that it has mended.
const (
	standAside = 5 * time.Second
	awayFor    = 10 * time.Second
)

// topicState is what the goroutines around the frames topic tell each other and the routes.
type topicState struct {
	mu       sync.Mutex
	next     int64 // offset to read
	log      int64 // where the topic ends, as of the last answer
	read     bool  // the topic has been read to its end once
	storing  time.Time
	newestBy string            // who made the newest official frame
	failures map[string]string // why reading, appending or taking part does not work, by part
	brokenAt time.Time         // when the topic last could not be read or appended to
	held     bool              // the group has given us the partition
	heldAt   time.Time
	ownAt    time.Time // when a frame of ours was last read back as official
	aheadAt  time.Time // when one of ours was last ignored because our clock is ahead
	away     time.Time // until when we leave the partition to others
	tailedAt time.Time // when the store was last read
	appended int64     // offset of our last record, -1 before it and where it is not known
}

// at notes how far the topic has been read, and whether official frames of it wait for the store.
func (t *topicState) at(next, end int64, storing bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next, t.log = next, end
	if next >= end && !storing {
		t.read = true
	}
	switch {
	case !storing:
		t.storing = time.Time{}
	case t.storing.IsZero():
		t.storing = now
	}
}

// again notes that the topic is read from its start again.
func (t *topicState) again() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.read = false
}

func (t *topicState) madeBy(name string, own bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.newestBy = name
	if own {
		t.ownAt = now
	}
}

func (t *topicState) ahead(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.aheadAt = now
}

// The parts that may be in trouble.
const (
	reading   = "the frames topic cannot be read"
	appending = "the frames topic does not take official frames"
	joining   = "the group of publishers cannot be joined"
	following = "the frames topic and the store's chain do not fit"
)

// trouble notes why a part does not work; nil ends it.
func (t *topicState) trouble(part string, err error, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		delete(t.failures, part)
		return
	}
	t.failures[part] = fmt.Sprintf("%s: %v", part, err)
	if part == reading || part == appending {
		t.brokenAt = now
	}
}

func (t *topicState) hold(held bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if held && !t.held {
		t.heldAt = now
	}
	t.held = held
}

func (t *topicState) tailed(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tailedAt = now
}

func (t *topicState) sent(offset int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.appended = offset
}

// proposes says whether a frame of ours could follow: the partition is ours, all of the topic has been read, our own last
// record too, and what was official there is stored. Nothing depends on it but how many records are ignored.
func (t *topicState) proposes() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.held && t.read && t.failures[reading] == "" && t.storing.IsZero() && t.next > t.appended
}

// unfit says why this process should leave publishing to another, "" where it need not. last is the second of the chain's
// end. Where it holds the partition and nothing of its own has become official, whatever the reason, it leaves for a while.
func (t *topicState) unfit(last int64, now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	turn := t.heldAt // since when it should have published
	for _, at := range []time.Time{t.ownAt, t.brokenAt} {
		if at.After(turn) {
			turn = at
		}
	}
	switch behind := time.Unix(last, 0).Sub(now); {
	case now.Before(t.away):
		return "nothing published while it was this process's turn; trying again soon"
	case now.Sub(t.tailedAt) > standAside:
		return "the store cannot be read"
	case !t.storing.IsZero() && now.Sub(t.storing) > standAside:
		return "the store does not take official frames"
	case behind > standAside:
		return fmt.Sprintf("this machine's clock is %s behind the last official frame", behind.Truncate(time.Second))
	case t.held && now.Sub(turn) > standAside:
		t.away = now.Add(awayFor)
		if now.Sub(t.aheadAt) < standAside {
			return fmt.Sprintf("this machine's clock is more than %d s ahead of the broker's", maxAhead/1000)
		}
		return "nothing published while it was this process's turn"
	}
	return ""
}

// holds says whether the group of publishers has given the partition to this process.
func (t *topicState) holds() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.held
}

// view is what /readyz shows of the topic.
func (t *topicState) view() (publisher string, held bool, lag int64, failures []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.newestBy, t.held, max(0, t.log-t.next), slices.Sorted(maps.Values(t.failures))
}

// takePart keeps this process in the group of publishers while it is fit to publish, until ctx ends.
func (p *publisher) takePart(ctx context.Context) {
	said := ""
	for ctx.Err() == nil {
		why := p.topic.unfit(p.shown.Load(), p.cfg.Clock())
		if why != said && why != "" {
			p.log.Warn("this process leaves official frames to others", "reason", why)
		}
		if said = why; why == "" {
			p.member(ctx)
		}
		sleep(ctx, time.Second)
	}
}

// member is in the group until ctx ends or the process is no longer fit.
func (p *publisher) member(ctx context.Context) {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	var watch sync.WaitGroup
	defer watch.Wait()
	watch.Go(func() {
		defer leave()
		for sleep(ctx, time.Second) && p.topic.unfit(p.shown.Load(), p.cfg.Clock()) == "" {
		}
	})
	err := p.cfg.Frames.Hold(ctx, func(held bool) {
		p.topic.hold(held, p.cfg.Clock())
		p.metrics.publishing.Set(oneIf(held))
	}, func(err error) { p.topic.trouble(joining, err, p.cfg.Clock()) })
	if err != nil && ctx.Err() == nil {
		p.log.Warn("left the group of publishers", "error", err)
		p.topic.trouble(joining, err, p.cfg.Clock())
	}
	leave()
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// appendWithin is the time for one append. What is not acknowledged by then may arrive all the same; the next second's
// frame is proposed with the same predecessor, and the first of the two in the topic is official.
const appendWithin = 4 * time.Second

// append adds a candidate to the topic and tells the board's goroutine how that went.
func (p *publisher) append(ctx context.Context, c *candidate, record []byte) {
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, appendWithin)
	defer cancel()
	offset, err := int64(-1), p.storeOffer(within, c)
	if err == nil {
		offset, err = p.cfg.Frames.Append(within, record, p.keys.sign(record))
	}
	if err != nil {
		offset = -1
		if ctx.Err() == nil {
			p.log.Warn("official frame not appended", "error", err)
		}
	} else {
		p.metrics.appendFrame.Observe(time.Since(began).Seconds())
	}
	p.topic.sent(offset)
	p.topic.trouble(appending, err, p.cfg.Clock())
	send(ctx, p.appended, struct{}{})
}
