package verify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"festival/aggregate"
	"festival/ingest/verify"
	"festival/sql"
)

// following is a Follow that runs.
type following struct {
	t        testing.TB
	f        *festival
	stop     context.CancelFunc
	done     chan struct{}
	result   *verify.FollowResult
	err      error
	log      lockedBuffer
	registry *prometheus.Registry
	had      int // records before it began
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (f *festival) follow(t testing.TB, with ...func(*verify.FollowConfig)) *following {
	ctx, stop := context.WithCancel(context.Background())
	w := &following{t: t, f: f, stop: stop, done: make(chan struct{}), registry: prometheus.NewRegistry(), had: len(f.records(t))}
	cfg := verify.FollowConfig{Config: verify.Config{Store: f.store, Ledger: f.ledger, Kafka: f.brokers}, Every: 2 * time.Second,
		Log: slog.New(slog.NewTextHandler(&w.log, nil)), Registry: w.registry}
	for _, change := range with {
		change(&cfg)
	}
	go func() {
		defer close(w.done)
		w.result, w.err = verify.Follow(ctx, cfg)
	}()
	t.Cleanup(func() { stop(); <-w.done })
	return w
}

// await waits until a frame at or after a second has a record, and until the follower has noted every record: stopped in between, it
// would count one frame less.
func (w *following) await(second int64) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		select {
		case <-w.done:
			return true
		default:
		}
		rows := w.f.records(w.t)
		return len(rows) > 0 && rows[len(rows)-1].Second >= second && w.noted() >= float64(len(rows)-w.had)
	}, patience, 50*time.Millisecond, "%s", &w.log)
}

