package verify_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate"
	"festival/ingest/verify"
	"festival/sql"
)

// forge stores the chain anew: frame i altered, it and all behind it hashed and linked as if that were true, and their
// windows' frames with them. The chain before i stays as it was.
func (f *festival) forge(t *testing.T, i int, alter func(*aggregate.Frame)) {
	t.Helper()
	f.forgeAll(t, map[int]func(*aggregate.Frame){i: alter})
}

// forgeAll is forge of several frames at once.
func (f *festival) forgeAll(t *testing.T, alter map[int]func(*aggregate.Frame)) {
	t.Helper()
	prev, rows := f.ledger.ID, map[string][]sql.FrameRow{}
	for n := range f.frames {
		g := *f.frames[n]
		if forged := alter[n]; forged != nil {
			forged(&g)
		}
		g.Prev, g.Hash = prev, nil
		digest := g.Digest()
		g.Hash, prev = &digest, digest
		for _, view := range views {
			one := &g
			if view != "" {
				one, _ = g.OfWindow(view)
			}
			rows[view] = append(rows[view], sql.FrameRow{Second: f.second(n), Seq: g.Seq, Hash: digest, JSON: string(one.JSON())})
		}
	}
	f.exec(t, "TRUNCATE TABLE frames")
	for view, list := range rows {
		require.NoError(t, f.store.InsertFrames(context.Background(), f.ledger.Prefix, view, list))
	}
}

func (f *festival) second(frame int) int64 { return openMs/1000 + int64(frame) }

// TestForged: a figure altered in any one frame is found although the chain behind it was hashed anew, because every
// frame's figures are recounted. So are records that name frames or seconds that are not so.
func TestForged(t *testing.T) {
	f := newFestival(t, stride)
	for range 40 { // more frames than anybody would sample
		f.produce(t, 50, kgo.TryCommit)
	}
	f.count(t, 4<<10)
	require.Greater(t, len(f.frames), 60)
	require.False(t, f.verify(t).Differs())
	f.forgedFrames(t, map[string]forgery{
		"total":      {func(g *aggregate.Frame) { g.Total.GmvFen++ }, "total.gmv_fen"},
		"rejected":   {func(g *aggregate.Frame) { g.Total.Rejected-- }, "total.rejected"},
		"duplicates": {func(g *aggregate.Frame) { g.Total.Duplicates++ }, "total.duplicates"},
		"outside":    {func(g *aggregate.Frame) { g.Total.Outside++ }, "total.outside"},
		"mobile":     {func(g *aggregate.Frame) { g.Mobile.Orders++ }, "mobile.orders"},
		"rate":       {func(g *aggregate.Frame) { g.Rate.OrdersPerS = oneMore(g.Rate.OrdersPerS) }, "rate.orders_per_s"},
		"window": {func(g *aggregate.Frame) {
			g.Windows = append([]aggregate.WindowTotal{}, g.Windows...)
			g.Windows[1].Total.Refunds++
		}, "windows.day.total.refunds"},
		"country": {func(g *aggregate.Frame) {
			g.Countries = append([]aggregate.Country{}, g.Countries...)
			g.Countries[1].MobileGmvFen++
		}, "countries."},
		"device": {func(g *aggregate.Frame) {
			g.Devices = append([]aggregate.Share{}, g.Devices...)
			g.Devices[0].GmvFen += 100
		}, "devices."},
		"province": {func(g *aggregate.Frame) { g.Provinces = g.Provinces[1:] }, "provinces.order"},
		"flow": {func(g *aggregate.Frame) {
			g.Flows = append([]aggregate.Share{}, g.Flows...)
			g.Flows[0], g.Flows[1] = g.Flows[1], g.Flows[0]
		}, "flows.order"},
	})
	f.forge(t, 0, func(*aggregate.Frame) {})
	require.False(t, f.verify(t).Differs())
	f.forgedWindow(t)
	f.forgedRecords(t)
}

// forgery is an alteration and the member of a frame that it alters.
type forgery struct {
	alter func(*aggregate.Frame)
	path  string
}

// oneMore is another rate than this one, which may be unknown.
func oneMore(n *int64) *int64 {
	more := int64(1)
	if n != nil {
		more += *n
	}
	return &more
}

