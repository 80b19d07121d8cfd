package sql_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

func TestLastSealsEndTheContiguousChain(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	seal := func(p int32, k int64) sql.SealRow {
		return sql.SealRow{Partition: p, Segment: k, First: k * 10, End: k*10 + 10, Cells: 3, LastMs: 4, MaxEventMs: 5,
			Prev: hash(int(k) - 1), Hash: hash(int(k))}
	}
	var rows []sql.SealRow
	for k := range int64(5) {
		rows = append(rows, seal(0, k), seal(1, 100+k))
	}
	rows = append(rows, seal(0, 6), seal(0, 7), seal(2, 9)) // partition 0 lacks segment 5
	require.NoError(t, store.InsertSeals(ctx, ledger, rows))
	require.NoError(t, store.InsertSeals(ctx, ledger, rows[3:8])) // written again
	require.NoError(t, store.InsertSeals(ctx, ledger+1, []sql.SealRow{seal(0, 5)}))

	got, err := store.LastSeals(ctx, ledger, []int32{0, 1, 3})
	require.NoError(t, err)
	require.Equal(t, map[int32]sql.SealRow{0: seal(0, 4), 1: seal(1, 104)}, got)
	got, err = store.LastSeals(ctx, ledger, nil)
	require.NoError(t, err)
	require.Empty(t, got)

	var chain []sql.SealRow
	require.NoError(t, store.Seals(ctx, ledger, 0, 2, 7, func(r sql.SealRow) error {
		chain = append(chain, r)
		return nil
	}))
	require.Equal(t, []sql.SealRow{seal(0, 2), seal(0, 3), seal(0, 4), seal(0, 6)}, chain)
}

// A clock that was ahead wrote a pulse of the future: the true one after it stands, before the parts are merged and afterwards.
func TestPulseThatWasWrittenLastStands(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	future := []sql.PulseRow{{Partition: 0, StableEnd: 3, HighWatermark: 3, AtMs: 600_100}, {Partition: 1, StableEnd: 1, HighWatermark: 1, AtMs: 150, Stopped: "log replaced"}}
	require.NoError(t, store.InsertPulse(ctx, ledger, future))
	right := sql.PulseRow{Partition: 0, StableEnd: 7, HighWatermark: 9, AtMs: 100}
	require.NoError(t, store.InsertPulse(ctx, ledger, []sql.PulseRow{right}))
	want := []sql.PulseRow{right, future[1]}
	for range 2 {
		got, err := store.Pulses(ctx, ledger)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.NoError(t, conn.Exec(ctx, "OPTIMIZE TABLE pulse FINAL"))
	}
}

func TestFrames(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	_, ok, err := store.LastFrame(ctx, ledger, "")
	require.NoError(t, err)
	require.False(t, ok)

	var rows []sql.FrameRow
	for i := range 5 {
		rows = append(rows, sql.FrameRow{Second: int64(100 + 2*i), Seq: int64(i), Hash: hexOf(i), JSON: `{"name":"双11 \\ '` + "\n" + `"}`})
	}
	// The second and the third were never shown: a stop came before the whole festival's frame, and a repetition of another.
	day := []sql.FrameRow{{Second: 102, Seq: 1, Hash: rows[1].Hash, JSON: "{}"}, {Second: 103, Seq: 2, Hash: hexOf(77), JSON: "{}"},
		{Second: 106, Seq: 3, Hash: hexOf(78), JSON: "{}"}}
	require.NoError(t, store.InsertFrames(ctx, ledger, "", rows))
	require.NoError(t, store.InsertFrames(ctx, ledger, "", rows[1:]))
	require.NoError(t, store.InsertFrames(ctx, ledger, "day", day))

	for second, want := range map[int64]int{100: 0, 103: 1, 108: 4, 1 << 40: 4} {
		got, ok, err := store.FrameAt(ctx, ledger, "", second)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, rows[want], got)
	}
	_, ok, err = store.FrameAt(ctx, ledger, "", 99)
	require.NoError(t, err)
	require.False(t, ok)
	got, ok, err := store.FrameAt(ctx, ledger, "day", 103)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, day[0], got)
	for _, second := range []int64{106, 107, 1 << 40} {
		_, ok, err = store.FrameAt(ctx, ledger, "day", second)
		require.NoError(t, err)
		require.False(t, ok, "second %d", second)
	}
	unshown, err := store.FramesUnshown(ctx, ledger)
	require.NoError(t, err)
	require.EqualValues(t, 2, unshown)
	got, ok, err = store.FrameByHash(ctx, ledger, hexOf(2))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, rows[2], got)

	var some []sql.FrameRow
	require.NoError(t, store.Frames(ctx, ledger, "", 102, 108, func(r sql.FrameRow) error {
		some = append(some, r)
		return nil
	}))
	require.Equal(t, rows[1:4], some)
	some = nil
	require.NoError(t, store.Frames(ctx, ledger, "day", 0, 0, func(r sql.FrameRow) error {
		some = append(some, r)
		return nil
	}))
	require.Equal(t, day[:1], some)
}

