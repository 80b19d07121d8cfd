package query

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/sql"
	"festival/sql/report"
)

func (s *memoryStore) Reports(_ context.Context, _ uint64, sinceMs int64) (out []sql.ReportRow, err error) {
	for _, r := range s.reports {
		if r.AtMs >= sinceMs {
			out = append(out, r)
		}
	}
	return out, s.ping()
}

func (s *memoryStore) Signoffs(context.Context, uint64) ([]sql.Signoff, error) {
	return s.signoffs, s.ping()
}

func (s *memoryStore) Disk(context.Context) (sql.Disk, error) {
	return sql.Disk{Total: 100, Free: 40}, s.ping()
}

// Everything that the operations page shows comes from the store's records and from this serve's own work.
func TestOps(t *testing.T) {
	store := newMemoryStore()
	now := time.Now()
	ms := int64(20)
	store.reports = []sql.ReportRow{
		{Process: "a:1", AtMs: now.Add(-time.Minute).UnixMilli(), Report: report.Report{Role: "ingest", Partitions: []int32{0, 1}}},
		{Process: "b:2", AtMs: now.UnixMilli(), Report: report.Report{Role: "ingest", Partitions: []int32{1}, Retries: 3,
			Timings: []report.Timing{{Name: "flush", N: 9, P50Ms: &ms, P99Ms: &ms, LineMs: []*int64{nil, &ms}}},
			Bounds:  []report.Bound{{Name: "fingerprints", Unit: "events", Used: 5, Limit: 10}}}},
		{Process: "gone:3", AtMs: now.Add(-time.Hour).UnixMilli(), Report: report.Report{Role: "ingest", Partitions: []int32{0}}}}
	store.holds = []sql.HoldRow{{AtMs: 1000, Held: true, Who: "Lin", Reason: "a doubt"}, {AtMs: 2000, Who: "Chen"}}
	store.signoffs = []sql.Signoff{{Kind: sql.SignoffGap, Partition: 1, First: 5, End: 9, By: "Lin", Reason: "retention", AtMs: 3000}}
	frame := aggregate.Frame{Second: "2025-11-11T00:00:01+08:00", Positions: aggregate.Positions{0: 300, 1: 100}}
	store.frames[""] = map[int64]sql.FrameRow{dayStart: {Second: dayStart, Seq: 1, Hash: "aa", JSON: string(frame.JSON())}}
	store.verified = []sql.VerificationRow{{Second: dayStart, FrameHash: "aa", Equal: true}, {Second: dayStart + 1, FrameHash: "bb", RecordedMs: 5000, Detail: "RU"}}
	cfg := testConfig(t, store, 1)
	cfg.Children = func() map[string]int64 { return map[string]int64{"engine": 2, "broker": 0} }
	s, base := start(t, cfg)
	s.Apply(paid(0, 0, 310, 310, 5000, dayStart))
	s.Apply(paid(0, 1, 110, 1, 5000, dayStart)) // no position is below the stored frame's
	both(s, now, 320, 110)
	var got opsAnswer
	eventually(t, func() bool {
		got = getJSON[opsAnswer](t, base+"/api/v1/ops")
		return len(got.Processes) > 1 && got.Partitions[0].Next == 310 && got.Frames.Stored != nil && got.Partitions[0].Verified != nil
	}, "records and a frame")
	require.Equal(t, opsVersion, got.Version)
	require.Equal(t, []string{"serve", "ingest", "ingest"}, []string{got.Processes[0].Role, got.Processes[1].Role, got.Processes[2].Role}, "one that said nothing for long is not shown")
	require.Equal(t, store.reports[1].Report, got.Processes[2].Report)
	require.Equal(t, "a:1", *got.Partitions[0].Process)
	require.Equal(t, "b:2", *got.Partitions[1].Process, "the newest word of two")
	require.EqualValues(t, 310-2*128, got.Partitions[0].Used)
	require.EqualValues(t, 1, *got.Partitions[0].Verified, "segments 0 and 1 end at 256, the recount went to 300")
	require.Nil(t, got.Partitions[1].Verified, "no whole segment of it")
	require.EqualValues(t, 10, *got.Partitions[0].Lag)
	require.Equal(t, &diskRow{Used: 60, Limit: 100, Free: 40, Keep: 5}, got.Disk)
	require.Equal(t, []childRow{{"broker", 0}, {"engine", 2}}, got.Children)
	require.Equal(t, "1970-01-01T08:00:02+08:00", got.Holds[0].At, "newest first")
	require.False(t, got.Holds[0].Held)
	require.Equal(t, signoffRow{"1970-01-01T08:00:03+08:00", "gap", 1, 5, 9, "Lin", "retention"}, got.Signoffs[0])
	require.True(t, got.Frames.Publishing)
	require.Nil(t, got.Frames.By, "no topic")
	require.EqualValues(t, 1, got.Verify.Frames)
	require.EqualValues(t, 1, got.Verify.Differences)
	require.Equal(t, "RU", got.Verify.Detail)
	require.Positive(t, got.Processes[0].Timings[0].N, "official frames were stored")
	require.EqualValues(t, 60, len(got.Processes[0].Timings[0].LineMs))
	status, _, _ := get(t, base+"/api/v1/ops", "X-Forwarded-For", "10.0.0.1")
	require.Equal(t, 403, status)
}

