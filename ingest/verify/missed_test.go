package verify_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/ingest/verify"
	"festival/sql"
)

// TestMissedMilestone: a threshold that the chain shows and that has no record is named, where a later one has.
func TestMissedMilestone(t *testing.T) {
	f := newFestival(t, stride)
	for range 4 {
		f.grow(t, 200)
	}
	last := f.frames[len(f.frames)-1].Windows[1].Total.GmvFen
	thresholds := []int64{last / 4, last / 2, last * 3 / 4, last + 1}
	with := func(c *verify.Config) { c.ThresholdsFen = thresholds }
	require.False(t, f.verify(t, with).Differs(), "none has a record: a store that was copied, or serve has not started")
	for _, threshold := range thresholds[:3] {
		first := 0
		for f.frames[first].Windows[1].Total.GmvFen < threshold {
			first++
		}
		require.NoError(t, f.store.InsertMilestone(context.Background(), f.ledger.Prefix, sql.MilestoneRow{Window: "day", ThresholdFen: threshold,
			Kind: sql.MilestoneOnAir, Second: f.second(first), FrameHash: *f.frames[first].Hash, RecordedMs: 1000}))
	}
	r := f.verify(t, with)
	require.EqualValues(t, 3, r.Frames.Milestones)
	for _, d := range r.Differences { // of the other window, which has none
		require.Contains(t, d.Where, "window eve ", text(t, r))
	}
	f.exec(t, fmt.Sprintf("ALTER TABLE milestones DELETE WHERE threshold_fen = %d", thresholds[1]))
	where := fmt.Sprintf("window day %d fen on air", thresholds[1])
	require.True(t, names(f.verify(t, with), "milestone", where))
	require.False(t, f.verify(t).Differs(), "nobody named the thresholds")
	f.exec(t, fmt.Sprintf("ALTER TABLE milestones DELETE WHERE threshold_fen = %d", thresholds[2]))
	r = f.verify(t, with)
	require.False(t, names(r, "milestone", where), "the newest: %s", text(t, r))
}
