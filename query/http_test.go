package query

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/sql"
)

func getProblem(t testing.TB, url string, want int, header ...string) problem {
	t.Helper()
	status, h, body := get(t, url, header...)
	require.Equal(t, want, status, "%s: %s", url, body)
	require.Equal(t, "application/problem+json", h.Get("Content-Type"))
	var p problem
	require.NoError(t, json.Unmarshal(body, &p))
	require.Equal(t, want, p.Status)
	require.NotEmpty(t, p.Type)
	require.NotEmpty(t, p.Title)
	require.True(t, strings.HasSuffix(p.Detail, "."), "a sentence: %q", p.Detail)
	return p
}

// Every wrong parameter is named, with its value and what to do.
func TestParametersAreRefused(t *testing.T) {
	_, url := start(t, testConfig(t, newMemoryStore(), 2))
	for _, c := range []struct{ path, parameter, detail string }{
		{"/api/v1/frame?seconds=1", "seconds", "takes at, window"},
		{"/api/v1/frame?at=2026-11-11T00:00:00", "at", "with zone"},
		{"/api/v1/frame?at=2026-11-11T00:00:00+08:00", "at", "%2B"},
		{"/api/v1/frame?at=1999-11-11T00:00:00Z", "at", "2000 to 2099"},
		{"/api/v1/frame?window=dusk", "window", "day, night"},
		{"/api/v1/frame?window=day&window=night", "window", "twice"},
		{"/api/v1/stream?live=2", "live", "one of 1, 0"},
		{"/api/v1/series", "dim", "required"},
		{"/api/v1/series?dim=merchant", "dim", "one of total"},
		{"/api/v1/series?dim=province&step=1s", "step", "1m or 1h"},
		{"/api/v1/frame?window=", "window", "windows are"},
		{"/api/v1/frame?at=", "at", "RFC 3339"},
		{"/api/v1/stream?live=", "live", "one of"},
		{"/api/v1/series?dim=", "dim", "one of"},
		{"/api/v1/breakdown?dim=country&limit=", "limit", "integer"},
		{"/api/v1/series?dim=total&key=x", "key", "no keys"},
		{"/api/v1/series?dim=country&key=XX", "key", "not one of the keys"},
		{"/api/v1/series?dim=country&step=2m", "step", "one of 1m, 1s, 1h"},
		{"/api/v1/series?dim=country&format=csv", "format", "points, columns, arrow"},
		{"/api/v1/series?dim=total&from=2026-11-11T00:00:00.5Z", "from", "whole second"},
		{"/api/v1/series?dim=flow&to=2026-11-11T00:00:30Z", "to", "whole minute"},
		{"/api/v1/series?dim=total&from=2026-11-11T00:00:00Z&to=2026-11-11T00:00:00Z", "to", "empty"},
		{"/api/v1/series?dim=total&step=1s&from=2020-11-11T00:00:00Z&to=2026-11-11T00:00:00Z", "step", "larger step"},
		{"/api/v1/breakdown?dim=country&limit=0", "limit", "1 to 10000"},
		{"/api/v1/breakdown?dim=merchant&from=2026-11-11T00:00:00Z", "from", "Leave from out"},
		{"/api/v1/milestones?dim=x", "dim", "takes window"},
		{"/api/v1/merchant/" + strings.Repeat("m", 65), "id", "1 to 64 bytes"},
		{"/api/v1/merchant/%ff", "id", "UTF-8"},
		{"/api/v1/festival?a=1", "a", "no parameters"},
		{"/healthz?probe=1", "probe", "no parameters"},
	} {
		p := getProblem(t, url+c.path, 400)
		require.Equal(t, c.parameter, p.Parameter, c.path)
		require.Contains(t, p.Detail, c.detail, c.path)
	}
}

// atOnce sends a request in one write and gives the answer. The server closes before it has read all of one that is too long: a
// client that is still writing by then may fail to read the answer.
func atOnce(t *testing.T, addr, request string) string {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	answer, _ := io.ReadAll(conn) // what comes after the answer may be a reset
	return string(answer)
}

