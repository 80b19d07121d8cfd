package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"festival/ingest/kafka/kafkatest"
)

// stream writes numbered batches of ten without a pause of more than 5 ms and reads them back, while nodes come and go. It holds that
// every record comes once, in order, and keeps the longest time in which none came.
type stream struct {
	t        *testing.T
	stop     context.CancelFunc
	writing  sync.WaitGroup
	reading  sync.WaitGroup
	sent     atomic.Int64 // records acknowledged
	got      atomic.Int64 // records read
	lastRead atomic.Int64 // Unix ns
	longest  atomic.Int64 // ns
	wrong    sync.Once
}

func startStream(t *testing.T, cfg Config, read func(context.Context, *stream, *Client)) *stream {
	ctx, cancel := context.WithCancel(context.Background())
	s := &stream{t: t, stop: cancel}
	s.lastRead.Store(time.Now().UnixNano())
	writer, reader := newClient(t, cfg), newClient(t, cfg) // closed after the stream has ended: cleanups run backwards
	s.writing.Go(func() { s.write(ctx, writer) })
	reads, end := context.WithCancel(context.Background())
	s.reading.Go(func() { read(reads, s, reader) })
	t.Cleanup(func() { cancel(); s.writing.Wait(); end(); s.reading.Wait() })
	return s
}

