package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTwoServesOneChain runs broker, store, ingest and two serves that agree on the official frames by a topic, and stops
// whichever publishes with SIGSTOP, kills it, kills the broker and the engine, at moments of chance. There is one unbroken chain, no
// figure falls on the stream of either, both give the same bytes for the same second, and another publishes soon.
func TestTwoServesOneChain(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	n.start(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed of the moments: %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	moment := func() { time.Sleep(time.Duration(500+random.IntN(1500)) * time.Millisecond) } // any moment: what follows must hold at each

	for i := range sized(3, 1) {
		moment()
		n.pausePublisher(t, time.Duration(sized(20, 9)+random.IntN(1+i*10))*time.Second)
	}
	for range sized(3, 1) {
		moment()
		n.killPublisher(t)
	}
	moment()
	n.killBroker(t)
	moment()
	n.handOver(t)

	n.stopProducing()
	n.requireEqualBytes(t)
	n.requireRefusals(t)
	frames := requireFrames(t, n.store)
	last := int64(0)
	longest, at := int64(0), int64(0)
	for _, f := range frames {
		if rest := f.Second - last; last > 0 && rest > longest {
			longest, at = rest, f.Second
		}
		last = f.Second
	}
	t.Logf("%d official frames in one chain; the longest rest of the screens was %d s, before %s", len(frames), longest, time.Unix(at, 0).Format(time.TimeOnly))
}

// night is a festival as it runs for real, in small: each part a process of its own.
type night struct {
	dir, kafka string
	data       string // the store's directory in dir
	festival   *testFestival
	broker     *program
	store      *outsider
	ingest     *program
	serves     []*serving
	stop       context.CancelFunc
	produced   chan int
}

func newNight(t *testing.T) *night {
	t.Helper()
	n := &night{dir: t.TempDir(), data: "store", kafka: unused(t), festival: newFestival(t), produced: make(chan int, 1)}
	require.NoError(t, os.WriteFile(n.config(), []byte(n.festival.yaml), 0o600))
	return n
}

func (n *night) config() string { return filepath.Join(n.dir, "festival.yaml") }

// env is what the store's clients need, and more.
func (n *night) env(more ...string) []string {
	return append([]string{"FESTIVAL_CLICKHOUSE_PASSWORD_FILE=" + filepath.Join(n.dir, n.data, "token")}, more...)
}

// start starts everything and a stream of orders, and waits until both serves are ready.
func (n *night) start(t *testing.T) {
	t.Helper()
	n.startBroker(t)
	n.store = storeOf(t, filepath.Join(n.dir, "store"))
	n.ingest = launch(t, n.env(), append([]string{"ingest", "--metrics", unused(t)}, n.flags()...)...)
	require.Eventually(t, func() bool { return strings.Contains(n.ingest.out.String(), "Counting topic") }, patience, 20*time.Millisecond, "%s", n.ingest.out)
	ctx, stop := context.WithCancel(context.Background())
	n.stop = stop
	t.Cleanup(stop)
	shop, p := newShop(t, n.festival), newProducers(t, n.kafka)
	go func() { n.produced <- produceUntil(ctx, shop, p, 0) }()
	for range 2 {
		s := &serving{t: t, night: n, http: unused(t), shown: map[int64]string{}}
		n.serves = append(n.serves, s)
		s.start()
		s.watch()
	}
	for _, s := range n.serves {
		s.awaitReady()
	}
}

func (n *night) startBroker(t *testing.T) {
	t.Helper()
	life, hold, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = life.Close(), hold.Close() })
	n.broker = launchWith(t, life, nil, "broker", "--dir", filepath.Join(n.dir, "broker"), "--addr", n.kafka, "--topic", "orders", "--partitions", "4")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, awaitDial(ctx, n.kafka))
}

func (n *night) flags() []string {
	return []string{"--config", n.config(), "--brokers", n.kafka, "--topic", "orders", "--dsn", "http://default@" + n.store.addr}
}

func (n *night) stopProducing() {
	n.stop()
	<-n.produced
}

