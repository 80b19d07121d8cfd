package chaos

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// proxy is the way from ingest and serve to the store. It passes bytes, or misbehaves as the timetable says.
type proxy struct {
	listener net.Listener
	to       string
	refusing atomic.Bool
	delay    atomic.Int64 // nanoseconds before each answer goes back
	cutAfter atomic.Int64 // a connection is cut once it has sent so many bytes; 0: never
	cuts     atomic.Int64

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	work  sync.WaitGroup
}

func newProxy(to string) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, to: to, conns: map[net.Conn]struct{}{}}
	p.work.Go(p.serve)
	return p, nil
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

// close ends every connection and waits for the goroutines.
func (p *proxy) close() {
	_ = p.listener.Close()
	p.drop()
	p.work.Wait()
}

// drop cuts what is open.
func (p *proxy) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// refuse cuts what is open and lets nobody in until told otherwise.
func (p *proxy) refuse(on bool) {
	p.refusing.Store(on)
	if on {
		p.drop()
	}
}

func (p *proxy) serve() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.refusing.Load() {
			_ = in.Close()
			continue
		}
		out, err := net.Dial("tcp", p.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		p.keep(in, out)
		p.work.Go(func() { p.forth(in, out) })
		p.work.Go(func() { p.back(out, in) })
	}
}

func (p *proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = struct{}{}
	}
}

func (p *proxy) end(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
		delete(p.conns, c)
	}
}

// forth carries requests. While cutAfter is set, a connection ends in the middle of what it was sending: the store has got
// a part of an insert, or all of it with the answer lost.
func (p *proxy) forth(from, to net.Conn) {
	defer p.end(from, to)
	buf, sent := make([]byte, 32<<10), int64(0)
	for {
		n, err := from.Read(buf)
		if limit := p.cutAfter.Load(); limit > 0 && sent+int64(n) > limit {
			_, _ = to.Write(buf[:max(0, min(int64(n), limit-sent))])
			p.cuts.Add(1)
			return
		}
		sent += int64(n)
		if p.cutAfter.Load() == 0 {
			sent = 0 // counted from the moment on which cutting begins
		}
		if n > 0 {
			if _, werr := to.Write(buf[:n]); werr != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// back carries answers, late where told.
func (p *proxy) back(from, to net.Conn) {
	defer p.end(from, to)
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if d := p.delay.Load(); d > 0 && n > 0 {
			time.Sleep(time.Duration(d))
		}
		if n > 0 {
			if _, werr := to.Write(buf[:n]); werr != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