func TestPathsAndMethods(t *testing.T) {
	s, url := start(t, testConfig(t, newMemoryStore(), 1))
	require.Contains(t, getProblem(t, url+"/nothing", 404).Detail, "openapi.json")
	getProblem(t, url+"/api/v1/merchant/", 404)
	getProblem(t, url+"/assets/none.js", 404)
	getProblem(t, url+"/assets/../index.htm", 404)
	res, err := http.Post(url+"/api/v1/frame", "application/json", strings.NewReader("{}"))
	require.NoError(t, err)
	res.Body.Close()
	require.Equal(t, 405, res.StatusCode)
	require.Equal(t, "GET, HEAD", res.Header.Get("Allow"))
	require.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
	res, err = http.Post(url+"/api/v1/frame", "application/json", strings.NewReader(strings.Repeat("x", bodyLimit+1)))
	if err == nil { // the server may close before it has read all
		res.Body.Close()
		require.Equal(t, 413, res.StatusCode)
	}
	require.Contains(t, atOnce(t, s.Addr(), "GET /api/v1/frame HTTP/1.1\r\nHost: localhost\r\nX-Long: "+strings.Repeat("x", headLimit)+"\r\n\r\n"), "HTTP/1.1 431 ")
}

func TestPagesAndCaching(t *testing.T) {
	_, url := start(t, testConfig(t, newMemoryStore(), 1))
	for path, file := range map[string]string{"/": "index.html", "/desk": "desk.html", "/merchant": "merchant.html", "/ops?x=1": "ops.html"} {
		status, h, body := get(t, url+path)
		require.Equal(t, 200, status)
		require.Equal(t, "<html>"+file, string(body))
		require.Equal(t, "text/html; charset=utf-8", h.Get("Content-Type"))
		require.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'")
		status, _, body = get(t, url+path, "If-None-Match", h.Get("ETag"))
		require.Equal(t, 304, status)
		require.Empty(t, body)
	}
	_, h, _ := get(t, url+"/assets/wall.js")
	require.Equal(t, "text/javascript; charset=utf-8", h.Get("Content-Type"))
	_, h, _ = get(t, url+"/assets/a.woff2")
	require.Equal(t, "public, max-age=604800", h.Get("Cache-Control"))
	require.NotEmpty(t, h.Get("Date"), "pages judge the clock by it")
	cfg := testConfig(t, newMemoryStore(), 1)
	cfg.Pages = fstest.MapFS{"index.html": {}}
	_, err := New(cfg)
	require.ErrorContains(t, err, "desk.html is missing")
}

func TestFrameTags(t *testing.T) {
	store := newMemoryStore()
	s, base := start(t, testConfig(t, store, 1))
	getProblem(t, base+"/api/v1/frame?at=2025-01-01T00:00:00Z", 404)
	eventually(t, func() bool { return s.hub.newest("", false) != nil }, "official frame")
	row := store.chain("")[0]
	store.mu.Lock()
	store.verified = []sql.VerificationRow{{FrameHash: row.Hash, RecordedMs: 1}, {FrameHash: row.Hash, Equal: true, RecordedMs: dayStart * 1000}}
	store.mu.Unlock()
	at := url.QueryEscape(time.Unix(row.Second, 9e8).Format(time.RFC3339Nano))
	_, _, body := get(t, base+"/api/v1/frame?at="+at)
	require.Equal(t, strings.TrimSuffix(row.JSON, "}")+`,"later":{"correction":null,"verified_at":"2025-11-11T00:00:00+08:00"}}`, string(body))
	_, h, body := get(t, base+"/api/v1/frame")
	if status, _, _ := get(t, base+"/api/v1/frame", "If-None-Match", h.Get("ETag")); status != 304 {
		_, again, _ := get(t, base+"/api/v1/frame")
		require.NotEqual(t, h.Get("ETag"), again.Get("ETag"), "only another frame has another tag")
	}
	if f := decode(t, string(body)); f.Official {
		require.Equal(t, `"`+*f.Hash+`"`, h.Get("ETag"))
	}
	age, err := strconv.Atoi(h.Get("Age"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, age, 0)
}

// Columns and Arrow hold what points hold.
func TestSeriesFormats(t *testing.T) {
	store := newMemoryStore()
	store.put(paid(0, 0, 3, 3, 50, dayStart))
	store.put(paid(0, 1, 4, 4, 50, dayStart+61))
	s, url := start(t, testConfig(t, store, 1))
	eventually(t, func() bool { return s.hub.newest("", true) != nil }, "frame")
	columns := getJSON[struct{ Columns map[string][]int64 }](t, url+"/api/v1/series?dim=total&format=columns").Columns
	require.Equal(t, []int64{dayStart, dayStart + 60}, columns["t"])
	require.Equal(t, []int64{150, 200}, columns["gmv_fen"])
	_, h, body := get(t, url+"/api/v1/series?dim=total&format=arrow")
	require.Equal(t, arrowKind, h.Get("Content-Type"))
	in, err := ipc.NewReader(bytes.NewReader(body))
	require.NoError(t, err)
	defer in.Release()
	require.True(t, in.Next())
	for i, f := range in.Schema().Fields() {
		require.Equal(t, columns[f.Name], in.RecordBatch().Column(i).(*array.Int64).Int64Values(), f.Name)
	}
	_, _, body = get(t, url+"/api/v1/merchant/m1/series?format=columns")
	require.Contains(t, string(body), `"positions":{"0":3,"1":4}`)
	require.Len(t, getJSON[struct{ Points []any }](t, url+"/api/v1/series?dim=flow&step=1h").Points, 1)
}

// A thousand desks that ask for the same curve cost one query a second.
func TestEqualQueriesRunOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, runs, release := newCache(4), atomic.Int32{}, make(chan struct{})
		ask := func(key string) {
			a, err := c.get(t.Context(), key, func(context.Context) (*answer, error) { runs.Add(1); <-release; return &answer{}, nil })
			assert.NoError(t, err)
			assert.NotNil(t, a)
		}
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() { ask("a curve") })
		}
		synctest.Wait() // until all of them wait
		require.EqualValues(t, 1, runs.Load())
		close(release)
		all.Wait()
		time.Sleep(cacheFor - time.Millisecond)
		ask("a curve")
		require.EqualValues(t, 1, runs.Load())
		ask("another")
		require.EqualValues(t, 2, runs.Load())
		time.Sleep(time.Millisecond)
		ask("a curve")
		require.EqualValues(t, 3, runs.Load())
	})
}