func TestMilestonesAndVerifications(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	milestones := []sql.MilestoneRow{
		{Window: "day", ThresholdFen: 100, Kind: sql.MilestoneOnAir, Second: 7, FrameHash: hexOf(1), RecordedMs: 1},
		{Window: "day", ThresholdFen: 100, Kind: sql.MilestoneEvent, Second: 6, FrameHash: hexOf(1), RecordedMs: 2},
		{Window: "day", ThresholdFen: 100, Kind: sql.MilestoneCorrection, Second: 5, FrameHash: hexOf(3), RecordedMs: 3},
	}
	for _, r := range append(milestones, milestones[2]) {
		require.NoError(t, store.InsertMilestone(ctx, ledger, r))
	}
	got, err := store.Milestones(ctx, ledger)
	require.NoError(t, err)
	require.Equal(t, milestones, got)

	verifications := []sql.VerificationRow{{Second: 7, FrameHash: hexOf(1), RecordedMs: 4, Source: "kafka", Equal: true},
		{Second: 8, FrameHash: hexOf(2), RecordedMs: 5, Source: "orders", Detail: "orders 3, recount 4"}}
	for _, r := range verifications {
		require.NoError(t, store.InsertVerification(ctx, ledger, r))
	}
	back, err := store.Verifications(ctx, ledger)
	require.NoError(t, err)
	require.Equal(t, verifications, back)
}

func TestRejects(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	var rows []sql.Reject
	for i := range 10 {
		reason := "not_json"
		if i%3 == 0 {
			reason = "bad:amount"
		}
		rows = append(rows, sql.Reject{Partition: int32(i % 2), Offset: int64(i), KafkaMs: int64(1000 + i), Reason: reason, Length: 1 << 20,
			SHA256: hash(i), Key: []byte{0, 0xff, byte(i)}, Value: []byte(strings.Repeat("\x00é\n", i)), Rehearsal: 1})
	}
	require.NoError(t, store.InsertRejects(ctx, ledger, rows))
	require.NoError(t, store.InsertRejects(ctx, ledger, rows)) // written again
	positions := map[int32]int64{0: 100, 1: 7}                 // 7 and 9 are at or past

	newest, err := store.Rejects(ctx, ledger, positions, 3)
	require.NoError(t, err)
	require.Equal(t, []sql.Reject{rows[8], rows[6], rows[5]}, newest)
	counts, err := store.RejectCounts(ctx, ledger, positions)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"bad:amount": 3, "not_json": 5}, counts)
	var all []sql.Reject
	require.NoError(t, store.RejectsExport(ctx, ledger, positions, func(r sql.Reject) error {
		all = append(all, r)
		return nil
	}))
	require.Equal(t, []sql.Reject{rows[0], rows[2], rows[4], rows[6], rows[8], rows[1], rows[3], rows[5]}, all)
}

// A merchant's curve from raw rows: only counted ones, below the positions, double rows once; asked again with the positions
// of later frames, with less of the time, with earlier positions, and after a sign-off that takes offsets away.
func TestMerchantSeries(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	rng := random(t)
	var in sql.Orders
	for o := range int64(3000) {
		addOrder(&in, 0, o)
		addOrder(&in, 1, o)
	}
	require.NoError(t, store.InsertOrders(ctx, ledger, &in))
	require.NoError(t, store.InsertOrders(ctx, ledger, &in))
	at := map[int32]int64{0: 2000, 1: 500}
	equal := func(hole int64) {
		t.Helper()
		q := sql.MerchantQuery{Merchant: "m3", Positions: at, Step: 5}
		want := merchantCurve(&in, at, q.Step, hole)
		got, err := store.MerchantSeries(ctx, ledger, q)
		require.NoError(t, err)
		require.Equal(t, want, got)
		if len(want) < 3 {
			return
		}
		first := rng.IntN(len(want) - 1)
		q.Span = sql.Span{From: want[first].T - rng.Int64N(2), To: want[len(want)-1].T}
		got, err = store.MerchantSeries(ctx, ledger, q)
		require.NoError(t, err)
		require.Equal(t, want[first:len(want)-1], got)
	}
	for range 12 {
		equal(0)
		at = map[int32]int64{0: min(3000, at[0]+rng.Int64N(300)), 1: min(3000, at[1]+rng.Int64N(300))}
	}
	at = map[int32]int64{0: 1000, 1: 700}
	equal(0)
	require.NoError(t, store.InsertSignoff(ctx, ledger, sql.Signoff{Kind: sql.SignoffGap, Partition: 1, Era: 1, First: 100, End: 300}))
	for range 2 {
		equal(300)
		at[0] += 100
	}
}

// merchantCurve is what merchant m3 has below the positions, naively, without partition 1's offsets from 100 to the hole's end.
func merchantCurve(in *sql.Orders, below map[int32]int64, step, hole int64) (out []sql.Point) {
	sums := map[int64][7]int64{}
	for i, p := range in.Partition {
		lost := p == 1 && in.Offset[i] >= 100 && in.Offset[i] < hole
		if in.MerchantID[i] != "m3" || in.Verdict[i] != 4 || in.Offset[i] >= below[p] || lost {
			continue
		}
		var m [7]int64
		var at int64
		switch in.Status[i] {
		case 1:
			at, m[4] = in.CreatedMs[i], 1
		case 2:
			at, m[0], m[1] = in.PaidMs[i], 1, in.AmountFen[i]
			if d := in.Device[i]; d >= 1 && d <= 3 {
				m[2], m[3] = 1, in.AmountFen[i]
			}
		case 3:
			at, m[5], m[6] = in.RefundedMs[i], 1, in.AmountFen[i]
		}
		t := at / (step * 1000) * step
		sums[t] = plus(sums[t], m)
	}
	for _, t := range slices.Sorted(maps.Keys(sums)) {
		out = append(out, sql.Point{T: t, M: sums[t]})
	}
	return out
}
