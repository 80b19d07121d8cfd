package query

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// hub holds the newest frames of every view and hands them to the viewers.
//
// A view is the whole festival ("") or one window (its id). Each viewer has a mailbox of one event, newest wins, so a
// slow viewer costs one event and delays nobody. mu guards everything; publishing to 10,000 viewers holds it about a
// millisecond. Only the hub sends into mailboxes, under mu, so a free place stays free until the send.
type hub struct {
	metrics *metrics
	total   int // largest number of viewers
	perIP   int // the same for one address

	mu      sync.Mutex
	views   map[string]*view
	byIP    map[string]int
	viewers int
	closed  chan struct{} // closed by close; viewers leave when they see it
	done    bool
	wait    sync.WaitGroup // viewers that have not left
}

type view struct {
	newest   *event // live or official
	official *event
	viewers  map[*viewer]struct{}
}

// viewer is one open stream.
type viewer struct {
	box  chan *event // one place
	conn net.Conn    // the raw connection, not fasthttp's wrapper, which is used again for others
	view string
	ip   string // "" where it is not counted
	live bool
}

func newHub(m *metrics, views []string, total, perIP int) *hub {
	h := &hub{metrics: m, total: total, perIP: perIP, views: map[string]*view{}, byIP: map[string]int{},
		closed: make(chan struct{})}
	for _, name := range views {
		h.views[name] = &view{viewers: map[*viewer]struct{}{}}
	}
	return h
}

// publish shows an event to a view. Events of a view come in the order in which they were made.
func (h *hub) publish(name string, e *event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := h.views[name]
	v.newest = e
	if e.official {
		v.official = e
	}
	for w := range v.viewers {
		if e.official || w.live {
			h.put(w, e)
		}
	}
}

// put replaces what a viewer has not taken yet. An official event is never displaced by a live one: screens play
// official frames only.
func (h *hub) put(w *viewer, e *event) {
	select {
	case w.box <- e:
		return
	default:
	}
	select {
	case old := <-w.box:
		h.metrics.dropped.Inc()
		if old.official && !e.official {
			e = old
		}
	default: // the viewer took it in this moment
	}
	w.box <- e
}

// newest gives the newest event of a view, nil before the first.
func (h *hub) newest(name string, live bool) *event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.views[name].latest(live)
}

func (v *view) latest(live bool) *event {
	if live {
		return v.newest
	}
	return v.official
}

// join adds a viewer, whose mailbox holds the newest event already. An empty ip is not counted by address.
func (h *hub) join(name, ip string, live bool, conn net.Conn) (*viewer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.full(ip); err != nil {
		return nil, err
	}
	w := &viewer{box: make(chan *event, 1), conn: conn, view: name, ip: ip, live: live}
	v := h.views[name]
	if e := v.latest(live); e != nil {
		w.box <- e
	}
	v.viewers[w] = struct{}{}
	h.viewers++
	if ip != "" {
		h.byIP[ip]++
	}
	h.wait.Add(1)
	h.metrics.viewers.Set(float64(h.viewers))
	return w, nil
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
	case h.done:
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

// leave takes a viewer out. It is called once for each joined viewer.
func (h *hub) leave(w *viewer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.views[w.view].viewers, w)
	h.viewers--
	if w.ip != "" {
		if h.byIP[w.ip]--; h.byIP[w.ip] == 0 {
			delete(h.byIP, w.ip)
		}
	}
	h.metrics.viewers.Set(float64(h.viewers))
	h.wait.Done()
}

// close tells every viewer to leave and waits until they have.
func (h *hub) close() {
	h.mu.Lock()
	if !h.done {
		h.done = true
		close(h.closed)
	}
	for _, v := range h.views {
		for w := range v.viewers {
			w.conn.SetWriteDeadline(time.Now()) // see writeTo
		}
	}
	h.mu.Unlock()
	h.wait.Wait()
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