// publisher is the serve that holds the frames topic's partition.
func (n *night) publisher(t *testing.T) (holds, other *serving) {
	t.Helper()
	require.Eventually(t, func() bool {
		holds, other = nil, nil
		for _, s := range n.serves {
			if s.ready().Frames.Publishing {
				holds = s
			} else {
				other = s
			}
		}
		return holds != nil && other != nil
	}, patience, 50*time.Millisecond, "one of the two publishes")
	return holds, other
}

// pausePublisher stops the publisher for a while: another takes over meanwhile, and what the zombie proposes is ignored.
func (n *night) pausePublisher(t *testing.T, pause time.Duration) {
	t.Helper()
	holds, other := n.publisher(t)
	before := other.newest()
	begun := time.Now()
	require.NoError(t, holds.cmd.Process.Signal(syscall.SIGSTOP))
	other.awaitAfter(before + 2) // one may have been on its way
	t.Logf("SIGSTOP of the publisher: a frame of the other after %s", time.Since(begun).Truncate(time.Millisecond))
	time.Sleep(time.Until(begun.Add(pause)))
	require.NoError(t, holds.cmd.Process.Signal(syscall.SIGCONT))
	woken := other.newest()
	holds.awaitAfter(woken)
	t.Logf("paused for %s; the zombie shows the chain's end again", pause)
}

func (n *night) killPublisher(t *testing.T) {
	t.Helper()
	holds, other := n.publisher(t)
	before, begun := other.newest(), time.Now()
	holds.kill()
	other.awaitAfter(before + 2)
	t.Logf("kill -9 of the publisher: a frame of the other after %s", time.Since(begun).Truncate(time.Millisecond))
	holds.start()
	holds.awaitReady()
}

func (n *night) killBroker(t *testing.T) {
	t.Helper()
	n.broker.kill()
	begun, before := time.Now(), n.serves[0].newest()
	n.startBroker(t)
	for _, s := range n.serves {
		s.awaitAfter(before + 1)
	}
	t.Logf("kill -9 of the broker: frames again after %s", time.Since(begun).Truncate(time.Millisecond))
}

// handOver stops the publisher as one does for an upgrade.
func (n *night) handOver(t *testing.T) {
	t.Helper()
	holds, other := n.publisher(t)
	holds.interrupt()
	begun, before := time.Now(), other.newest()
	other.awaitAfter(before + 1)
	t.Logf("planned stop of the publisher: a frame of the other after %s", time.Since(begun).Truncate(time.Millisecond))
	holds.start()
	holds.awaitReady()
}

// requireRefusals: a serve that would make a chain of its own beside the topic's does not start.
func (n *night) requireRefusals(t *testing.T) {
	t.Helper()
	serve := func(env ...string) (string, int) {
		return resultWith(t, n.env(env...), append([]string{"serve", "--addr", unused(t)}, n.flags()...)...)
	}
	out, code := serve()
	require.Equal(t, exitUsage, code, "%s", out)
	require.Contains(t, out, "made through topic frames: set kafka.frames_topic to frames, or start with --follow")
	out, code = serve("FESTIVAL_KAFKA_FRAMES_TOPIC=other")
	require.Equal(t, exitUsage, code, "%s", out)
	require.Contains(t, out, "two topics make two chains")
	out, code = serve("FESTIVAL_KAFKA_FRAMES_TOPIC=orders")
	require.Equal(t, exitUsage, code, "%s", out)
	require.Contains(t, out, "kafka.frames_topic orders is the topic of the orders")
}

