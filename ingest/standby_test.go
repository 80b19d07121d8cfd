package ingest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/ingest"
)

// said is what a process logs.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// recovered counts the recoveries of which the fingerprints stood ready up to an offset.
func (s *said) recovered(ready int64) int { return s.count(fmt.Sprintf("ready=%d ", ready)) }

func (s *said) count(words string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.text.String(), words)
}

// TestStandby: a process that joins others has read the fingerprints of what they count before it takes anything away; it holds
// those that it does not get, and takes over with them. What was seen before is seen to be so.
func TestStandby(t *testing.T) {
	w := newWorld(t)
	var second said
	group := func(c *ingest.Config) { c.Alone = false }
	one := w.start(group)
	w.produce(partitions * (2*stride + 300))
	w.counted()
	w.await("all seals", func() bool { return w.number("SELECT count() FROM seals_now") == 2*partitions })
	two := w.start(group, func(c *ingest.Config) { c.Log = slog.New(slog.NewTextHandler(&second, nil)) })
	w.await("its recoveries", func() bool { return second.count("partition recovered") > 0 })
	require.Equal(t, second.count("partition recovered"), second.recovered(2*stride), second.text.String())
	require.Positive(t, second.count("fingerprints ready before joining"))

	w.await("both at work", func() bool { w.produce(30); return len(two.has()) > 0 })
	w.counted()
	before := second.count("partition recovered")
	one.stop()
	w.produce(partitions * 2 * stride)
	w.counted()
	require.Greater(t, second.count("partition recovered"), before)
	require.Equal(t, second.count("partition recovered"), second.recovered(2*stride)+second.recovered(3*stride), second.text.String())
	w.requireEqual()
}

// TestStandbyIsBounded: of partitions with more events than their share nothing is held ready, and the takeover reads them.
func TestStandbyIsBounded(t *testing.T) {
	w := newWorld(t)
	var log said
	group := func(c *ingest.Config) { c.Alone, c.Standby = false, partitions*100 }
	one := w.start(group)
	w.produce(partitions * (stride + 100))
	w.counted()
	w.await("all seals", func() bool { return w.number("SELECT count() FROM seals_now") == partitions })
	w.start(group, func(c *ingest.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	w.await("a recovery", func() bool { return log.count("partition recovered") > 0 })
	require.Equal(t, partitions, log.count("they are too many"))
	require.Zero(t, log.recovered(stride))
	one.stop()
	w.produce(partitions * stride)
	w.counted()
	w.requireEqual()
}

// TestLeftBehind: a partition that another process takes away and gives back goes on with the core that it left behind; where seals have
// passed that core meanwhile, with its fingerprints, which are not read again.
func TestLeftBehind(t *testing.T) {
	w := newWorld(t)
	var log said
	group := func(c *ingest.Config) { c.Alone = false }
	w.start(group, func(c *ingest.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	w.produce(partitions * (stride + 100))
	w.counted()
	require.Equal(t, partitions, log.count("partition recovered"))

	two := w.start(group)
	w.await("the second to have taken some", func() bool { return two.atWork() })
	two.stop()
	w.produce(30)
	w.counted()
	require.Equal(t, partitions, log.count("partition recovered"), "no partition began anew")

	two = w.start(group)
	w.await("the second to have taken some", func() bool { return two.atWork() })
	w.produce(partitions * 2 * stride)
	w.counted()
	w.await("sets that stand ready", func() bool { return log.count("fingerprints counted here stand ready") > 0 })
	two.stop()
	w.produce(partitions * stride)
	w.counted()
	require.Greater(t, log.count("partition recovered"), partitions)
	require.Equal(t, partitions, log.recovered(0), "nothing is read from the beginning")
	w.requireEqual()
}

// TestPartitionsWander: whatever of three processes joins and leaves, and whoever wakes too late, the store says what the log does.
func TestPartitionsWander(t *testing.T) {
	w := newWorld(t)
	group := func(c *ingest.Config) { c.Alone = false }
	runs := []*run{w.start(group), w.start(group)}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed of the changes: %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	stop := w.keepProducing()
	for range 4 {
		if i := random.IntN(len(runs)); len(runs) == 1 || len(runs) == 2 && random.IntN(2) == 0 {
			runs = append(runs, w.start(group))
		} else {
			runs[i].stop()
			zombie(t, w, runs[i].updates)
			runs = slices.Delete(runs, i, i+1)
		}
		p := int32(random.IntN(partitions))
		until := w.stored(p) + int64(random.IntN(4*stride))
		w.await("it to be counted on", func() bool { return w.stored(p) > until })
	}
	stop()
	w.counted()
	w.requireEqual()
}

// atWork says whether a run has partitions and all of them go on, as of its newest pulse.
func (r *run) atWork() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, reason := range r.stopped {
		if reason != "" {
			return false
		}
	}
	return len(r.stopped) > 0
}