// Routes give equal queries one key: a second answer within the second is the first one.
func TestSeriesAreKept(t *testing.T) {
	store := newMemoryStore()
	var runs atomic.Int32
	store.seriesOf = func() { runs.Add(1) }
	_, url := start(t, testConfig(t, store, 1))
	eventually(t, func() bool { // a busy machine may take longer than a second for both
		before := runs.Load()
		get(t, url+"/api/v1/series?dim=total&step=1m")
		get(t, url+"/api/v1/series?step=1m&dim=total")
		return runs.Load() == before+1
	}, "one query for two")
}

func TestStoreDownIsA503(t *testing.T) {
	store := newMemoryStore()
	s, url := start(t, testConfig(t, store, 1))
	eventually(t, func() bool { return s.hub.newest("", false) != nil }, "official frame")
	store.setDown(true)
	for _, path := range []string{"/api/v1/series?dim=total", "/api/v1/breakdown?dim=city", "/api/v1/rejects",
		"/api/v1/merchant/m/series", "/api/v1/frame?at=2090-01-01T00:00:00Z"} {
		p := getProblem(t, url+path, 503)
		require.NotContains(t, p.Detail, errDown.Error(), "causes are for the log")
	}
	status, _, _ := get(t, url+"/api/v1/frame")
	require.Equal(t, 200, status)
	status, _, _ = get(t, url+"/healthz")
	require.Equal(t, 200, status)
}

// A frame tells its age by the server's clock, so that a poller sees that frames stand still.
func TestFrameTellsItsAge(t *testing.T) {
	s := inert(t)
	now := time.Unix(dayStart, 0)
	s.cfg.Open = true // a test's request has no address
	s.cfg.Clock = func() time.Time { return now.Add(33_400 * time.Millisecond) }
	for _, second := range []int64{dayStart, dayStart + 100} { // 33 s ago, and one that the clock has not reached
		s.hub.publish("", s.pub.packer.newEvent("1", "ab", true, second, []byte("{}")))
		res, err := s.app.Test(httptest.NewRequest(http.MethodGet, "/api/v1/frame", nil))
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, map[int64]string{dayStart: "33", dayStart + 100: "0"}[second], res.Header.Get("Age"))
	}
}

func TestPanicIsA500(t *testing.T) {
	s := inert(t)
	s.app.Get("/boom", s.handler(route{path: "/boom", who: everyone, free: true, answer: func(*Server, *fiber.Ctx, args) error {
		panic("boom")
	}}))
	req, err := http.NewRequest(http.MethodGet, "/boom", nil)
	require.NoError(t, err)
	res, err := s.app.Test(req, -1)
	require.NoError(t, err)
	require.Equal(t, 500, res.StatusCode)
	require.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
}

