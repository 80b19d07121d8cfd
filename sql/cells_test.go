package sql_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// dimProgress is the number of the progress cells.
const dimProgress = 12

// identity is what a cell is called without its revision and value.
type identity struct {
	window, dim     uint8
	partition       int32
	segment, bucket int64
	key             string
}

func identityOf(r sql.CellRow) identity {
	return identity{r.Window, r.Dim, r.Partition, r.Segment, r.Bucket, r.Key}
}

func sorted(rows []sql.CellRow) []sql.CellRow {
	slices.SortFunc(rows, func(a, b sql.CellRow) int {
		return cmp.Or(cmp.Compare(a.Dim, b.Dim), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Bucket, b.Bucket),
			cmp.Compare(a.Window, b.Window), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Segment, b.Segment))
	})
	return rows
}

func collect(t testing.TB, run func(row func(sql.CellRow) error) error) (rows []sql.CellRow) {
	t.Helper()
	require.NoError(t, run(func(r sql.CellRow) error {
		rows = append(rows, r)
		return nil
	}))
	return sorted(rows)
}

// equalRows compares many rows without printing all of them.
func equalRows(t testing.TB, want, got []sql.CellRow) {
	t.Helper()
	want, got = sorted(want), sorted(got)
	for i := range min(len(want), len(got)) {
		require.Equal(t, want[i], got[i], "row %d", i)
	}
	require.Equal(t, len(want), len(got))
}

func tail(t testing.TB, store *sql.Store, positions map[int32]int64) []sql.CellRow {
	t.Helper()
	return collect(t, func(row func(sql.CellRow) error) error {
		return store.Tail(context.Background(), ledger, positions, row)
	})
}

func TestInsertCellsIsOnePart(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	require.NoError(t, conn.Exec(ctx, "SYSTEM STOP MERGES cells"))
	for flush := range 3 {
		var rows []sql.CellRow
		for i := range 150_000 {
			rows = append(rows, sql.CellRow{Window: 0, Dim: uint8(1 + i%10), Partition: int32(i % 8), Segment: int64(flush),
				Bucket: int64(i / 20), Revision: int64(flush + 1), Key: "k", M: [7]int64{int64(i)}})
		}
		rows = append(rows, sql.CellRow{Window: 255, Dim: dimProgress, Revision: int64(flush + 1)})
		require.NoError(t, store.InsertCells(ctx, ledger, rows))
		require.EqualValues(t, flush+1, one[uint64](t, conn,
			"SELECT count() FROM system.parts WHERE database = currentDatabase() AND table = 'cells' AND active"))
	}
}

// A paused writer that wakes can only write an older prefix; it loses, whether before or after a merge.
func TestHighestRevisionWins(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	cell := func(revision, gmv int64) []sql.CellRow {
		return []sql.CellRow{{Dim: 1, Bucket: 60, Revision: revision, M: [7]int64{1, gmv}},
			{Window: 255, Dim: dimProgress, Revision: revision, M: [7]int64{revision - 1, 2, 3, 4, 5}}}
	}
	require.NoError(t, store.InsertCells(ctx, ledger, cell(10, 100)))
	require.NoError(t, store.InsertCells(ctx, ledger, cell(20, 200)))
	require.NoError(t, store.InsertCells(ctx, ledger, cell(20, 200))) // written again
	require.NoError(t, store.InsertCells(ctx, ledger, cell(15, 150))) // the zombie
	check := func() {
		t.Helper()
		progress, err := store.Progress(ctx, ledger)
		require.NoError(t, err)
		require.Equal(t, cell(20, 200)[1:], progress)
		require.Equal(t, cell(20, 200), tail(t, store, map[int32]int64{0: 0}))
		require.Equal(t, cell(20, 200), tail(t, store, map[int32]int64{0: 19}))
		require.Empty(t, tail(t, store, map[int32]int64{0: 20}))
		points, err := store.Series(ctx, ledger, sql.SeriesQuery{Dim: "total", Window: sql.AnyWindow, Step: 1})
		require.NoError(t, err)
		require.Equal(t, []sql.Point{{T: 60, M: [7]int64{1, 200}}}, points)
	}
	check()
	require.NoError(t, conn.Exec(ctx, "OPTIMIZE TABLE cells FINAL"))
	check()
	require.NoError(t, store.InsertCells(ctx, ledger, cell(12, 120)))
	check()
}