// What the store does not give stays as it was: operators look when the store is in trouble.
func TestOperatorViewKeepsWhatItHas(t *testing.T) {
	store := newMemoryStore()
	store.holds = []sql.HoldRow{{AtMs: 1000, Held: true}}
	s, err := New(testConfig(t, store, 1))
	require.NoError(t, err)
	first := s.pub.lookUp(t.Context(), operatorView{})
	require.Len(t, first.holds, 1)
	store.down = true
	require.Equal(t, first, s.pub.lookUp(t.Context(), first))
}

// The disk is judged by its guard's own bound, not by a share of it; by this process's setting where the store tells of no guard.
func TestDiskRow(t *testing.T) {
	of := func(total, free int64) sql.Disk { return sql.Disk{Total: total, Free: free} }
	require.Equal(t, &diskRow{Used: 200 << 30, Limit: 250 << 30, Free: 50 << 30, Keep: 2 << 30}, newDiskRow(of(250<<30, 50<<30), 0))
	require.EqualValues(t, 1<<30, newDiskRow(of(20<<30, 5<<30), 0).Keep, "5 % of a small one")
	require.EqualValues(t, 7, newDiskRow(of(20<<30, 5<<30), 7).Keep)
	require.Zero(t, newDiskRow(of(20<<30, 5<<30), -1).Keep)
	for _, guard := range []int64{0, 9} {
		told := of(20<<30, 5<<30)
		told.Guard = &guard
		require.Equal(t, &diskRow{Used: 15 << 30, Limit: 20 << 30, Free: 5 << 30, Keep: guard, Guarded: true}, newDiskRow(told, 7))
	}
}

func TestPace(t *testing.T) {
	now := time.Unix(10_000, 0)
	var counted []countedAt
	line, perS := pace(nil, now)
	require.Len(t, line, 120)
	require.Nil(t, perS)
	for i := range 13 { // a look each five seconds for a minute: 10 a second, at the end 100
		n := int64(i * 50)
		if i == 12 {
			n += 450
		}
		counted = append(counted, countedAt{now.Add(time.Duration(i-12) * 5 * time.Second), n})
	}
	line, perS = pace(counted, now)
	require.EqualValues(t, 1050/60, *perS)
	require.EqualValues(t, 55, *line[119])
	for i := 114; i < 119; i++ {
		require.EqualValues(t, 10, *line[i])
	}
	require.Nil(t, line[112], "before the first look")
}
