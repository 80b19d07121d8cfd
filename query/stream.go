package query

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// The stream's times. Together they free what a reader that is gone or stuck holds within 10 s.
const (
	heartbeat     = 2 * time.Second // longest silence of a stream; the contract says 5 s
	writeLimit    = 5 * time.Second // for one event, and for unacknowledged bytes (sockopt_linux.go)
	streamBufferB = 64 << 10        // send buffer asked of the kernel, which doubles it
)

// stream answers GET /api/v1/stream.
//
// The connection is taken over from fasthttp and the head is written here: body stream writers put a pipe and a second
// goroutine between the event and the wire, so that a write deadline would not belong to one event (notes/wall.md §4
// has the measurements; a taken-over connection costs one goroutine instead of two and, with headLimit's buffer, about
// 20 kB). Nothing of *fiber.Ctx is used after this function returns.
func (s *Server) stream(c *fiber.Ctx, a args) error {
	name := s.viewOf(a)
	if c.Method() == fiber.MethodHead {
		c.Set(fiber.HeaderContentType, "text/event-stream")
		return nil
	}
	packed, live := acceptsGzip(c.Get(fiber.HeaderAcceptEncoding)), a.or("live", "1") == "1"
	ip := streamIP(c)
	if err := s.hub.room(ip); err != nil {
		return err
	}
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) {
		defer s.rescue("stream")
		// Joined here and not above: fasthttp may end without calling this function.
		if w, err := s.hub.join(name, ip, live, rawConn(conn)); err == nil {
			defer s.hub.leave(w)
			s.serveStream(w, packed)
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

// serveStream writes events until the reader is gone, too slow, or the server stops. It owns the connection's write
// side; fasthttp closes the connection afterwards.
func (s *Server) serveStream(w *viewer, packed bool) {
	limitStream(w.conn)
	// A beat comes first: the newest frame may be old, and its age is told on the server's clock.
	if !s.writeTo(w.conn, append(streamHead(packed), s.beat(packed)...)) {
		return
	}
	beat := time.NewTimer(heartbeat)
	defer beat.Stop()
	for {
		var data []byte
		select {
		case <-s.hub.closed:
			return
		case e := <-w.box:
			data = pick(packed, e.wire, e.packed)
			s.metrics.events.Inc()
		case <-beat.C:
			data = s.beat(packed)
		}
		if !s.writeTo(w.conn, data) {
			return
		}
		beat.Reset(heartbeat)
	}
}

// writeTo writes one event under its own deadline and counts readers that were too slow. The hub's close sets the
// deadline of all connections to now after it has closed h.closed; so a write that began before is cut short, and one
// that would replace that deadline does not begin.
func (s *Server) writeTo(conn net.Conn, data []byte) bool {
	if conn.SetWriteDeadline(time.Now().Add(writeLimit)) != nil {
		return false
	}
	select {
	case <-s.hub.closed:
		return false
	default:
	}
	_, err := conn.Write(data)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		s.metrics.slow.Inc()
	}
	return err == nil
}

// beat is what a stream sends when there was no frame for a while: a page then knows that the line lives and what the
// server's clock says, and tells old data from a lost line. A proxy and a gone browser are found out by it too.
func (s *Server) beat(packed bool) []byte {
	plain := fmt.Appendf(nil, "event: beat\ndata: {\"now\":%q}\n\n", s.cfg.timeText(s.cfg.Clock().UnixMilli()))
	return pick(packed, plain, storedBlock(plain))
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