// requireEqualBytes holds what both streams have shown against each other and against what the routes give.
func (n *night) requireEqualBytes(t *testing.T) {
	t.Helper()
	for _, s := range n.serves {
		s.mu.Lock()
		require.Empty(t, s.fell, "what fell on the stream of %s", s.http)
		s.mu.Unlock()
	}
	a, b := n.serves[0], n.serves[1]
	a.mu.Lock()
	b.mu.Lock()
	defer a.mu.Unlock()
	defer b.mu.Unlock()
	both, asked := 0, 0
	for second, body := range a.shown {
		if other, ok := b.shown[second]; ok {
			require.Equal(t, body, other, "second %d", second)
			both++
		}
		if asked < 20 {
			asked++
			at := "/api/v1/frame?at=" + url.QueryEscape(time.Unix(second, 0).Format(time.RFC3339))
			_, fromA := a.get(at)
			_, fromB := b.get(at)
			require.Equal(t, string(fromA), string(fromB))
			require.Equal(t, body[:len(body)-1]+`,"later":null}`, string(fromA))
		}
	}
	t.Logf("shown by one %d, by the other %d, by both %d, all alike", len(a.shown), len(b.shown), both)
	require.Greater(t, both, 10)
}

// serving is one `festival serve` and what its stream has shown.
type serving struct {
	*program
	t     *testing.T
	night *night
	http  string

	mu    sync.Mutex
	shown map[int64]string // official frames by second, as they came
	last  wireFrame
	fell  []string
	at    int64 // second of the newest
}

func (s *serving) start() {
	s.t.Helper()
	s.program = launch(s.t, s.night.env("FESTIVAL_KAFKA_FRAMES_TOPIC=frames"), append([]string{"serve", "--addr", s.http}, s.night.flags()...)...)
}

// readiness is the part of /readyz that says who publishes.
type readyAnswer struct {
	Status int
	Frames struct {
		Publishing bool   `json:"publishing"`
		NewestBy   string `json:"newest_by"`
	}
}

func (s *serving) ready() (a readyAnswer) {
	status, body := s.get("/readyz")
	_ = json.Unmarshal(body, &a)
	a.Status = status
	return a
}

func (s *serving) awaitReady() {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.ready().Status == http.StatusOK }, patience, 50*time.Millisecond, "%s", s.out)
}

func (s *serving) get(path string) (int, []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.http+path, nil)
	require.NoError(s.t, err)
	return ask(req)
}

func (s *serving) newest() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// awaitAfter waits for an official frame of a later second.
func (s *serving) awaitAfter(second int64) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.newest() > second }, patience, 20*time.Millisecond, "no later frame from %s:\n%s", s.http, s.out)
}

// watch reads the stream of official frames until the test ends, connecting again whenever it breaks.
func (s *serving) watch() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			s.stream(ctx)
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	s.t.Cleanup(func() { cancel(); <-done })
}

func (s *serving) stream(ctx context.Context) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.http+"/api/v1/stream?live=0", nil)
	if err != nil {
		return
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	defer res.Body.Close()
	lines, event := bufio.NewReaderSize(res.Body, 1<<20), ""
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		switch name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); {
		case name == "event":
			event = value
		case name == "data" && event == "frame":
			s.see(value)
		}
	}
}

// see notes a frame and whatever fell with it.
func (s *serving) see(body string) {
	var f struct {
		wireFrame
		Second time.Time `json:"second"`
	}
	err := json.Unmarshal([]byte(body), &f)
	second := f.Second.Unix()
	s.mu.Lock()
	defer s.mu.Unlock()
	bad := func(when bool, format string, args ...any) {
		if when {
			s.fell = append(s.fell, fmt.Sprintf(format, args...))
		}
	}
	bad(err != nil || !f.Official, "no official frame: %v %.100s", err, body)
	old, again := s.shown[second]
	bad(again && old != body, "second %d: other bytes", second)
	bad(second < s.at, "second %d after %d", second, s.at)
	bad(f.Seq < s.last.Seq, "seq %d after %d", f.Seq, s.last.Seq)
	bad(f.Total.GmvFen < s.last.Total.GmvFen || f.Total.Orders < s.last.Total.Orders, "second %d: total fell", second)
	for p, next := range s.last.Positions {
		bad(f.Positions[p] < next, "second %d: partition %s fell from %d to %d", second, p, next, f.Positions[p])
	}
	s.shown[second], s.last, s.at = body, f.wireFrame, second
}
