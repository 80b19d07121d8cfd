package query

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// sink is a pipe in memory with as much room as the test gives it.
type sink struct {
	mu     sync.Mutex
	room   int // bytes that it takes until it is given more
	got    []byte
	broken bool
	shut   bool
}

func (s *sink) write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken || s.shut {
		return 0, errors.New("broken")
	}
	n := min(len(b), s.room)
	s.room -= n
	s.got = append(s.got, b[:n]...)
	return n, nil
}

func (s *sink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		panic("closed twice")
	}
	s.shut = true
}

func (s *sink) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *sink) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := string(s.got)
	s.got = nil
	return out
}

func (s *sink) closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shut
}

const ample = 1 << 40

// running starts the hub of a server that makes no frames, until the test ends.
func running(t *testing.T) *Server {
	s := inert(t)
	s.hub.start()
	t.Cleanup(s.hub.close)
	return s
}

// watch opens a stream into a sink.
func watch(t testing.TB, s *Server, live, packed bool, room int) *sink {
	to := &sink{room: room}
	require.NoError(t, s.hub.join("", newViewer(to, "", live, form{packed: packed}, s.beat())))
	return to
}

func named(id string) *event {
	return &event{id: id, official: !strings.Contains(id, "."), full: sent{wire: []byte("<" + id + ">")}, compact: sent{wire: []byte("[" + id + "]")}}
}

func body(text string) string {
	_, rest, _ := strings.Cut(text, "\r\n\r\n")
	_, rest, _ = strings.Cut(rest, "\n\n") // the beat
	return rest
}

// A stream without frames says at least every two seconds what the server's clock says, first of all at once.
func TestBeat(t *testing.T) {
	for _, packed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := running(t)
			to := watch(t, s, true, packed, ample)
			defer s.hub.close()
			synctest.Wait()
			text, last := to.take(), time.Now()
			for range 10 {
				time.Sleep(heartbeat)
				synctest.Wait()
				one := to.take()
				require.NotEmpty(t, one, "silent from %s to %s", last, time.Now())
				text, last = text+one, time.Now()
			}
			in := bufio.NewReader(strings.NewReader(text))
			for line := ""; line != "\r\n"; {
				var err error
				line, err = in.ReadString('\n')
				require.NoError(t, err)
			}
			var plain io.Reader = in
			if packed {
				var err error
				plain, err = gzip.NewReader(in)
				require.NoError(t, err)
			}
			all, err := io.ReadAll(plain)
			if packed {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF) // the stream is never ended
			}
			beats := strings.Split(strings.TrimSuffix(string(all), "\n\n"), "\n\n")
			require.GreaterOrEqual(t, len(beats), 11)
			var before time.Time
			for _, beat := range beats {
				var data struct{ Now time.Time }
				name, rest, _ := strings.Cut(beat, "\n")
				require.Equal(t, "event: beat", name)
				require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(rest, "data: ")), &data))
				if !before.IsZero() {
					require.LessOrEqual(t, data.Now.Sub(before), heartbeat)
					require.GreaterOrEqual(t, data.Now.Sub(before), beatAfter)
				}
				before = data.Now
			}
		})
	}
}

// A stream whose reader takes nothing ends within ten seconds, and is counted; others get everything meanwhile.
func TestSlowReaderIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := running(t)
		defer s.hub.close()
		to, other := watch(t, s, true, false, 10), watch(t, s, true, false, ample)
		synctest.Wait()
		other.take()
		time.Sleep(writeLimit - retryAfter)
		s.hub.publish("", named("1"))
		synctest.Wait()
		require.False(t, to.closed())
		require.True(t, strings.HasSuffix(other.take(), "<1>"))
		time.Sleep(2 * retryAfter)
		synctest.Wait()
		require.True(t, to.closed())
		require.EqualValues(t, 1, valueOf(s.metrics.slow))
		require.EqualValues(t, 1, s.hub.count())
	})
}

// A reader that is behind gets the event that was begun whole, then the newest one; what it missed is counted.
func TestBehindThenNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := running(t)
		defer s.hub.close()
		to := watch(t, s, false, false, ample)
		synctest.Wait()
		to.take()
		to.set(func() { to.room = 2 })
		for _, id := range []string{"1", "2", "3", "4"} {
			s.hub.publish("", named(id))
			synctest.Wait()
		}
		require.Equal(t, "<1", to.take())
		to.set(func() { to.room = ample })
		time.Sleep(2 * retryAfter)
		synctest.Wait()
		require.Equal(t, "><4>", to.take())
		require.EqualValues(t, 2, valueOf(s.metrics.dropped))
		require.EqualValues(t, 2, valueOf(s.metrics.events))
	})
}