// forgedFrames: each forgery alone of every third, and all of them in one chain, each in a frame of its own.
func (f *festival) forgedFrames(t *testing.T, all map[string]forgery) {
	frames, at := f.random.Perm(len(f.frames)-10), map[int]forgery{}
	for what, c := range all {
		i := 5 + frames[len(at)]
		at[i] = c
		if f.random.IntN(3) == 0 {
			t.Logf("%s alone", what)
			f.finds(t, map[int]forgery{i: c})
		}
	}
	f.finds(t, at)
}

// finds forges frames and demands that these are named, with the member, and no others.
func (f *festival) finds(t *testing.T, at map[int]forgery) {
	alter, seqs := map[int]func(*aggregate.Frame){}, map[string]bool{}
	for i, c := range at {
		alter[i], seqs[fmt.Sprint(i+1)] = c.alter, true
	}
	f.forgeAll(t, alter)
	r := f.verify(t)
	require.EqualValues(t, len(r.Differences), r.Count, "all are listed")
	require.Nil(t, r.Frames.Verified)
	for i, c := range at {
		where := fmt.Sprintf(" seq %d %s", i+1, c.path)
		require.True(t, names(r, "frame", where), "%s: %s", where, text(t, r))
	}
	for _, d := range r.Differences { // the forged frames alone, with their windows' frames
		_, after, _ := strings.Cut(d.Where, " seq ")
		seq, _, _ := strings.Cut(after, " ")
		require.True(t, seqs[seq], text(t, r))
	}
}

// forgedWindow: windows' frames are not hashed by themselves.
func (f *festival) forgedWindow(t *testing.T) {
	i := f.random.IntN(len(f.frames)-10) + 5
	for set, says := range map[string]string{
		`json = replaceOne(json, '"created":', '"created":1')`:                                           " window day total.created",
		`json = replaceOne(json, '"certainty":"provisional"', '"certainty":"verified"')`:                 " window day",
		`json = replaceOne(json, '"share_gmv":"0.', '"share_gmv":"0.1')`:                                 " window day mobile.share_gmv",
		`json = replaceOne(json, '{"id":"day","total":{"gmv_fen":', '{"id":"day","total":{"gmv_fen":1')`: " window day windows.day.total.gmv_fen",
	} {
		where := fmt.Sprintf("second = %d AND window = 'day'", f.second(i))
		was := f.frameJSON(t, "day", i)
		f.exec(t, "ALTER TABLE frames UPDATE "+set+" WHERE "+where)
		require.NotEqual(t, was, f.frameJSON(t, "day", i), set)
		r := f.verify(t)
		require.True(t, names(r, "frame", fmt.Sprintf(" seq %d%s", i+1, says)), "%s: %s", set, text(t, r))
		f.exec(t, "ALTER TABLE frames UPDATE json = '"+strings.ReplaceAll(was, "'", "\\'")+"' WHERE "+where)
	}
	require.False(t, f.verify(t).Differs())
	f.unshownWindow(t)
}

// unshownWindow: windows' frames are stored before the whole festival's, which makes them official; a stop between the two
// leaves some that never were. They are told, are no difference, and nobody is given them.
func (f *festival) unshownWindow(t *testing.T) {
	ctx, second := context.Background(), f.second(0)-1
	require.NoError(t, f.store.InsertFrames(ctx, f.ledger.Prefix, "day", []sql.FrameRow{{Second: second, Seq: 1, Hash: f.ledger.ID, JSON: "{}"}}))
	_, ok, err := f.store.FrameAt(ctx, f.ledger.Prefix, "day", second)
	require.NoError(t, err)
	require.False(t, ok)
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.EqualValues(t, 1, r.Frames.Unshown)
	require.Contains(t, text(t, r), "1 frames of single windows were never shown")
	f.exec(t, fmt.Sprintf("ALTER TABLE frames DELETE WHERE second = %d", second))
}

func (f *festival) frameJSON(t *testing.T, view string, i int) string {
	row, ok, err := f.store.FrameAt(context.Background(), f.ledger.Prefix, view, f.second(i))
	require.NoError(t, err)
	require.True(t, ok)
	return row.JSON
}