// history writes random cells in random flushes and keeps the highest revision of each.
type history struct {
	store *sql.Store
	rng   *rand.Rand
	rows  map[identity]sql.CellRow
}

func (h *history) flush(t testing.TB, revision int64, partitions int32) {
	var rows []sql.CellRow
	for range 200 + h.rng.IntN(200) {
		dim := []uint8{1, 2, 3, 4, 10, 11}[h.rng.IntN(6)]
		r := sql.CellRow{Dim: dim, Partition: h.rng.Int32N(partitions), Revision: revision, Window: uint8(h.rng.IntN(2))}
		r.Segment = (revision - 1) / 64
		switch {
		case dim <= 3:
			r.Bucket = 1_000_000 + h.rng.Int64N(180)
		case dim == 4:
			r.Bucket = 1_000_020 + 60*h.rng.Int64N(3)
		case dim == 11:
			r.Window = 255
		}
		if dim > 1 {
			r.Key = string(rune('a' + h.rng.IntN(4)))
		}
		for i := range r.M {
			r.M[i] = h.rng.Int64N(1000) - 200
		}
		rows = append(rows, r)
	}
	rows = h.unique(rows)
	require.NoError(t, h.store.InsertCells(context.Background(), ledger, rows))
}

// unique keeps one row an identity in a flush and remembers it where its revision is the highest.
func (h *history) unique(rows []sql.CellRow) (out []sql.CellRow) {
	seen := map[identity]bool{}
	for _, r := range rows {
		id := identityOf(r)
		if seen[id] {
			continue
		}
		seen[id] = true
		if old, ok := h.rows[id]; !ok || r.Revision > old.Revision {
			h.rows[id] = r
		} else if r.Revision == old.Revision {
			r = old
		}
		out = append(out, r)
	}
	return out
}

func newHistory(t testing.TB, flushes int) *history {
	store, _ := open(t)
	h := &history{store: store, rng: random(t), rows: map[identity]sql.CellRow{}}
	for _, revision := range h.rng.Perm(flushes) { // late and stale ones too
		h.flush(t, int64(revision)+1, 20)
	}
	return h
}

// The tail against a naive reading, more partitions than the index has classes.
func TestTailIsWhatChanged(t *testing.T) {
	h := newHistory(t, 40)
	for range 10 {
		positions := map[int32]int64{}
		for p := range int32(20) {
			if h.rng.IntN(4) > 0 {
				positions[p] = h.rng.Int64N(45)
			} // one that is not named gives nothing
		}
		var want []sql.CellRow
		for _, r := range h.rows {
			if at, ok := positions[r.Partition]; ok && r.Revision > at {
				want = append(want, r)
			}
		}
		equalRows(t, want, tail(t, h.store, positions))
	}
}

func TestBoardSumsOfFinishedSegments(t *testing.T) {
	h := newHistory(t, 200)
	finished := map[int32]int64{}
	for p := range int32(18) { // two partitions have none
		finished[p] = h.rng.Int64N(4)
	}
	rows := h.sums(finished)
	got := collect(t, func(row func(sql.CellRow) error) error {
		return h.store.BoardSums(context.Background(), ledger, finished, row)
	})
	require.NotEmpty(t, rows)
	equalRows(t, rows, got)
}

func TestCellsOfSegments(t *testing.T) {
	h := newHistory(t, 130)
	var want []sql.CellRow
	for _, r := range h.rows {
		if r.Partition == 3 && r.Segment == 1 {
			want = append(want, r)
		}
	}
	got := collect(t, func(row func(sql.CellRow) error) error {
		return h.store.Cells(context.Background(), ledger, 3, 1, 2, row)
	})
	equalRows(t, want, got)
}

