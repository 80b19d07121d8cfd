package query

import "time"

// The stream's times. Together they free what a reader that is gone or stuck holds within 10 s.
const (
	heartbeat     = 2 * time.Second // longest silence of a stream; the contract says 5 s
	writeLimit    = 5 * time.Second // for one event, and for unacknowledged bytes (socket_linux.go)
	streamBufferB = 64 << 10        // send buffer asked of the kernel, which doubles it
)

// pipe takes bytes for one reader without ever waiting: what it takes is less than all where the reader is behind.
type pipe interface {
	write(b []byte) (n int, err error)
	close()
}

// form says which bytes of an event a viewer gets.
type form struct {
	packed bool // deflated
	total  bool // the compact view
}

// viewer is one open stream. Only its lane touches it after join; it holds a connection, a place in its view and at most
// one event that the kernel has not taken whole, whose bytes all viewers share.
type viewer struct {
	pipe pipe
	view *view
	ip   string // "" where it is not counted
	form form
	live bool

	notice *notice
	told   int64 // place of the last notice begun

	all, officials int64     // place of the last event begun
	rest           []byte    // not written yet
	since          time.Time // when rest was begun; after that, of the last write
}

// newViewer begins with the answer's head and a beat: the newest frame may be old, and its age is told on the server's
// clock.
func newViewer(p pipe, ip string, live bool, f form, beat []byte) *viewer {
	return &viewer{pipe: p, ip: ip, live: live, form: f, rest: append(streamHead(f.packed), pick(f.packed, beat, storedBlock(beat))...),
		since: time.Now()}
}

// next gives the event that the viewer should see after the last one, and how many it has missed in between; nil where
// there is none. A live event never goes before an official one: screens play official frames only.
func (w *viewer) next() (p post, missed int64) {
	s := w.view.shown.Load()
	switch {
	case s.official.all > w.all:
		p = s.official
	case w.live && s.newest.all > w.all:
		p = s.newest
	default:
		return post{}, 0
	}
	switch {
	case w.all == 0: // one that has just come has missed nothing
	case w.live:
		missed = p.all - w.all - 1
	default:
		missed = p.officials - w.officials - 1
	}
	w.all, w.officials = p.all, p.officials
	return p, missed
}

// state of a viewer after a visit.
type visit uint8

const (
	idle    visit = iota // has everything
	stuck                // the kernel has not taken all of an event
	gone                 // its connection has failed
	tooSlow              // nothing of an event was taken in time
)

// serve writes what the viewer does not have. It is called by its lane only.
func (w *viewer) serve(t *tally) visit {
	for {
		if len(w.rest) > 0 {
			if v := w.push(); v != idle {
				return v
			}
		}
		p, missed := w.next()
		if p.event == nil {
			if w.rest = w.notified(); w.rest == nil {
				return idle
			}
			w.since = time.Now()
			continue
		}
		t.events++
		t.missed += missed
		w.rest, w.since = p.bytes(w.form), time.Now()
	}
}

// push writes the rest of what was begun.
func (w *viewer) push() visit {
	n, err := w.pipe.write(w.rest)
	if err != nil {
		return gone
	}
	if w.rest = w.rest[n:]; len(w.rest) == 0 {
		w.rest = nil
		return idle
	}
	if time.Since(w.since) >= writeLimit {
		return tooSlow
	}
	return stuck
}
