package query

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The lanes' times.
const (
	laneTick   = heartbeat / 4         // how often a lane looks for silent viewers
	beatAfter  = heartbeat - laneTick  // silence after which a viewer gets a beat: with laneTick at most heartbeat
	retryAfter = 50 * time.Millisecond // how long a viewer that is behind waits for the next try
	visitsFew  = 64                    // viewers between two looks at whether the hub closes
)

// lane serves a share of the viewers from one goroutine. A pass visits all of them; a visit is one write of the shared
// bytes, which takes what the kernel's buffer has room for and never waits. An event that comes during a pass is seen by
// the viewers that the pass has not reached, and by the others in the pass after it: so a lane that cannot keep up shows
// every viewer the newest frame at its turn and skips the older ones.
type lane struct {
	hub    *hub
	wake   chan struct{} // one place
	passes atomic.Bool   // an event has come since the last pass began
	load   int           // viewers, those that arrive too; guarded by hub.mu

	mu       sync.Mutex
	arriving []*viewer

	viewers []*viewer // run's own, as everything below
	behind  int       // viewers that are stuck
	tally   tally
}

// tally are the counters of a pass, added to the metrics once.
type tally struct{ events, missed int64 }

func newLane(h *hub) *lane { return &lane{hub: h, wake: make(chan struct{}, 1)} }

// take hands a viewer over. It may be called by any goroutine.
func (l *lane) take(w *viewer) {
	l.mu.Lock()
	l.arriving = append(l.arriving, w)
	l.mu.Unlock()
	l.nudge()
}

func (l *lane) nudge() {
	select {
	case l.wake <- struct{}{}:
	default: // it will see this one too
	}
}

// run serves until the hub closes.
func (l *lane) run() {
	defer l.letAllGo()
	tick, retry, armed := time.NewTicker(laneTick), time.NewTimer(retryAfter), true
	defer tick.Stop()
	defer retry.Stop()
	for {
		select {
		case <-l.hub.closed:
			return
		case <-l.wake:
			l.arrive()
			if l.passes.CompareAndSwap(true, false) {
				l.pass()
			}
		case <-retry.C:
			armed = false
			l.pass()
		case <-tick.C:
			l.beats()
		}
		if l.behind > 0 && !armed { // newcomers do not put it off
			retry.Reset(retryAfter)
			armed = true
		}
	}
}

// arrive visits the newcomers, and only them: ten thousand that come one by one cost ten thousand visits.
func (l *lane) arrive() {
	l.mu.Lock()
	coming := l.arriving
	l.arriving = nil
	l.mu.Unlock()
	begin := len(l.viewers)
	l.viewers = append(l.viewers, coming...)
	l.visit(begin)
}

// pass visits everybody.
func (l *lane) pass() {
	l.behind = 0
	l.visit(0)
}

// visit serves the viewers from a place on and takes those out that are gone or too slow.
func (l *lane) visit(begin int) {
	for i := begin; i < len(l.viewers); {
		if i%visitsFew == 0 && l.hub.done.Load() {
			break
		}
		w := l.viewers[i]
		switch w.serve(&l.tally) {
		case idle:
			i++
		case stuck:
			l.behind++
			i++
		case tooSlow:
			l.hub.metrics.slow.Inc()
			l.letGo(i)
		case gone:
			l.letGo(i)
		}
	}
	l.count()
}

// beats sends a beat to those who have heard nothing for a while.
func (l *lane) beats() {
	now := time.Now()
	var plain, packed []byte
	for _, w := range l.viewers {
		if len(w.rest) > 0 || now.Sub(w.since) < beatAfter {
			continue
		}
		if plain == nil {
			plain = l.hub.beat()
			packed = storedBlock(plain)
		}
		w.rest, w.since = pick(w.form.packed, plain, packed), now
	}
	if plain != nil {
		l.pass()
	}
}

// letGo closes a viewer's connection; the last one takes its place.
func (l *lane) letGo(i int) {
	w, last := l.viewers[i], len(l.viewers)-1
	l.viewers[i], l.viewers[last] = l.viewers[last], nil
	l.viewers = l.viewers[:last]
	w.pipe.close()
	l.hub.left(l, w)
}

func (l *lane) letAllGo() {
	l.mu.Lock()
	l.viewers = slices.Concat(l.viewers, l.arriving)
	l.arriving = nil
	l.mu.Unlock()
	for len(l.viewers) > 0 {
		l.letGo(len(l.viewers) - 1)
	}
}

func (l *lane) count() {
	l.hub.metrics.events.Add(float64(l.tally.events))
	l.hub.metrics.dropped.Add(float64(l.tally.missed))
	l.tally = tally{}
}