// forgedRecords: milestones and verifications have to name frames that are there, and milestones what these show.
func (f *festival) forgedRecords(t *testing.T) {
	ctx := context.Background()
	last := f.frames[len(f.frames)-1]
	threshold := last.Windows[1].Total.GmvFen * 2 / 3
	first := 0
	for f.frames[first].Windows[1].Total.GmvFen < threshold {
		first++
	}
	put := func(m sql.MilestoneRow) {
		m.Window, m.ThresholdFen = "day", threshold
		require.NoError(t, f.store.InsertMilestone(ctx, f.ledger.Prefix, m))
	}
	event := int64(0)
	var sum int64
	for i, s := range f.board.SecondTotals(1, openMs/1000, openMs/1000+86400, nil) {
		if sum += s.GmvFen; sum >= threshold {
			event = openMs/1000 + int64(i)
			break
		}
	}
	put(sql.MilestoneRow{Kind: sql.MilestoneOnAir, Second: f.second(first), FrameHash: *f.frames[first].Hash, RecordedMs: 1000})
	put(sql.MilestoneRow{Kind: sql.MilestoneCorrection, Second: event, FrameHash: *last.Hash, RecordedMs: 2000})
	verification := sql.VerificationRow{Second: f.second(3), FrameHash: *f.frames[3].Hash, RecordedMs: 5000, Source: "kafka", Equal: true}
	require.NoError(t, f.store.InsertVerification(ctx, f.ledger.Prefix, verification))
	r := f.verify(t)
	require.False(t, r.Differs(), text(t, r))
	require.EqualValues(t, 2, r.Frames.Milestones)
	require.EqualValues(t, 1, r.Frames.Verifications)

	f.saysOtherwise(t)

	put(sql.MilestoneRow{Kind: sql.MilestoneOnAir, Second: f.second(first + 1), FrameHash: *f.frames[first+1].Hash, RecordedMs: 3000})
	put(sql.MilestoneRow{Kind: sql.MilestoneEvent, Second: event + 1, FrameHash: *last.Hash, RecordedMs: 4000})
	put(sql.MilestoneRow{Kind: sql.MilestoneEvent, Second: event, FrameHash: strings.Repeat("a", 64), RecordedMs: 4500})
	verification.FrameHash = strings.Repeat("b", 64)
	require.NoError(t, f.store.InsertVerification(ctx, f.ledger.Prefix, verification))
	verification.Second, verification.FrameHash = f.second(4), *f.frames[3].Hash
	require.NoError(t, f.store.InsertVerification(ctx, f.ledger.Prefix, verification))
	r = f.verify(t)
	require.EqualValues(t, 5, r.Count, text(t, r))
	for _, want := range []verify.Difference{
		{What: "milestone", Where: "on air recorded 1970-01-01T00:00:03Z"},
		{What: "milestone", Where: "event second recorded 1970-01-01T00:00:04Z"},
		{What: "milestone", Where: "event second recorded 1970-01-01T00:00:04Z", Recounted: "no official frame has it"},
		{What: "verification", Recounted: "no official frame has it"},
		{What: "verification", Stored: "second 2026-11-10T16:00:04Z"},
	} {
		require.True(t, has(r, want), "%v: %s", want, text(t, r))
	}
}

// saysOtherwise: a verification record that was turned, or has a detail that nobody found.
func (f *festival) saysOtherwise(t *testing.T) {
	for set, says := range map[string]string{
		"equal = 0, detail = '1 differences; seal partition 0 segment 1: stored nothing, recounted x'": "nothing differs now",
		"equal = 0":    "one that differs says how",
		"detail = 'x'": "one that is equal has no detail",
	} {
		f.exec(t, "ALTER TABLE verifications UPDATE "+set+" WHERE recorded_ms = 5000")
		r := f.verify(t)
		require.EqualValues(t, 1, r.Count, text(t, r))
		require.True(t, has(r, verify.Difference{What: "verification", Recounted: says}), "%s: %s", set, text(t, r))
		f.exec(t, "ALTER TABLE verifications UPDATE equal = 1, detail = '' WHERE recorded_ms = 5000")
	}
	require.False(t, f.verify(t).Differs())
}
