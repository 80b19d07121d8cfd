package query

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// hub holds the newest frames of every view and hands them to the viewers.
//
// A view is the whole festival ("") or one window (its id). Viewers are spread over lanes, one goroutine for each
// processor, which write without ever waiting (lane.go): a viewer has no goroutine and no buffer of its own. Publishing
// costs one pointer and one wake a lane, however many viewers there are. mu guards the counts and what is shown.
type hub struct {
	metrics *metrics
	total   int // largest number of viewers
	perIP   int // the same for one address
	beat    func() []byte

	mu      sync.Mutex
	views   map[string]*view
	byIP    map[string]int
	viewers int
	lanes   []*lane
	notice  notice
	done    atomic.Bool
	closed  chan struct{} // closed by close; lanes end when they see it
	running sync.WaitGroup
}

// view is what one view shows. Lanes read it without a lock.
type view struct {
	shown atomic.Pointer[shown]
}

// shown are the newest events of a view. It is replaced, never changed.
type shown struct {
	newest   post // live or official
	official post
}

// post is an event with its place in its view: how many events, and how many official ones, there were up to it.
type post struct {
	*event
	all, officials int64
}

func newHub(m *metrics, views []string, total, perIP int, beat func() []byte) *hub {
	h := &hub{metrics: m, total: total, perIP: perIP, beat: beat, views: map[string]*view{}, byIP: map[string]int{},
		closed: make(chan struct{})}
	for _, name := range views {
		h.views[name] = &view{}
		h.views[name].shown.Store(&shown{})
	}
	for range runtime.GOMAXPROCS(0) {
		h.lanes = append(h.lanes, newLane(h))
	}
	return h
}

// start begins to serve viewers; close ends it.
func (h *hub) start() {
	for _, l := range h.lanes {
		h.running.Go(l.run)
	}
}

// publish shows an event to a view. Events of a view come in the order in which they were made.
func (h *hub) publish(name string, e *event) {
	h.mu.Lock()
	v := h.views[name]
	s := *v.shown.Load()
	s.newest = post{e, s.newest.all + 1, s.official.officials}
	if e.official {
		s.newest.officials++
		s.official = s.newest
	}
	v.shown.Store(&s)
	h.mu.Unlock()
	for _, l := range h.lanes {
		l.passes.Store(true)
		l.nudge()
	}
}

// tell shows viewers a whole event beside the frames, in place of the one before; those who come get it after their first
// frame. The compact view goes without.
func (h *hub) tell(wire []byte) {
	h.mu.Lock()
	h.notice.newest.Store(&told{place: h.notice.told() + 1, wire: wire, packed: storedBlock(wire)})
	h.mu.Unlock()
	for _, l := range h.lanes {
		l.passes.Store(true)
		l.nudge()
	}
}

// newest gives the newest event of a view, nil before the first.
func (h *hub) newest(name string, live bool) *event {
	s := h.views[name].shown.Load()
	if live {
		return s.newest.event
	}
	return s.official.event
}

// join gives a viewer to the lane that has the fewest; from then on the hub owns its connection. w.ip "" is not counted
// by address.
func (h *hub) join(name string, w *viewer) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.full(w.ip); err != nil {
		return err
	}
	w.view, w.notice = h.views[name], &h.notice
	h.viewers++
	if w.ip != "" {
		h.byIP[w.ip]++
	}
	h.metrics.viewers.Set(float64(h.viewers))
	least := h.lanes[0]
	for _, l := range h.lanes[1:] {
		if l.load < least.load {
			least = l
		}
	}
	least.load++
	least.take(w)
	return nil
}

// room tells why there is no place for one more viewer, before a connection is given to it.
func (h *hub) room(ip string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.full(ip)
}

func (h *hub) full(ip string) error {
	err := h.refusal(ip)
	if err != nil {
		h.metrics.refusedStreams.Inc()
	}
	return err
}

func (h *hub) refusal(ip string) error {
	switch {
	case h.done.Load():
		return busy("The server is stopping. Connect again in a second.")
	case h.viewers >= h.total:
		return busy("%d streams are open, which is the limit. Poll /api/v1/frame, or raise the limit.", h.total)
	case ip != "" && h.byIP[ip] >= h.perIP:
		p := newProblem(429, "streams",
			"%d streams are open from this address, which is the limit for one. Share one stream between the pages.", h.perIP)
		p.retryS = 5
		return p
	}
	return nil
}

// left notes that a lane has let a viewer go.
func (h *hub) left(l *lane, w *viewer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l.load--
	h.viewers--
	if w.ip != "" {
		if h.byIP[w.ip]--; h.byIP[w.ip] == 0 {
			delete(h.byIP, w.ip)
		}
	}
	h.metrics.viewers.Set(float64(h.viewers))
}

// close ends every stream and waits until the lanes have ended. No write of theirs can be stuck.
func (h *hub) close() {
	h.mu.Lock()
	if h.done.CompareAndSwap(false, true) {
		close(h.closed)
	}
	h.mu.Unlock()
	h.running.Wait()
	for _, l := range h.lanes { // those that came after a lane's last look, or before its first
		l.letAllGo()
	}
}

// count gives the number of open streams.
func (h *hub) count() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return int64(h.viewers)
}

// String names the hub's load, for logs.
func (h *hub) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprintf("%d viewers from %d addresses", h.viewers, len(h.byIP))
}
