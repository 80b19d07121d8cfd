package query

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

func (s *memoryStore) seconds(kind uint8, threshold int64) (out []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.marks {
		if r.Kind == kind && r.ThresholdFen == threshold {
			out = append(out, r.Second)
		}
	}
	return out
}

// On the air is recorded once, with the first official frame that showed it; the event second may move, as a record.
func TestMilestoneRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		b := newBench(t, store, nil)
		began := time.Now().Unix()
		pass(2500 * time.Millisecond)
		b.flush(paid(0, 0, 10, 10, 1500, dayStart+30)) // 150 yuan: the first threshold of 100
		pass(2 * time.Second)
		require.Equal(t, []int64{began + 3}, store.seconds(sql.MilestoneOnAir, 10_000))
		require.Equal(t, []int64{dayStart + 30}, store.seconds(sql.MilestoneEvent, 10_000))
		require.Empty(t, store.seconds(sql.MilestoneOnAir, 100_000))
		b.flush(paid(0, 1, 10, 10, 1500, dayStart+20)) // late: reached ten seconds earlier
		pass(2 * time.Second)
		require.Equal(t, []int64{began + 3}, store.seconds(sql.MilestoneOnAir, 10_000))
		require.Equal(t, []int64{dayStart + 20}, store.seconds(sql.MilestoneCorrection, 10_000))

		row := b.cfg.milestone(b.cfg.Rules.Windows[0], 10_000, b.pub.status.Load().table[mark{"day", 10_000}], "provisional")
		require.Equal(t, "2025-11-11T00:00:20+08:00", *row.EventSecond)
		require.EqualValues(t, 20, *row.SinceStartS)
		require.EqualValues(t, 60, *row.ReferenceSinceStartS)
		require.Equal(t, "provisional", *row.Certainty)
		b.stop()

		table := b.pub.table
		b = newBench(t, store, nil)
		defer b.stop()
		require.Equal(t, table, b.pub.table, "records survive a restart")
	})
}

// A process that ended between the frame and its record records the frame that was first on the air.
func TestMilestoneWithoutARecordIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		b := newBench(t, store, nil)
		pass(2500 * time.Millisecond)
		b.flush(paid(0, 0, 10, 10, 1500, dayStart+30))
		pass(5 * time.Second)
		b.stop()
		want := store.seconds(sql.MilestoneOnAir, 10_000)
		require.Len(t, want, 1)
		store.marks = nil
		b = newBench(t, store, nil)
		pass(1500 * time.Millisecond)
		b.stop()
		require.Equal(t, want, store.seconds(sql.MilestoneOnAir, 10_000))
	})
}
