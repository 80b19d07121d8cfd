package verify_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/ingest/verify"
	"festival/sql"
)

// TestMissed deletes what nothing later names: the newest seal, the newest milestone. Whatever can be decided is named; the rest is
// said to be open.
func TestMissed(t *testing.T) {
	f := newFestival(t, stride)
	for range 4 {
		f.grow(t, 200)
	}
	t.Run("milestone", func(t *testing.T) { f.missesMilestone(t) })
	t.Run("seal", func(t *testing.T) { f.missesSeal(t) })
}

// missesMilestone: a threshold that the chain shows and that has no record is named where a later one has, or where the chain has gone on.
func (f *festival) missesMilestone(t *testing.T) {
	last := f.frames[len(f.frames)-1].Windows[1].Total.GmvFen
	thresholds := []int64{last / 4, last / 2, last * 3 / 4, last + 1}
	with := func(c *verify.Config) { c.ThresholdsFen = thresholds }
	r := f.verify(t, with)
	require.False(t, r.Differs(), "none has a record: a store that was copied, or serve has not started")
	require.True(t, open(r, "milestone", fmt.Sprintf("window day %d fen on air", thresholds[2])), text(t, r))
	for _, threshold := range thresholds[:3] {
		first := 0
		for f.frames[first].Windows[1].Total.GmvFen < threshold {
			first++
		}
		require.NoError(t, f.store.InsertMilestone(context.Background(), f.ledger.Prefix, sql.MilestoneRow{Window: "day", ThresholdFen: threshold,
			Kind: sql.MilestoneOnAir, Second: f.second(first), FrameHash: *f.frames[first].Hash, RecordedMs: 1000}))
	}
	r = f.verify(t, with)
	require.EqualValues(t, 3, r.Frames.Milestones)
	for _, d := range r.Differences { // of the other window, which has none
		require.Contains(t, d.Where, "window eve ", text(t, r))
	}
	f.exec(t, fmt.Sprintf("ALTER TABLE milestones DELETE WHERE threshold_fen = %d", thresholds[1]))
	where := fmt.Sprintf("window day %d fen on air", thresholds[1])
	require.True(t, names(f.verify(t, with), "milestone", where))
	require.False(t, f.verify(t).Differs(), "nobody named the thresholds")
	f.exec(t, fmt.Sprintf("ALTER TABLE milestones DELETE WHERE threshold_fen = %d", thresholds[2]))
	where = fmt.Sprintf("window day %d fen on air", thresholds[2])
	r = f.verify(t, with)
	require.False(t, names(r, "milestone", where), "the newest: %s", text(t, r))
	require.True(t, open(r, "milestone", where), text(t, r))
	f.rests(t, 60)
	r = f.verify(t, with)
	require.True(t, names(r, "milestone", where), text(t, r))
	require.False(t, open(r, "milestone", where), text(t, r))
}

// missesSeal: the newest seal is named where cells and frames show that it was there.
func (f *festival) missesSeal(t *testing.T) {
	f.grow(t, 20)
	newest := f.newestSeal(t)
	where := fmt.Sprintf("partition 0 segment %d", newest.Segment)
	f.exec(t, fmt.Sprintf("ALTER TABLE seals DELETE WHERE partition = 0 AND segment = %d", newest.Segment))
	for _, with := range []func(*verify.Config){func(*verify.Config) {}, fromOrders, func(c *verify.Config) { c.Partitions = []int32{0} }} {
		r := f.verify(t, with)
		require.EqualValues(t, 1, r.Count, text(t, r))
		require.True(t, names(r, "seal", where), text(t, r))
		require.Empty(t, r.Undecided)
	}
	// A copy of the running store that was taken while it was sealed: the frames are of before.
	f.exec(t, fmt.Sprintf("ALTER TABLE frames DELETE WHERE JSONExtractInt(json, 'positions', '0') > %d", newest.End))
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.True(t, open(r, "seal", where), text(t, r))
	require.EqualValues(t, 1, r.Partitions[0].Unsealed)
	require.Contains(t, text(t, r), "no differences, 1 not decided")
	require.NoError(t, f.store.InsertSeals(context.Background(), f.ledger.Prefix, []sql.SealRow{newest}))
	r = f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.Empty(t, r.Undecided)
}

func (f *festival) newestSeal(t *testing.T) (newest sql.SealRow) {
	err := f.store.Seals(context.Background(), f.ledger.Prefix, 0, 0, math.MaxInt64, func(row sql.SealRow) error { newest = row; return nil })
	require.NoError(t, err)
	require.Positive(t, newest.Segment)
	return newest
}

func open(r *verify.Result, what, where string) bool {
	return slices.ContainsFunc(r.Undecided, func(u verify.Undecided) bool { return u.What == what && u.Where == where })
}