// One key's curve and all keys at once against a naive sum.
func TestSeriesAndBreakdown(t *testing.T) {
	ctx := context.Background()
	h := newHistory(t, 60)
	span := sql.Span{From: 1_000_030, To: 1_000_110}
	for _, q := range []sql.SeriesQuery{
		{Dim: "total", Window: sql.AnyWindow, Step: 1},
		{Dim: "total", Window: 1, Step: 60, Span: span},
		{Dim: "device", Key: "b", Window: sql.AnyWindow, Step: 7, Span: span, Origin: 1_000_000},
		{Dim: "country", Key: "c", Window: 0, Step: 3600},
		{Dim: "province", Key: "a", Window: sql.AnyWindow, Step: 60},
	} {
		got, err := h.store.Series(ctx, ledger, q)
		require.NoError(t, err)
		require.NotEmpty(t, got, "%+v", q)
		require.Equal(t, h.series(q), got, "%+v", q)
	}
	for _, q := range []sql.BreakdownQuery{
		{Dim: "device", Window: sql.AnyWindow}, {Dim: "country", Window: 1, Span: span}, {Dim: "merchant", Window: 0},
	} {
		got, err := h.store.Breakdown(ctx, ledger, q)
		require.NoError(t, err)
		require.Equal(t, h.breakdown(q), got, "%+v", q)
	}
	total, err := h.store.MerchantTotal(ctx, ledger, "d", sql.AnyWindow, 0)
	require.NoError(t, err)
	want := h.breakdown(sql.BreakdownQuery{Dim: "merchant", Window: sql.AnyWindow})
	require.Contains(t, want, sql.KeySum{Key: "d", M: total})
	total, err = h.store.MerchantTotal(ctx, ledger, "nobody", 0, 0)
	require.NoError(t, err)
	require.Zero(t, total)
}

// numbers are the dimensions that the random cells have.
var numbers = map[string]uint8{"total": 1, "device": 2, "country": 3, "province": 4, "merchant": 10}

func (h *history) matching(dim string, window uint8, span sql.Span) (out []sql.CellRow) {
	for _, r := range h.rows {
		if r.Dim == numbers[dim] && (window == sql.AnyWindow || r.Window == window) &&
			r.Bucket >= span.From && (span.To == 0 || r.Bucket < span.To) {
			out = append(out, r)
		}
	}
	return out
}

func (h *history) series(q sql.SeriesQuery) (out []sql.Point) {
	sums := map[int64][7]int64{}
	for _, r := range h.matching(q.Dim, q.Window, q.Span) {
		if r.Key == q.Key {
			t := r.Bucket - (r.Bucket-q.Origin)%q.Step
			sums[t] = plus(sums[t], r.M)
		}
	}
	for t, m := range sums {
		out = append(out, sql.Point{T: t, M: m})
	}
	slices.SortFunc(out, func(a, b sql.Point) int { return cmp.Compare(a.T, b.T) })
	return out
}

func (h *history) breakdown(q sql.BreakdownQuery) (out []sql.KeySum) {
	sums := map[string][7]int64{}
	for _, r := range h.matching(q.Dim, q.Window, q.Span) {
		sums[r.Key] = plus(sums[r.Key], r.M)
	}
	for key, m := range sums {
		out = append(out, sql.KeySum{Key: key, M: m})
	}
	slices.SortFunc(out, func(a, b sql.KeySum) int { return cmp.Or(cmp.Compare(b.M[1], a.M[1]), cmp.Compare(a.Key, b.Key)) })
	return out
}

func plus(a, b [7]int64) [7]int64 {
	for i := range a {
		a[i] += b[i]
	}
	return a
}

func TestSeriesRefusesWrongSteps(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	for _, q := range []sql.SeriesQuery{{Dim: "city", Step: 1}, {Dim: "total", Step: 0}, {Dim: "merchant", Step: 60}, {Dim: "colour", Step: 60}} {
		_, err := store.Series(ctx, ledger, q)
		require.Error(t, err, "%+v", q)
	}
	_, err := store.Breakdown(ctx, ledger, sql.BreakdownQuery{Dim: "merchant", Span: sql.Span{From: 1}})
	require.ErrorContains(t, err, "has no times")
	_, err = store.Breakdown(ctx, ledger, sql.BreakdownQuery{Dim: "log"})
	require.Error(t, err)
}
