package kafka

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestGroupHandsPartitionsOver lets members come and go while records arrive. Each reads its partitions from the store's
// position, which moves only together with what was counted (the higher position wins, as in the cells table): at the end every
// record was counted once.
func TestGroupHandsPartitionsOver(t *testing.T) { onBoth(t, groupHandsPartitionsOver) }

func groupHandsPartitionsOver(t *testing.T, l lab) {
	const partitions, perPartition = 4, 4000
	cfg := l.topic(t, partitions, nil)
	cfg.SessionTimeout, cfg.Heartbeat, cfg.JoinBackoff = 6*time.Second, 50*time.Millisecond, 50*time.Millisecond
	store := newPrefixStore()
	ctx, cancel := context.WithCancel(within(t))
	defer cancel()
	var wg sync.WaitGroup
	member := func(ctx context.Context) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c, err := New(cfg)
			assert.NoError(t, err)
			defer c.Close()
			assert.NoError(t, c.Run(ctx, partitions, func(ctx context.Context, g *Generation) error { return countGeneration(ctx, c, g, store) }, nil))
		}()
	}
	short, leave := context.WithCancel(ctx)
	member(ctx)
	member(short)
	produced := make(chan struct{})
	go func() {
		defer close(produced)
		produceSome(t, cfg, partitions, perPartition)
	}()
	store.wait(t, 3000)
	member(ctx)
	store.wait(t, 6000)
	leave()
	<-produced
	store.wait(t, partitions*perPartition)
	cancel()
	wg.Wait()
	for p := range int32(partitions) {
		assert.Equal(t, prefix{perPartition, perPartition}, store.get(p), "partition %d", p)
	}
	assert.GreaterOrEqual(t, store.generations, 4)
}

func produceSome(t *testing.T, cfg Config, partitions, each int) {
	p, err := newClient(t, cfg).NewProducer(within(t))
	assert.NoError(t, err)
	e, err := NewEncoder(LZ4)
	assert.NoError(t, err)
	for at := 0; at < each; at += 40 {
		for partition := range int32(partitions) {
			e.Reset()
			for i := range 40 {
				e.Append(order(at + i))
			}
			_, err = p.Send(within(t), partition, e)
			assert.NoError(t, err)
		}
		time.Sleep(5 * time.Millisecond) // a stream, so that members come and go inside it
	}
}

// countGeneration reads each partition in its own goroutine and stores (position, count) after every fetch.
func countGeneration(ctx context.Context, c *Client, g *Generation, store *prefixStore) error {
	store.joined()
	var wg sync.WaitGroup
	for _, partition := range g.Partitions {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := c.Reader(partition)
			defer r.Close()
			for at := store.get(partition); ctx.Err() == nil; {
				if _, err := r.Fetch(ctx, at.position); err != nil {
					continue
				}
				for r.Next() {
					at.count++
				}
				at.position = r.Position()
				store.put(partition, at)
				_ = g.Commit(map[int32]int64{partition: at.position})
			}
		}()
	}
	<-ctx.Done()
	wg.Wait()
	return nil
}

type prefix struct{ position, count int64 }

type prefixStore struct {
	mu          sync.Mutex
	at          map[int32]prefix
	generations int
	moved       chan struct{}
}

func newPrefixStore() *prefixStore {
	return &prefixStore{at: map[int32]prefix{}, moved: make(chan struct{}, 1)}
}

func (s *prefixStore) joined() { s.mu.Lock(); s.generations++; s.mu.Unlock() }

func (s *prefixStore) get(p int32) prefix { s.mu.Lock(); defer s.mu.Unlock(); return s.at[p] }

func (s *prefixStore) put(p int32, at prefix) {
	s.mu.Lock()
	if at.position > s.at[p].position {
		s.at[p] = at
	}
	s.mu.Unlock()
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

// wait until n records are counted.
func (s *prefixStore) wait(t *testing.T, n int64) {
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		var sum int64
		for _, at := range s.at {
			sum += at.count
		}
		s.mu.Unlock()
		if sum >= n {
			return
		}
		select {
		case <-s.moved:
		case <-deadline:
			require.FailNow(t, "the group did not count on", "%d of %d", sum, n)
		}
	}
}

func TestWorkErrorEndsRun(t *testing.T) {
	_, cfg := newCluster(t, 1)
	c := newClient(t, cfg)
	err := c.Run(within(t), 1, func(context.Context, *Generation) error { return ErrCRC }, nil)
	assert.ErrorIs(t, err, ErrCRC)
}

func TestSameFailureIsReportedSeldom(t *testing.T) {
	var said []string
	report := seldom(func(err error) { said = append(said, err.Error()) })
	for range 3 {
		report(ErrCRC)
		report(ErrCRC)
		report(ErrCodec)
	}
	assert.Equal(t, []string{"batch checksum mismatch", "unknown codec", "batch checksum mismatch", "unknown codec",
		"batch checksum mismatch", "unknown codec"}, said)
}
