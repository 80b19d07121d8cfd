package ingest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

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

// TestStandby: a process that joins others has read the fingerprints of what they count before it takes anything away; then each has
// those of the other's partitions, and takes over with them. What was seen before is seen to be so.
func TestStandby(t *testing.T) {
	w := newWorld(t)
	var first, second said
	group := func(log *said) func(*ingest.Config) {
		return func(c *ingest.Config) { c.Alone, c.Log = false, slog.New(slog.NewTextHandler(log, nil)) }
	}
	one := w.start(group(&first))
	w.produce(partitions * (2*stride + 300))
	w.counted()
	w.await("all seals", func() bool { return w.number("SELECT count() FROM seals_now") == 2*partitions })
	two := w.start(group(&second))
	w.await("its recoveries", func() bool { return second.count("partition recovered") > 0 })
	require.Equal(t, second.count("partition recovered"), second.recovered(2*stride), second.text.String())
	require.Positive(t, second.count("fingerprints ready before joining"))

	w.await("both at work", func() bool { w.produce(30); return len(two.has()) > 0 })
	w.counted()
	w.await("the first to have read what the second counts", func() bool { return one.metric("standby_fingerprints") > 0 })
	before := first.count("partition recovered")
	two.stop()
	w.produce(partitions * 2 * stride)
	w.counted()
	require.Greater(t, first.count("partition recovered"), before)
	require.Positive(t, first.recovered(2*stride)+first.recovered(3*stride), first.text.String())
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