func TestAccess(t *testing.T) {
	s, url := start(t, testConfig(t, newMemoryStore(), 1))
	eventually(t, func() bool { return s.hub.newest("", true) != nil }, "frame")
	open := testConfig(t, newMemoryStore(), 1)
	open.Open = true
	s, openURL := start(t, open)
	eventually(t, func() bool { return s.hub.newest("", true) != nil }, "frame of the open one")
	public := []string{"/healthz", "/api/v1/openapi.json"}
	viewersToo := []string{"/", "/api/v1/festival", "/api/v1/milestones", "/metrics"}
	operatorsOnly := []string{"/api/v1/partitions", "/api/v1/rejects", "/api/v1/breakdown?dim=merchant"}
	for _, c := range []struct {
		base    string
		header  []string
		viewers int
		ops     int
	}{
		{url, nil, 200, 200},
		{url, []string{"X-Forwarded-For", "127.0.0.1"}, 403, 403},
		{url, []string{"Forwarded", "for=127.0.0.1"}, 403, 403},
		{url, []string{"Host", "evil.example"}, 200, 403},
		{url, []string{"Host", "localhost:8080"}, 200, 200},
		{url, []string{"Host", "[::1]:8080"}, 200, 200},
		{openURL, nil, 200, 200},
		{openURL, []string{"X-Forwarded-For", "10.0.0.1"}, 200, 403},
		{openURL, []string{"Host", "wall.example"}, 200, 403},
	} {
		for _, group := range []struct {
			want  int
			paths []string
		}{{200, public}, {c.viewers, viewersToo}, {c.ops, operatorsOnly}} {
			for _, path := range group.paths {
				status, _, body := get(t, c.base+path, c.header...)
				require.Equal(t, group.want, status, "%s %v: %s", path, c.header, body)
			}
		}
	}
}

func TestBeyondLoopbackNeedsOpen(t *testing.T) {
	for addr, ok := range map[string]bool{"127.0.0.1:0": true, "[::1]:0": true, "localhost:80": true, ":8080": false,
		"0.0.0.0:80": false, "10.0.0.1:80": false, "[::]:80": false, "8080": false} {
		cfg := testConfig(t, newMemoryStore(), 1)
		cfg.Addr = addr
		require.Equal(t, ok, cfg.Validate() == nil, addr)
		cfg.Open = true
		require.Equal(t, addr != "8080", cfg.Validate() == nil, addr)
	}
	_, err := New(Config{Addr: "0.0.0.0:80", LatenessMs: -1, Follow: true, MilestonesCN: []int64{0}})
	for _, what := range []string{"http.open", "rules", "store", "partitions", "lateness", "tailing", "milestones_cny[0]"} {
		require.ErrorContains(t, err, what)
	}
}

func TestReadiness(t *testing.T) {
	s, url := start(t, testConfig(t, newMemoryStore(), 1))
	s.Ready("ingest", "waiting for the topic")
	reasons := getProblem(t, url+"/readyz", 503).Reasons
	require.Contains(t, reasons, "ingest: waiting for the topic")
	require.Contains(t, reasons, "partition 1: no process has reported on it yet")
	s.Ready("ingest", "")
	awaitReady(t, s, url, 0, 0)
	var rows []partitionRow
	eventually(t, func() bool {
		both(s, time.Now(), 0, 0)
		rows = getJSON[struct{ Partitions []partitionRow }](t, url+"/api/v1/partitions").Partitions
		return len(rows) == 2 && rows[0].State == "running"
	}, "running partitions")
	require.Zero(t, *rows[0].Lag)
}

// A stopped partition is a warning, all of them are a reason; both are said in words. One that begins is not stopped.
func TestReadinessOfStoppedPartitions(t *testing.T) {
	s, url := start(t, testConfig(t, newMemoryStore(), 1))
	awaitReady(t, s, url, 0, 0)
	for _, c := range []struct {
		first, second string
		status        int
	}{
		{"log replaced: x", "", 200}, {"log replaced: x", "recovering", 200}, {"recovering", "recovering", 200},
		{"log replaced: x", "log truncated: y", 503}, {"", "", 200},
	} {
		said := func() bool { // a pulse is good for five seconds only
			now := time.Now().UnixMilli()
			s.ApplyPulse([]aggregate.Pulse{{Partition: 0, AtMs: now, Stopped: c.first}, {Partition: 1, AtMs: now, Stopped: c.second}})
			status, _, body := get(t, url+"/readyz")
			text := string(body)
			return status == c.status && strings.Contains(text, c.first) && strings.Contains(text, c.second) &&
				strings.Contains(text, "every partition is stopped") == (c.status == 503)
		}
		require.Eventually(t, said, time.Minute, 50*time.Millisecond, "%+v", c) // one waits for stoppedFor
		if c.status == 503 {
			require.Contains(t, getProblem(t, url+"/readyz", 503).Reasons, "partition 1: stopped: "+c.second)
		}
	}
}

