package sql_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// closingCell names a closing cell.
type closingCell struct {
	window, dim uint8
	partition   int32
	bucket      int64
	key         string
}

// The cut of a close holds the sums over all segments by partition, and the progress, of one moment; what comes later
// changes nothing that is asked of the closing, and everything that is asked without it.
func TestClosingCut(t *testing.T) {
	ctx, random := context.Background(), random(t)
	store, _ := open(t)
	want := map[closingCell][7]int64{}
	flush := func(segment int64, sums map[closingCell][7]int64) {
		var rows []sql.CellRow
		for p := range int32(3) {
			next := segment*64 + 64
			for range 200 {
				dim, m := uint8(1+random.IntN(11)), [7]int64{1, random.Int64N(1000), 0, 0, 2, 0, 5}
				r := sql.CellRow{Window: uint8(random.IntN(2)), Dim: dim, Partition: p, Segment: segment, Revision: next, M: m,
					Key: []string{"", "a", "b", "IT>CN"}[random.IntN(4)], Bucket: 60 * random.Int64N(4)}
				id := closingCell{r.Window, r.Dim, r.Partition, r.Bucket, r.Key}
				if slicesContain(rows, r) {
					continue
				}
				rows = append(rows, r)
				sums[id] = plus(sums[id], m)
			}
			rows = append(rows, sql.CellRow{Window: 255, Dim: 12, Partition: p, Revision: next - 7, M: [7]int64{segment, 2, 3, 4, 5}})
		}
		require.NoError(t, store.InsertCells(ctx, ledger, rows))
	}
	for segment := range int64(3) {
		flush(segment, want)
	}
	query := sql.SeriesQuery{Dim: "country", Key: "a", Window: sql.AnyWindow, Step: 60}
	before, err := store.Series(ctx, ledger, query)
	require.NoError(t, err)
	require.NoError(t, store.CutCells(ctx, ledger, 5000))
	flush(3, map[closingCell][7]int64{})

	got := map[closingCell][7]int64{}
	var order []sql.CellRow
	require.NoError(t, store.ClosingCells(ctx, ledger, 5000, func(r sql.CellRow) error {
		order = append(order, r)
		got[closingCell{r.Window, r.Dim, r.Partition, r.Bucket, r.Key}] = r.M
		return nil
	}))
	require.Equal(t, want, got)
	require.Len(t, order, len(got))
	for i := 1; i < len(order); i++ {
		require.LessOrEqual(t, order[i-1].Partition, order[i].Partition)
	}
	progress, err := store.ClosingProgress(ctx, ledger, 5000)
	require.NoError(t, err)
	require.Len(t, progress, 3)
	require.Equal(t, sql.CellRow{Window: 255, Dim: 12, Partition: 1, Revision: 185, M: [7]int64{2, 2, 3, 4, 5}}, progress[1])

	query.ClosingMs = 5000
	closed, err := store.Series(ctx, ledger, query)
	require.NoError(t, err)
	require.Equal(t, before, closed)
	query.ClosingMs = 0
	now, err := store.Series(ctx, ledger, query)
	require.NoError(t, err)
	require.NotEqual(t, before, now)
	keys, err := store.Breakdown(ctx, ledger, sql.BreakdownQuery{Dim: "flow", Window: 1, ClosingMs: 5000})
	require.NoError(t, err)
	for _, k := range keys {
		require.Equal(t, sumWhere(want, func(c closingCell) bool { return c.dim == 9 && c.window == 1 && c.key == k.Key }), k.M)
	}
	total, err := store.MerchantTotal(ctx, ledger, "b", sql.AnyWindow, 5000)
	require.NoError(t, err)
	require.Equal(t, sumWhere(want, func(c closingCell) bool { return c.dim == 10 && c.key == "b" }), total)
	var sums [7]int64
	require.NoError(t, store.ClosingSums(ctx, ledger, 5000, func(r sql.CellRow) error {
		sums = plus(sums, r.M)
		return nil
	}))
	require.Equal(t, sumWhere(want, func(closingCell) bool { return true }), sums)
}

func slicesContain(rows []sql.CellRow, r sql.CellRow) bool {
	for i := range rows {
		o := &rows[i]
		if o.Window == r.Window && o.Dim == r.Dim && o.Partition == r.Partition && o.Segment == r.Segment && o.Bucket == r.Bucket && o.Key == r.Key {
			return true
		}
	}
	return false
}

func sumWhere(cells map[closingCell][7]int64, where func(closingCell) bool) (m [7]int64) {
	for id, v := range cells {
		if where(id) {
			m = plus(m, v)
		}
	}
	return m
}

