package kafka

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// lossyProxy forwards bytes and, when told, cuts the connection on the next answer that is bound to be a produce answer: the
// request has then reached the broker.
type lossyProxy struct {
	ln   net.Listener
	to   string
	mu   sync.Mutex
	lose bool
	lost int
	wg   sync.WaitGroup
}

func newLossyProxy(t *testing.T, to string) *lossyProxy {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &lossyProxy{ln: ln, to: to}
	p.wg.Add(1)
	go p.serve()
	t.Cleanup(func() { ln.Close(); p.wg.Wait() })
	return p
}

func (p *lossyProxy) addr() string { return p.ln.Addr().String() }

// dial goes through the proxy whatever address is asked for.
func (p *lossyProxy) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, p.addr())
}

func (p *lossyProxy) loseNextAnswer() {
	p.mu.Lock()
	p.lose = true
	p.mu.Unlock()
}

// cuts is how many answers were lost so far.
func (p *lossyProxy) cuts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

func (p *lossyProxy) serve() {
	defer p.wg.Done()
	for {
		in, err := p.ln.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.to)
		if err != nil {
			in.Close()
			continue
		}
		p.wg.Add(2)
		var produce sync.Map // this connection has sent a big request
		go p.pipe(in, out, func(b []byte) bool {
			if len(b) > 2000 {
				produce.Store("big", true)
			}
			return false
		})
		go p.pipe(out, in, func([]byte) bool {
			_, big := produce.Load("big")
			p.mu.Lock()
			defer p.mu.Unlock()
			cut := big && p.lose
			if cut {
				p.lose = false
				p.lost++
			}
			return cut
		})
	}
}

func (p *lossyProxy) pipe(from, to net.Conn, cut func([]byte) bool) {
	defer p.wg.Done()
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && cut(buf[:n]) {
			return
		}
		if _, werr := to.Write(bytes.Clone(buf[:n])); err != nil || werr != nil {
			return
		}
	}
}