// noted is how many frames it has compared and recorded.
func (w *following) noted() (sum float64) {
	families, err := w.registry.Gather()
	require.NoError(w.t, err)
	for _, family := range families {
		if family.GetName() == "festival_verify_frames_total" {
			for _, m := range family.Metric {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// end stops it and gives what it found.
func (w *following) end() *verify.FollowResult {
	w.t.Helper()
	w.stop()
	<-w.done
	require.NoError(w.t, w.err, "%s", &w.log)
	return w.result
}

func (f *festival) records(t testing.TB) []sql.VerificationRow {
	rows, err := f.store.Verifications(context.Background(), f.ledger.Prefix)
	require.NoError(t, err)
	return rows
}

// grow makes records, counts them and gives the second of the newest frame.
func (f *festival) grow(t testing.TB, records int) int64 {
	f.produce(t, records, kgo.TryCommit)
	f.count(t, 16<<10)
	return f.second(len(f.frames) - 1)
}

// TestFollow: a festival that grows is followed over restarts; every record names a frame of the chain, and they are
// equal.
func TestFollow(t *testing.T) {
	f := newFestival(t, stride)
	f.grow(t, 400)
	w := f.follow(t)
	var newest int64
	for range 5 {
		f.produce(t, 30, kgo.TryAbort)
		newest = f.grow(t, 100+f.random.IntN(300))
		w.await(newest - 1)
	}
	require.Zero(t, gauge(t, w.registry, "festival_verify_behind_records"))
	first := w.end()
	require.False(t, first.Differs(), "%s", &w.log)
	require.GreaterOrEqual(t, first.Verified.Second, newest-1)

	was := len(f.records(t))
	newest = f.grow(t, 500)
	w = f.follow(t) // begins anew
	w.await(newest - 1)
	second := w.end()
	require.False(t, second.Differs(), "%s", &w.log)

	hashes := map[string]int64{}
	for i, frame := range f.frames {
		hashes[*frame.Hash] = f.second(i)
	}
	rows := f.records(t)
	require.EqualValues(t, int64(len(rows)), first.Frames+second.Frames)
	require.Greater(t, len(rows), was)
	for i, row := range rows {
		require.True(t, row.Equal, row.Detail)
		require.Equal(t, "kafka", row.Source)
		require.Equal(t, hashes[row.FrameHash], row.Second)
		if i > 0 && i != was {
			require.GreaterOrEqual(t, row.Second, rows[i-1].Second+2, "every 2 s of the festival")
		}
	}
	require.Equal(t, rows[was-1].Second, rows[was].Second, "takes up with the frame that was verified last")
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.EqualValues(t, len(rows), r.Frames.Verifications)
}

func gauge(t testing.TB, registry *prometheus.Registry, name string) float64 {
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() == name {
			return family.Metric[0].GetGauge().GetValue()
		}
	}
	require.Fail(t, "no metric "+name)
	return 0
}

// TestFollowDiffers: a forged frame and a wrong seal are told, recorded as not equal and named; what is right behind them
// is right.
func TestFollowDiffers(t *testing.T) {
	f := newFestival(t, stride)
	for range 4 {
		f.grow(t, 400)
	}
	last := f.second(len(f.frames) - 1)
	f.forge(t, 1, func(g *aggregate.Frame) { g.Total.GmvFen += 100 })
	f.exec(t, "ALTER TABLE seals UPDATE last_ms = last_ms + 1 WHERE partition = 1 AND segment = 5")
	w := f.follow(t, func(c *verify.FollowConfig) { c.Every = time.Second })
	w.await(last)
	result := w.end()
	require.True(t, result.Differs())
	var wrong []sql.VerificationRow
	for _, row := range f.records(t) {
		if !row.Equal {
			wrong = append(wrong, row)
		}
	}
	require.Len(t, wrong, 2)
	require.EqualValues(t, 2, result.Wrong)
	require.Equal(t, f.second(1), wrong[0].Second)
	require.Contains(t, wrong[0].Detail, "1 differences; frame ")
	require.Contains(t, wrong[0].Detail, " seq 2 total.gmv_fen: stored ")
	require.Contains(t, wrong[1].Detail, "seal partition 1 segment 5: stored ")
	require.GreaterOrEqual(t, result.Verified.Second, last-1) // the last one may be where the seal was found wrong
	require.Contains(t, w.log.String(), "DIFFERENT")
}

// TestFollowAltered: frames that are altered after they were compared are told, in the next round or at the end.
func TestFollowAltered(t *testing.T) {
	f := newFestival(t, stride)
	for range 3 {
		f.grow(t, 400)
	}
	last := f.second(len(f.frames) - 1)
	w := f.follow(t, func(c *verify.FollowConfig) { c.Every = time.Second })
	w.await(last)
	f.exec(t, fmt.Sprintf(`ALTER TABLE frames UPDATE json = replaceOne(json, '"orders":', '"orders":1') WHERE window = '' AND second = %d`, last))
	w.await(f.grow(t, 400))
	require.Contains(t, w.log.String(), fmt.Sprintf(`seq %d"`, seqOf(f, last)))
	require.Contains(t, w.log.String(), "hash of its bytes")
	f.exec(t, fmt.Sprintf("ALTER TABLE frames DELETE WHERE window = '' AND second = %d", last-1))
	result := w.end()
	require.GreaterOrEqual(t, result.Wrong, int64(2), "%s", &w.log)
	require.Contains(t, w.log.String(), "another one was compared")
}

// seqOf is the seq of the frame of a second.
func seqOf(f *festival, second int64) int64 { return second - f.second(0) + 1 }

// TestFollowOutages: Kafka and the store refuse for a while, the log is shortened below what has been read and above what
// has not: it waits, reads raw rows, and goes on exactly.
func TestFollowOutages(t *testing.T) {
	f := newFestival(t, stride)
	f.grow(t, 600)
	cut := kadm.Offsets{}
	cut.AddOffset(topic, 0, 200, -1)
	deleted, err := kadm.NewClient(f.producer).DeleteRecords(context.Background(), cut)
	require.NoError(t, err)
	require.NoError(t, deleted.Error())

	var mu sync.Mutex
	down, refused := true, 0
	f.broker.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		f.broker.KeepControl()
		mu.Lock()
		defer mu.Unlock()
		if down {
			refused++
			return nil, errors.New("down"), true
		}
		return nil, nil, false
	})
	w := f.follow(t)
	require.Eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return refused > 2
	}, patience, 20*time.Millisecond)
	f.exec(t, "RENAME TABLE verifications TO verifications_away")
	mu.Lock()
	down = false
	mu.Unlock()
	require.Eventually(t, func() bool { return strings.Contains(w.log.String(), `for="the verification record"`) }, patience, 20*time.Millisecond)
	f.exec(t, "RENAME TABLE verifications_away TO verifications")
	w.await(f.second(len(f.frames)-1) - 1)
	newest := f.grow(t, 400)
	w.await(newest - 1)
	require.False(t, w.end().Differs(), "%s", &w.log)
}

// TestFollowRefuses names every problem of a configuration at once.
func TestFollowRefuses(t *testing.T) {
	_, err := verify.Follow(context.Background(), verify.FollowConfig{Every: time.Millisecond, Config: verify.Config{From: "orders"}})
	for _, want := range []string{"--every 1ms", "needs a store", "no brokers", "none of --from"} {
		require.ErrorContains(t, err, want)
	}
}
