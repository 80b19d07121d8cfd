package query

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// reader is one open stream as a browser reads it.
type reader struct {
	res   *http.Response
	lines *bufio.Reader
	close func()
}

func open(t testing.TB, url string, header ...string) *reader {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	r := &reader{res: res, lines: bufio.NewReader(res.Body), close: func() { cancel(); res.Body.Close() }}
	t.Cleanup(r.close)
	return r
}

// next gives the next frame's bytes, beats and what is said of walls left out.
func (r *reader) next(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	for {
		line, err := r.lines.ReadString('\n')
		require.NoError(t, err)
		b.WriteString(line)
		if line == "\n" && strings.HasPrefix(b.String(), "event: frame\n") {
			return b.String()
		}
		if line == "\n" {
			b.Reset()
		}
	}
}

func id(event string) string {
	_, rest, _ := strings.Cut(event, "id: ")
	id, _, _ := strings.Cut(rest, "\n")
	return id
}

func TestStreamSendsTheFrameAtOnceAndTheSameBytesToAll(t *testing.T) {
	s, url := start(t, testConfig(t, newMemoryStore(), 1))
	s.Apply(paid(0, 0, 3, 3, 50, dayStart))
	eventually(t, func() bool { return s.hub.newest("", false) != nil }, "first official frame")
	plain, packed := open(t, url+"/api/v1/stream?live=0"), open(t, url+"/api/v1/stream?live=0&last=7", "Accept-Encoding", "gzip", "Last-Event-ID", "7")
	require.Equal(t, "text/event-stream", plain.res.Header.Get("Content-Type"))
	require.Equal(t, "no", plain.res.Header.Get("X-Accel-Buffering"))
	require.Empty(t, plain.res.Header.Get("Content-Encoding"))
	require.Equal(t, "gzip", packed.res.Header.Get("Content-Encoding"))
	unpacked, err := gzip.NewReader(packed.res.Body)
	require.NoError(t, err)
	packed.lines = bufio.NewReader(unpacked)

	first := same(t, plain, packed)
	require.Regexp(t, `^event: frame\nid: \d+\ndata: \{"seq":.*\}\n\n$`, first)
	require.NotEqual(t, first, same(t, plain, packed), "the next one too, decoded as it comes")
	eventually(t, func() bool { return valueOf(s.metrics.viewers) == 2 }, "two viewers")
	plain.close()
	packed.close()
	eventually(t, func() bool { return valueOf(s.metrics.viewers) == 0 }, "gone readers are gone within seconds")
}

// same reads two streams of official frames until both give a frame of one number, demands the same bytes, and gives them. One may
// have come a second later, and a reader that is slow misses frames.
func same(t *testing.T, one, two *reader) string {
	t.Helper()
	a, b := one.next(t), two.next(t)
	for number(t, a) != number(t, b) {
		if number(t, a) < number(t, b) {
			a = one.next(t)
		} else {
			b = two.next(t)
		}
	}
	require.Equal(t, a, b)
	return a
}

func number(t *testing.T, event string) int {
	n, err := strconv.Atoi(id(event))
	require.NoError(t, err)
	return n
}

func TestLiveStream(t *testing.T) {
	s, url := start(t, testConfig(t, newMemoryStore(), 1))
	r := open(t, url+"/api/v1/stream", "Accept-Encoding", "identity")
	first := r.next(t)
	s.Apply(paid(0, 0, 3, 3, 50, dayStart))
	for !strings.Contains(id(first), ".") || !strings.Contains(first, `"orders":3,`) {
		first = r.next(t)
	}
	require.Regexp(t, `^\d+\.\d+$`, id(first))
	require.Contains(t, first, `"official":false`)
	status, header, _ := head(t, url+"/api/v1/stream")
	require.Equal(t, 200, status)
	require.Equal(t, "text/event-stream", header.Get("Content-Type"))
}

func head(t testing.TB, url string) (int, http.Header, []byte) {
	res, err := http.Head(url)
	require.NoError(t, err)
	res.Body.Close()
	return res.StatusCode, res.Header, nil
}

// A reader that never reads holds nobody up: others get their frames, and the server stops (TestHubLetsGo holds that at once).
func TestReaderThatNeverReads(t *testing.T) {
	s, url := start(t, testConfig(t, newMemoryStore(), 1))
	conn, err := net.Dial("tcp", s.Addr())
	require.NoError(t, err)
	defer conn.Close()
	conn.(*net.TCPConn).SetReadBuffer(4096)
	_, err = io.WriteString(conn, "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	eventually(t, func() bool { return valueOf(s.metrics.viewers) == 1 }, "stuck viewer")
	big := &event{id: "1", official: true, body: []byte("{}"), full: sent{wire: bytes.Repeat([]byte("x"), 8<<20)}}
	s.hub.publish("", big)
	r := open(t, url+"/api/v1/stream?live=0", "Accept-Encoding", "identity")
	for range 2 {
		require.NotEmpty(t, id(r.next(t)))
	}
	r.close()
	s.shutdown()
	require.Zero(t, s.hub.count())
}

func inert(t *testing.T) *Server {
	s, err := New(testConfig(t, newMemoryStore(), 1))
	require.NoError(t, err)
	return s
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false,
		"gzip; q=0.000": false, "gzip;q=1": true, "identity": false, "x-gzip": true, "gzipped": false} {
		require.Equal(t, want, acceptsGzip(header), header)
	}
}
