package query

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// stream answers GET /api/v1/stream.
//
// The connection is taken over from fasthttp, which keeps nothing of it (KeepHijackedConns), and the head is written by the
// viewer's lane: body stream writers put a pipe and a second goroutine between the event and the wire (notes/wall.md §4 has
// the measurements). Nothing of *fiber.Ctx is used after this function returns.
func (s *Server) stream(c *fiber.Ctx, a args) error {
	name := s.viewOf(a)
	if c.Method() == fiber.MethodHead {
		c.Set(fiber.HeaderContentType, "text/event-stream")
		return nil
	}
	f := form{packed: acceptsGzip(c.Get(fiber.HeaderAcceptEncoding)), total: a.text("view") == "total"}
	live, ip := a.or("live", "1") == "1", streamIP(c)
	if err := s.hub.room(ip); err != nil {
		return err
	}
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) {
		// Joined here and not above: fasthttp may end without calling this function.
		p, err := takeOver(rawConn(conn))
		if err != nil {
			s.log.Warn("a stream could not begin", "error", err)
			return
		}
		if s.hub.join(name, newViewer(p, ip, live, f, s.beat())) != nil {
			p.close()
		}
	})
	return nil
}

// streamIP is the address a stream is counted under, "" for this machine itself: a proxy or a load test on it speaks
// for many viewers.
func streamIP(c *fiber.Ctx) string {
	ip := c.Context().RemoteIP()
	if ip.IsLoopback() {
		return ""
	}
	return ip.String()
}

// takeOver makes a connection the hub's own, with what it may hold bounded; it is closed where that fails.
func takeOver(conn net.Conn) (pipe, error) {
	if err := conn.SetDeadline(time.Time{}); err != nil { // the request's, and its timer
		conn.Close()
		return nil, err
	}
	p, err := newSocket(conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return p, nil
}

// beat is what a stream sends when there was no frame for a while: a page then knows that the line lives and what the
// server's clock says, and tells old data from a lost line. A proxy and a gone browser are found out by it too.
func (s *Server) beat() []byte {
	return fmt.Appendf(nil, "event: beat\ndata: {\"now\":%q}\n\n", s.cfg.timeText(s.cfg.Clock().UnixMilli()))
}

func pick(packed bool, plain, deflated []byte) []byte {
	if packed {
		return deflated
	}
	return plain
}

// streamHead is the answer's head. The body ends with the connection (RFC 9112 §6.3, rule 8).
func streamHead(packed bool) []byte {
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache, no-transform\r\n" +
		"X-Accel-Buffering: no\r\nConnection: close\r\nVary: Accept-Encoding\r\n")
	for _, h := range securityHeaders {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	if packed {
		b.WriteString("Content-Encoding: gzip\r\n")
	}
	b.WriteString("\r\n")
	if packed {
		b.Write(gzipHeader)
	}
	return b.Bytes()
}

// acceptsGzip reads an Accept-Encoding header (RFC 9110 §12.5.3): gzip or *, unless refused by q=0.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(strings.ToLower(header), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		name, q = strings.TrimSpace(name), strings.ReplaceAll(q, " ", "")
		if name == "gzip" || name == "x-gzip" {
			return strings.Trim(q, "q=0.") != "" || !strings.HasPrefix(q, "q=0")
		}
	}
	return false
}

// rawConn gives the connection under fasthttp's wrapper.
func rawConn(conn net.Conn) net.Conn {
	if under, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
		return under.UnsafeConn()
	}
	return conn
}