func (s *stream) write(ctx context.Context, c *Client) {
	p, err := c.NewProducer(within(s.t))
	if !assert.NoError(s.t, err) {
		return
	}
	e, err := NewEncoder(LZ4)
	assert.NoError(s.t, err)
	for n := 0; ctx.Err() == nil; n += 10 {
		e.Reset()
		for i := n; i < n+10; i++ {
			key, value, _ := order(i)
			e.Append(key, value, time.Now().UnixMilli()) // a broker forgets producers of old records when it restarts
		}
		if _, err := p.Send(within(s.t), 0, e); !assert.NoError(s.t, err) {
			return
		}
		s.sent.Store(int64(n + 10))
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// readPlain reads without a group, and looks at the tail whenever another leader answers or something went wrong.
func readPlain(ctx context.Context, s *stream, c *Client) { s.readFrom(ctx, c) }

func (s *stream) readFrom(ctx context.Context, c *Client) {
	r := c.Reader(0)
	defer r.Close()
	leader, doubt, at := int32(-1), false, s.got.Load()
	for ctx.Err() == nil {
		fetched, err := r.Fetch(ctx, at)
		if err == nil && (doubt || fetched.Leader != leader) {
			err = c.CheckTail(ctx, 0, r.Tail())
		}
		if doubt = err != nil; doubt {
			if ctx.Err() == nil {
				assert.True(s.t, Retryable(err), "%v", err)
			}
			time.Sleep(10 * time.Millisecond) // a pace, as ingest has one
			continue
		}
		leader = fetched.Leader
		for r.Next() {
			s.take(r.Record())
		}
		assert.NoError(s.t, r.Err())
		at = r.Position()
	}
}

func (s *stream) take(r *Record) {
	key, _, _ := order(int(s.got.Load()))
	if string(key) != string(r.Key) || r.Offset != s.got.Load() {
		s.wrong.Do(func() {
			assert.Failf(s.t, "not in order", "offset %d has %s, want %d with %s", r.Offset, r.Key, s.got.Load(), key)
		})
	}
	s.got.Add(1)
	now := time.Now().UnixNano()
	s.longest.Store(max(s.longest.Load(), now-s.lastRead.Swap(now)))
}

// awaitMore waits until n more records were read than now, and forgets or gives the longest gap.
func (s *stream) awaitMore(n int64) time.Duration {
	s.t.Helper()
	want := s.got.Load() + n
	await(s.t, "the stream", func() error {
		if got := s.got.Load(); got < want {
			return fmt.Errorf("%d of %d records were read, %d written", got, want, s.sent.Load())
		}
		return nil
	})
	return time.Duration(s.longest.Swap(0)).Round(time.Millisecond)
}

// end stops the writing and waits until all was read.
func (s *stream) end() {
	s.t.Helper()
	s.stop()
	s.writing.Wait()
	await(s.t, "the rest", func() error {
		if s.got.Load() != s.sent.Load() {
			return fmt.Errorf("%d of %d", s.got.Load(), s.sent.Load())
		}
		return nil
	})
}

func threeNodeTopic(t *testing.T, settings map[string]string, nodes ...int32) Config {
	t.Helper()
	c := threeNodes.Get(t)
	cfg := labConfig(c.Addrs(kafkatest.Plaintext), topicName(t), 1)
	cfg.RequestTimeout = 2 * time.Second
	require.NoError(t, c.CreateTopic(within(t), cfg.Topic, 1, len(nodes), settings))
	require.NoError(t, c.Assign(within(t), cfg.Topic, 0, nodes...))
	require.NoError(t, c.AwaitInSync(within(t), cfg.Topic))
	require.NoError(t, c.MoveLeader(within(t), cfg.Topic, 0, int(nodes[0])))
	awaitTopic(t, cfg)
	return cfg
}

// TestLeadersOfRealKafka moves a leader among three nodes, kills it and freezes it: nothing is lost or doubled, and no leader
// change is taken for another log.
func TestLeadersOfRealKafka(t *testing.T) {
	cfg := threeNodeTopic(t, map[string]string{"min.insync.replicas": "2"}, 1, 2, 3)
	c := threeNodes.Get(t)
	s := startStream(t, cfg, readPlain)
	s.awaitMore(200)
	var moved time.Duration
	for i := range 6 {
		require.NoError(t, c.MoveLeader(within(t), cfg.Topic, 0, i%3+1))
		moved = max(moved, s.awaitMore(100))
	}
	t.Logf("six leader moves: longest gap %v", moved)
	require.NoError(t, c.Kill(3))
	t.Logf("leader killed: gap %v", s.awaitMore(200))
	require.NoError(t, c.Start(within(t), 3))
	require.NoError(t, c.AwaitInSync(within(t), cfg.Topic))
	require.NoError(t, c.MoveLeader(within(t), cfg.Topic, 0, 3))
	s.awaitMore(100)
	require.NoError(t, c.Pause(3))
	t.Logf("leader frozen: gap %v", s.awaitMore(200))
	require.NoError(t, c.Resume(3))
	require.NoError(t, c.AwaitInSync(within(t), cfg.Topic))
	s.awaitMore(100)
	s.end()
}

// TestUncleanElection: a replica that lacks acknowledged records leads. What was read stands behind the log's end: that is said,
// and when new records have filled the gap, the last batch read tells.
func TestUncleanElection(t *testing.T) {
	cfg := threeNodeTopic(t, map[string]string{"min.insync.replicas": "1"}, 1, 2)
	c := threeNodes.Get(t)
	produceOurs(t, cfg, LZ4)
	require.NoError(t, c.Kill(2))
	produceOursAt(t, cfg, LZ4) // on node 1 alone
	client := newClient(t, cfg)
	r := newReader(t, client, 0)
	require.Len(t, readTo(t, r, 0), 2*records)
	at, tail := r.Position(), r.Tail()
	require.NoError(t, c.Kill(1))
	require.NoError(t, c.Start(within(t), 2))
	require.NoError(t, c.ElectUnclean(within(t), cfg.Topic, 0))

	var err error
	stops := func() error {
		_, err = r.Fetch(within(t), at)
		if err == nil || Retryable(err) {
			return errors.Join(errors.New("it does not stop"), err)
		}
		return nil
	}
	await(t, "the new leader", stops)
	require.ErrorIs(t, err, ErrLogTruncated)
	t.Log(err)
	require.ErrorIs(t, client.CheckTail(within(t), 0, tail), ErrLogReplaced)
	require.NoError(t, c.Start(within(t), 1))
	produceOursAt(t, cfg, Zstd)
	produceOursAt(t, cfg, Zstd)
	await(t, "records at the position", func() error { _, err := r.Fetch(within(t), at); return err })
	err = client.CheckTail(within(t), 0, tail)
	require.ErrorIs(t, err, ErrLogReplaced, "the log is long enough again: only the tail tells")
	t.Log(err)
	require.NoError(t, c.AwaitInSync(within(t), cfg.Topic))
}

// TestKilledNodeComesBack: kill -9 of the only node, with a plain reader and a member of a group at work.
func TestKilledNodeComesBack(t *testing.T) {
	cfg := realTopic(t, 1, nil)
	cfg.SessionTimeout, cfg.Heartbeat, cfg.RequestTimeout = 6*time.Second, 200*time.Millisecond, 2*time.Second
	c := oneNode.Get(t)
	plain, group := startStream(t, cfg, readPlain), (*stream)(nil)
	other := realTopic(t, 1, nil)
	other.SessionTimeout, other.Heartbeat, other.RequestTimeout = cfg.SessionTimeout, cfg.Heartbeat, cfg.RequestTimeout
	group = startStream(t, other, readInGroup)
	plain.awaitMore(200)
	group.awaitMore(200)
	again := sentBefore(t)
	require.NoError(t, c.Kill(1))
	begun := time.Now()
	require.NoError(t, c.Start(within(t), 1))
	up := time.Now()
	plain.awaitMore(50)
	t.Logf("the node was away for %v; the plain reader goes on %v after it serves", up.Sub(begun).Round(time.Millisecond), time.Since(up).Round(time.Millisecond))
	group.awaitMore(50)
	t.Logf("the member of a group %v after it serves", time.Since(up).Round(time.Millisecond))
	plain.end()
	group.end()
	again()
}

// sentBefore writes two batches and gives what sends them again, with the same producer and sequence, after a restart. The one with
// records of today is stored once. The one with records of two days ago is stored twice: a broker dates its memory of producers by
// their records, and on a restart leaves out what is older than producer.id.expiration.ms (a day).
func sentBefore(t *testing.T) (again func()) {
	var checks []func()
	for age, stored := range map[time.Duration]int64{0: 1, 48 * time.Hour: 2} {
		cfg := realTopic(t, 1, nil)
		c := newClient(t, cfg)
		e, err := NewEncoder(None)
		require.NoError(t, err)
		e.Append(nil, []byte("x"), time.Now().Add(-age).UnixMilli())
		p, err := c.NewProducer(within(t))
		require.NoError(t, err)
		_, err = p.Send(within(t), 0, e)
		require.NoError(t, err)
		checks = append(checks, func() {
			p.partitions[0].sequence = 0
			_, err := p.Send(within(t), 0, e)
			require.NoError(t, err)
			offsets, err := c.Offsets(within(t), []int32{0})
			require.NoError(t, err)
			assert.Equal(t, stored, offsets[0].HighWatermark, "records %v old", age)
		})
	}
	return func() {
		for _, check := range checks {
			check()
		}
	}
}

func readInGroup(ctx context.Context, s *stream, c *Client) {
	err := c.Run(ctx, 1, func(ctx context.Context, _ *Generation) error { s.readFrom(ctx, c); return nil },
		func(err error) { assert.True(s.t, Retryable(err), "%v", err) })
	assert.NoError(s.t, err)
}

// TestClientsLeaveNothing: twenty clients that worked and were closed leave no goroutine.
func TestClientsLeaveNothing(t *testing.T) {
	cfg := realTopic(t, 1, nil)
	produceOurs(t, cfg, LZ4)
	before := goleak.IgnoreCurrent()
	for range 20 {
		c, err := New(cfg)
		require.NoError(t, err)
		r := c.Reader(0)
		await(t, "a fetch", func() error { _, err := r.Fetch(within(t), 0); return err })
		_, err = c.Offsets(within(t), []int32{0})
		require.NoError(t, err)
		r.Close()
		c.Close()
	}
	await(t, "the end of their goroutines", func() error { return goleak.Find(before) })
}