// Newest wins, but a live frame never goes before an official one that was not taken yet.
func TestNext(t *testing.T) {
	s := inert(t)
	live, quiet := &viewer{live: true, view: s.hub.views[""]}, &viewer{view: s.hub.views[""]}
	next := func(w *viewer) (id string, missed int64) {
		p, missed := w.next()
		if p.event == nil {
			return "", missed
		}
		return p.id, missed
	}
	want := func(w *viewer, id string, missed int64) {
		t.Helper()
		gotID, gotMissed := next(w)
		require.Equal(t, []any{id, missed}, []any{gotID, gotMissed})
	}
	want(live, "", 0)
	for _, id := range []string{"1", "1.1", "1.2", "2", "2.1"} {
		s.hub.publish("", named(id))
	}
	want(live, "2", 0)
	want(live, "2.1", 0)
	want(live, "", 0)
	want(quiet, "2", 0)
	want(quiet, "", 0)
	for _, id := range []string{"2.2", "2.3", "3", "3.1", "4"} {
		s.hub.publish("", named(id))
	}
	want(live, "4", 4)
	want(live, "", 0)
	want(quiet, "4", 1)
	s.hub.publish("", named("4.1"))
	want(quiet, "", 0)
	want(live, "4.1", 0)
}

// Whatever the readers take and when: each sees whole events in their order, officials rise, and at rest everybody has the
// newest.
func TestHubHistories(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for i := range uint64(30) {
		synctest.Test(t, func(t *testing.T) { history(t, rand.New(rand.NewPCG(seed, i))) })
	}
}

func history(t *testing.T, r *rand.Rand) {
	s := running(t)
	defer s.hub.close()
	var readers []*sink
	quiet := map[*sink]bool{}
	seq, n := 0, 0
	newest, official := "", ""
	for range 200 {
		switch k := r.IntN(10); {
		case k == 0 && len(readers) < 20:
			live := r.IntN(2) == 0
			to := watch(t, s, live, false, r.IntN(2000))
			readers, quiet[to] = append(readers, to), !live
		case k < 3:
			seq, n = seq+1, 0
			newest = fmt.Sprint(seq)
			official = newest
			s.hub.publish("", named(newest))
		case k < 7:
			n++
			newest = fmt.Sprintf("%d.%d", seq, n)
			s.hub.publish("", named(newest))
		case len(readers) > 0:
			one := readers[r.IntN(len(readers))]
			one.set(func() { one.room += r.IntN(12) })
		}
		if r.IntN(2) == 0 {
			time.Sleep(time.Duration(r.IntN(100)) * time.Millisecond)
		}
	}
	for _, one := range readers {
		one.set(func() { one.room = ample })
	}
	time.Sleep(2 * retryAfter)
	synctest.Wait()
	for _, one := range readers {
		if one.closed() { // too slow in this history
			continue
		}
		text := body(one.take())
		var ids []string
		for part := range strings.SplitSeq(text, ">") {
			if _, id, ok := strings.Cut(part, "<"); ok {
				ids = append(ids, id)
			}
		}
		require.True(t, slices.IsSortedFunc(ids, later), "%v", ids)
		want := newest
		if quiet[one] {
			want = official
		}
		if want != "" {
			require.Equal(t, want, ids[len(ids)-1])
		}
	}
}

// later orders ids as they were published.
func later(a, b string) int {
	var x, y [2]int
	fmt.Sscanf(a, "%d.%d", &x[0], &x[1])
	fmt.Sscanf(b, "%d.%d", &y[0], &y[1])
	return slices.Compare(x[:], y[:])
}

// A broken connection is closed once and its place comes back; closing the hub closes the rest, those too that no lane has
// seen yet.
func TestHubLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := running(t)
		a, b := watch(t, s, true, false, ample), watch(t, s, true, false, 3)
		synctest.Wait()
		a.set(func() { a.broken = true })
		s.hub.publish("", named("1"))
		synctest.Wait()
		require.True(t, a.closed())
		require.EqualValues(t, 1, s.hub.count())
		began := time.Now()
		s.hub.close()
		require.True(t, b.closed())
		require.Zero(t, time.Since(began))
		require.Zero(t, s.hub.count())
		require.ErrorContains(t, s.hub.join("", newViewer(&sink{}, "", true, form{}, nil)), "stopping")
	})
	s := inert(t)
	to := watch(t, s, true, false, ample)
	s.hub.close()
	require.True(t, to.closed())
}