// A closing is offered and stands only with its frame: an offer whose frame lost is nobody's close.
func TestClosingStandsWithItsFrame(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	l := sampleLedger()
	require.NoError(t, store.CreateLedger(ctx, l))
	stands := func() (sql.Closing, bool) {
		c, ok, err := store.Closing(ctx, l.Prefix)
		require.NoError(t, err)
		return c, ok
	}
	closedMs := func() int64 {
		all, err := store.Ledgers(ctx)
		require.NoError(t, err)
		return all[0].ClosedMs
	}
	lost := sql.Closing{AtMs: 5000, Who: "early", Second: 6, FrameHash: hexOf(6), FrameJSON: `{"seq":6}`, Document: "{}"}
	in := sql.Closing{AtMs: 7000, Who: "Lin", Reason: "partition 3 is gone", Second: 8, FrameHash: hexOf(8), FrameJSON: `{"seq":7}`,
		Document: `{"by":"Lin"}`, Seals: []sql.SealRow{{Partition: 0, Segment: 4, First: 1, End: 99, Cells: 2, Prev: hash(1), Hash: hash(2)}}}
	require.NoError(t, store.OfferClosing(ctx, l.Prefix, lost))
	require.NoError(t, store.OfferClosing(ctx, l.Prefix, in))
	require.NoError(t, store.OfferClosing(ctx, l.Prefix, in)) // the answer was lost
	_, ok := stands()
	require.False(t, ok)
	require.Zero(t, closedMs())

	frame := sql.FrameRow{Second: 6, Seq: 6, Hash: hexOf(66), JSON: "{}"} // another process's frame of that second
	require.NoError(t, store.InsertFrames(ctx, l.Prefix, "", []sql.FrameRow{frame}))
	require.NoError(t, store.InsertFrames(ctx, l.Prefix, "day", []sql.FrameRow{{Second: 8, Seq: 7, Hash: hexOf(8), JSON: in.FrameJSON}}))
	_, ok = stands()
	require.False(t, ok, "a window's frame alone is not the chain's")
	require.NoError(t, store.InsertFrames(ctx, l.Prefix, "", []sql.FrameRow{{Second: 8, Seq: 7, Hash: hexOf(8), JSON: in.FrameJSON}}))
	got, ok := stands()
	require.True(t, ok)
	require.Equal(t, in, got)
	require.EqualValues(t, 7000, closedMs())
}

func TestCloseRequests(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	asked := func(since int64) string {
		r, ok, err := store.CloseAsked(ctx, ledger, since)
		require.NoError(t, err)
		require.Equal(t, ok, r.AtMs != 0)
		return r.Who
	}
	require.Empty(t, asked(0))
	for i, who := range []string{"a", "b"} {
		require.NoError(t, store.AskClose(ctx, ledger, sql.CloseRequest{AtMs: int64(10 + i), Who: who, Anyway: "now"}))
	}
	require.Equal(t, "a", asked(0))
	require.Equal(t, "b", asked(11), "too old ones are nobody's business")
	require.NoError(t, store.AnswerClose(ctx, ledger, 10, 20, "no"))
	require.NoError(t, store.AnswerClose(ctx, ledger, 10, 21, "later"))
	require.Equal(t, "b", asked(0))
	answer, err := store.CloseAnswer(ctx, ledger, 10)
	require.NoError(t, err)
	require.Equal(t, "no", answer)
	answer, err = store.CloseAnswer(ctx, ledger, 11)
	require.NoError(t, err)
	require.Empty(t, answer)
}

func TestHolds(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	rows := []sql.HoldRow{{AtMs: 1, Held: true, Who: "Lin", Reason: "双11 check"}, {AtMs: 2, Who: "Wu"}, {AtMs: 3, Held: true, Who: "Wu", Reason: "x"}}
	for _, r := range append(rows, rows[1]) {
		require.NoError(t, store.InsertHold(ctx, ledger, r))
	}
	got, err := store.Holds(ctx, ledger)
	require.NoError(t, err)
	require.Equal(t, rows, got)
}

// The statements that are asked of closings too have the form that is replaced.
func TestStatementsOfClosings(t *testing.T) {
	for _, name := range []string{"series", "breakdown", "merchant_total"} {
		text := sql.OfClosing(sql.Statement(name))
		require.Equal(t, 1, strings.Count(text, "FROM closing_now\nWHERE closing_ms = {closing_ms:Int64} AND ledger ="), text)
		require.NotContains(t, text, "cells_now")
	}
}