// All partitions have to be stopped for stoppedFor, without a break, before /readyz says so.
func TestReadinessOutlastsShortStops(t *testing.T) {
	cfg := testConfig(t, newMemoryStore(), 1)
	s, err := New(cfg)
	require.NoError(t, err)
	now := time.UnixMilli(dayStart)
	st := &status{official: now, pulses: map[int32]aggregate.Pulse{}}
	at := func(after time.Duration, first, second string) bool {
		now := now.Add(after)
		st.official = now
		for p, reason := range []string{first, second} {
			st.pulses[int32(p)] = aggregate.Pulse{Partition: int32(p), AtMs: now.UnixMilli(), Stopped: reason}
		}
		st.watchStopped(2, now)
		s.pub.status.Store(st.copy())
		reasons, warnings := s.reasons(now)
		require.Len(t, warnings, strings.Count(first+second, "x"))
		require.Subset(t, []string{"every partition is stopped: no figure moves"}, withoutFrames(reasons))
		return len(withoutFrames(reasons)) > 0
	}
	require.False(t, at(0, "x", "x"))
	require.False(t, at(stoppedFor-time.Millisecond, "x", "x"))
	require.True(t, at(stoppedFor, "x", "x"))
	require.False(t, at(stoppedFor+time.Second, "x", ""), "one goes on")
	require.False(t, at(stoppedFor+2*time.Second, "x", "x"), "a new stop")
	require.False(t, at(2*stoppedFor+2*time.Second-time.Millisecond, "x", "x"))
	require.True(t, at(2*stoppedFor+2*time.Second, "x", "x"))
}

// withoutFrames leaves out that this server has not loaded its board.
func withoutFrames(reasons []string) (out []string) {
	for _, r := range reasons {
		if !strings.HasPrefix(r, "frames: ") {
			out = append(out, r)
		}
	}
	return out
}

// Whatever stands in a query, no answer is a 500.
func FuzzParameters(f *testing.F) {
	store := newMemoryStore()
	store.put(paid(0, 0, 3, 3, 50, dayStart))
	cfg := testConfig(f, store, 2)
	s, err := New(cfg)
	require.NoError(f, err)
	require.NoError(f, s.Listen())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	f.Cleanup(func() { http.DefaultClient.CloseIdleConnections(); cancel(); <-done })
	for _, seed := range [][2]string{{"frame", "at=2026-11-11T00:00:00Z&window=day"}, {"series", "dim=total&from=&to=&step=1s"},
		{"series", "dim=flow&key=IT>CN&format=arrow"}, {"breakdown", "dim=merchant&limit=10000"}, {"merchant/%00", "window=night"},
		{"merchant/a%2Fb/series", "step=1h"}, {"milestones", "window=%"}, {"reference", "window=day&&&="}, {"frame", "at=9999-12-31T23:59:60Z"},
		{"series", "dim=total&from=2099-12-31T23:59:59Z&to=2000-01-01T00:00:00Z"}, {"rejects", "limit=-0"}, {"frame", ";;;\x00=\xff"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		if strings.HasPrefix(path, "stream") {
			t.Skip("endless")
		}
		u := &url.URL{Scheme: "http", Host: s.Addr(), Path: "/api/v1/" + path, RawQuery: query}
		res, err := http.Get(u.String())
		if err != nil {
			t.Skip("not a request: ", err)
		}
		defer res.Body.Close()
		require.Less(t, res.StatusCode, 500, "%s", u)
	})
}

// Before the first frame there are no positions to answer at: empty figures would be wrong ones.
func TestBeforeTheFirstFrame(t *testing.T) {
	store := newMemoryStore()
	store.setDown(true)
	_, url := start(t, testConfig(t, store, 1))
	for _, path := range []string{"/api/v1/merchant/m/series", "/api/v1/merchant/m?window=day", "/api/v1/rejects"} {
		require.Contains(t, getProblem(t, url+path, 503).Detail, "The board is being loaded", path)
	}
}