func TestStreamLimits(t *testing.T) {
	cfg := testConfig(t, newMemoryStore(), 1)
	cfg.MaxStreams, cfg.MaxStreamsPerIP = 3, 2
	s, url := start(t, cfg)
	var joined []*sink
	join := func(ip string) error {
		to := &sink{room: ample}
		err := s.hub.join("", newViewer(to, ip, true, form{}, nil))
		if err == nil {
			joined = append(joined, to)
		}
		return err
	}
	require.NoError(t, join("10.0.0.1"))
	require.NoError(t, join("10.0.0.1"))
	require.ErrorContains(t, join("10.0.0.1"), "429")
	require.NoError(t, join("10.0.0.2"))
	require.ErrorContains(t, join("10.0.0.3"), "503")
	status, header, body := get(t, url+"/api/v1/stream")
	require.Equal(t, 503, status, "%s", body)
	require.Equal(t, "application/problem+json", header.Get("Content-Type"))
	require.NotEmpty(t, header.Get("Retry-After"))
	for _, one := range joined {
		one.set(func() { one.broken = true })
	}
	eventually(t, func() bool { return s.hub.count() == 0 }, "frames find out that they are gone")
	require.NoError(t, join("10.0.0.1"), "places come back")
	require.Len(t, s.hub.byIP, 1)
}

// At the bound every place is a real stream that gets the frames; one more is refused, until one of them goes.
func TestAtTheBoundOfStreams(t *testing.T) {
	cfg := testConfig(t, newMemoryStore(), 1)
	cfg.MaxStreams = 300
	s, url := start(t, cfg)
	var conns []net.Conn
	for range cfg.MaxStreams {
		conn, err := net.Dial("tcp", s.Addr())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET /api/v1/stream?live=0&view=total HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		conns = append(conns, conn)
	}
	eventually(t, func() bool { return s.hub.count() == 300 }, "all places taken")
	for _, conn := range conns {
		in := bufio.NewReader(conn)
		for line := ""; !strings.HasPrefix(line, "id: "); {
			var err error
			line, err = in.ReadString('\n')
			require.NoError(t, err)
		}
		data, err := in.ReadBytes('\n')
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(data, []byte(`data: {"seq":`)), "%s", data)
		require.NotContains(t, string(data), "countries")
	}
	status, _, _ := get(t, url+"/api/v1/stream")
	require.Equal(t, 503, status)
	require.EqualValues(t, 300, valueOf(s.metrics.viewers))
	conns[0].Close()
	eventually(t, func() bool { return s.hub.count() == 299 }, "a place comes back")
	open(t, url+"/api/v1/stream").next(t)
}

// The compact view is the frame without its lists, the same on the stream and as an answer.
func TestTotalView(t *testing.T) {
	s, url := start(t, testConfig(t, newMemoryStore(), 2))
	s.Apply(paid(0, 0, 3, 3, 50, dayStart))
	r := open(t, url+"/api/v1/stream?live=0&view=total&window=day", "Accept-Encoding", "identity")
	var one map[string]any
	for text := r.next(t); ; text = r.next(t) {
		_, data, _ := strings.Cut(text, "data: ")
		require.NoError(t, json.Unmarshal([]byte(data), &one))
		if one["total"].(map[string]any)["orders"] == 3.0 {
			break
		}
	}
	require.NotContains(t, one, "countries")
	require.NotContains(t, one, "positions")
	whole := getJSON[map[string]any](t, url+"/api/v1/frame?window=day&at="+strings.ReplaceAll(one["second"].(string), "+", "%2B"))
	delete(whole, "later")
	for name, v := range one {
		require.Equal(t, whole[name], v, name)
	}
	again := getJSON[map[string]any](t, url+"/api/v1/frame?view=total&window=day&at="+strings.ReplaceAll(one["second"].(string), "+", "%2B"))
	require.Contains(t, again, "later")
	delete(again, "later")
	require.Equal(t, one, again)
}
