package sql_test

import (
	"context"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/stretchr/testify/require"

	"festival/sql"
)

const (
	rollPartitions = 20 // more than the index tail has classes
	rollStride     = 64
)

// rolling is a history whose segments are sealed in order, with the era of each partition's rows.
type rolling struct {
	*history
	era  [rollPartitions]uint8
	next [rollPartitions]int64 // position: everything below was counted
	done [rollPartitions]int64 // sealed segments
}

func newRolling(t testing.TB) (*rolling, driver.Conn) {
	store, conn := open(t)
	return &rolling{history: &history{store: store, rng: random(t), rows: map[identity]sql.CellRow{}}}, conn
}

// grow counts on in every partition: random cells of the open segment, some of them once more with a newer value.
func (h *rolling) grow(t testing.TB) {
	var rows []sql.CellRow
	for p := range int32(rollPartitions) {
		if p == 7 || h.rng.IntN(5) == 0 {
			continue // 7 stands still: it never has a seal
		}
		segment := h.next[p] / rollStride
		h.next[p] = min(h.next[p]+1+h.rng.Int64N(40), (segment+1)*rollStride)
		for range 30 {
			rows = append(rows, h.cell(p, segment))
		}
	}
	require.NoError(t, h.store.InsertCells(context.Background(), ledger, h.unique(rows)))
}

func (h *rolling) cell(p int32, segment int64) sql.CellRow {
	dim := []uint8{1, 2, 3, 4, 10, 11}[h.rng.IntN(6)]
	r := sql.CellRow{Dim: dim, Partition: p, Segment: segment, Revision: h.next[p], Window: uint8(h.rng.IntN(2)), Era: h.era[p]}
	switch {
	case dim <= 3: // several hours, so that all grains are used
		r.Bucket = 1_000_000 + h.rng.Int64N(4)*1799 + h.rng.Int64N(3)
	case dim == 4:
		r.Bucket = 1_000_020 + 60*h.rng.Int64N(150)
	case dim == 11:
		r.Window = 255
	}
	if dim > 1 {
		r.Key = string(rune('a' + h.rng.IntN(4)))
	}
	for i := range r.M {
		r.M[i] = 1 + h.rng.Int64N(1000)
	}
	return r
}

// seal seals what is complete.
func (h *rolling) seal(t testing.TB) {
	var rows []sql.SealRow
	for p := range int32(rollPartitions) {
		for ; (h.done[p]+1)*rollStride <= h.next[p]; h.done[p]++ {
			rows = append(rows, sql.SealRow{Partition: p, Segment: h.done[p], First: h.done[p] * rollStride, End: (h.done[p] + 1) * rollStride, Era: h.era[p]})
		}
	}
	if len(rows) > 0 {
		require.NoError(t, h.store.InsertSeals(context.Background(), ledger, rows))
	}
}

// zombies write older values of cells, whose segments may be rolled up.
func (h *rolling) zombies(t testing.TB) {
	var rows []sql.CellRow
	for _, r := range h.rows {
		if r.Revision > r.Segment*rollStride+1 && h.rng.IntN(4) == 0 {
			r.Revision, r.M[1] = r.Segment*rollStride+1, 1_000_000
			rows = append(rows, r)
		}
	}
	require.NoError(t, h.store.InsertCells(context.Background(), ledger, rows))
}

// gap signs off that a partition's log is lost from somewhere in an earlier segment on: its cells from there count no more.
func (h *rolling) gap(t testing.TB, p int32) {
	segment := h.done[p] / 2
	h.era[p]++
	h.next[p], h.done[p] = segment*rollStride, segment
	require.NoError(t, h.store.InsertSignoff(context.Background(), ledger, sql.Signoff{Kind: sql.SignoffGap, Partition: p, Era: h.era[p],
		Segment: segment, First: segment*rollStride + 5, End: segment*rollStride + 9, AtMs: int64(h.era[p])}))
	for id := range h.rows {
		if id.partition == p && id.segment >= segment {
			delete(h.rows, id)
		}
	}
}

func (h *rolling) roll(t testing.TB, now time.Time) *sql.RollUp {
	r, err := h.store.RollUp(context.Background(), ledger, rollPartitions, now, 1)
	require.NoError(t, err)
	return r
}

// equal holds every reader against the naive sums.
func (h *rolling) equal(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	spans := []sql.Span{{From: 1_000_001, To: 1_003_700}, {From: 999_960, To: 1_002_000}, {From: 1_000_800, To: 1_004_400}, {From: 1_000_030, To: 1_000_050}}
	for _, span := range []sql.Span{{}, spans[h.rng.IntN(len(spans))]} {
		for _, q := range []sql.SeriesQuery{{Dim: "total", Window: sql.AnyWindow, Step: 1}, {Dim: "country", Key: "c", Window: 1, Step: 60},
			{Dim: "device", Key: "b", Window: 0, Step: 3600}, {Dim: "country", Key: "a", Window: sql.AnyWindow, Step: 3600, Origin: 1800},
			{Dim: "province", Key: "d", Window: sql.AnyWindow, Step: 3600}, {Dim: "province", Key: "a", Window: 0, Step: 60}} {
			q.Span = span
			got, err := h.store.Series(ctx, ledger, q)
			require.NoError(t, err)
			require.Equal(t, h.series(q), got, "%+v", q)
		}
		for _, q := range []sql.BreakdownQuery{{Dim: "country", Window: sql.AnyWindow}, {Dim: "device", Window: 1}, {Dim: "province", Window: 0}} {
			q.Span = span
			got, err := h.store.Breakdown(ctx, ledger, q)
			require.NoError(t, err)
			require.Equal(t, h.breakdown(q), got, "%+v", q)
		}
	}
	q := sql.BreakdownQuery{Dim: "merchant", Window: sql.AnyWindow}
	got, err := h.store.Breakdown(ctx, ledger, q)
	require.NoError(t, err)
	require.Equal(t, h.breakdown(q), got)
	for range 2 { // below what is rolled up too
		finished := map[int32]int64{}
		for p := range int32(rollPartitions) {
			finished[p] = max(0, h.done[p]-h.rng.Int64N(2)*h.rng.Int64N(3))
		}
		equalRows(t, h.sums(finished), collect(t, func(row func(sql.CellRow) error) error {
			return h.store.BoardSums(ctx, ledger, finished, row)
		}))
	}
}

// sums is BoardSums, naively.
func (h *history) sums(finished map[int32]int64) (rows []sql.CellRow) {
	want := map[identity]sql.CellRow{}
	for _, r := range h.rows {
		if r.Segment >= finished[r.Partition] {
			continue
		}
		id := identity{window: r.Window, dim: r.Dim, key: r.Key}
		if r.Dim == 1 {
			id.bucket = r.Bucket
		}
		sum := want[id]
		sum.Window, sum.Dim, sum.Key, sum.Bucket, sum.M = id.window, id.dim, id.key, id.bucket, plus(sum.M, r.M)
		want[id] = sum
	}
	for _, r := range want {
		rows = append(rows, r)
	}
	return rows
}

// within: what is remembered stays within its bound.
func (h *rolling) within(t testing.TB) {
	require.Positive(t, h.store.RolledParts())
	require.LessOrEqual(t, h.store.RolledParts(), int64(sql.RolledPartsBytes))
}

// tamper: the check of a roll-up finds nothing, then a row that somebody added to it, and the cell that lacks it.
func (h *rolling) tamper(t testing.TB, conn driver.Conn) {
	ctx := context.Background()
	r, wrong, err := h.store.CheckRollUp(ctx, ledger)
	require.NoError(t, err)
	require.NotNil(t, r)
	require.Empty(t, wrong)
	require.NoError(t, conn.Exec(ctx, "INSERT INTO rollup_cells SELECT * REPLACE(1 AS orders, 2 AS gmv_fen, 0 AS mobile_orders, 0 AS mobile_gmv_fen, 0 AS created, 0 AS refunds, 0 AS refund_fen) "+
		"FROM rollup_cells WHERE run = ? AND dim = 'country' AND grain = 60 LIMIT 1", r.Runs[0]))
	_, wrong, err = h.store.CheckRollUp(ctx, ledger)
	require.NoError(t, err)
	require.Len(t, wrong, 1)
	require.Equal(t, [7]int64{1, 2}, wrong[0].M)
	require.Equal(t, "country", wrong[0].Dim)
	require.EqualValues(t, 60, wrong[0].Seconds)
}

// TestRollUps: whatever is rolled up, read again, written again by zombies, voided by a sign-off and rolled up anew, every
// reader gives what the cells of highest revision sum to.
func TestRollUps(t *testing.T) {
	h, conn := newRolling(t)
	now := time.UnixMilli(1_800_000_000_000)
	require.Nil(t, h.roll(t, now), "nothing is sealed")
	h.equal(t)
	rolled := 0
	for round := range 9 {
		for range 3 {
			h.grow(t)
			h.seal(t)
		}
		if round == 3 || round == 6 {
			h.store.Elsewhere(func() { h.gap(t, int32(h.rng.IntN(3))) })
			h.equal(t) // void
		}
		if h.roll(t, now.Add(time.Duration(round)*25*time.Minute)) != nil {
			rolled++
		}
		if round == 4 {
			h.equal(t) // so that the next one has much of it in memory
		}
		h.grow(t)
		h.zombies(t)
		h.equal(t)
		h.within(t)
	}
	require.Greater(t, rolled, 5)
	h.tamper(t, conn)
}

// TestRollUpAtItsBounds: too few segments make none; a store that was restored makes them anew; what nothing names any
// more goes after an hour, and what a reader may still use stays.
func TestRollUpAtItsBounds(t *testing.T) {
	ctx, now := context.Background(), time.UnixMilli(1_800_000_000_000)
	h, _ := newRolling(t)
	for range 6 {
		h.grow(t)
		h.seal(t)
	}
	sealed := int64(0)
	for _, n := range h.done {
		sealed += n
	}
	r, err := h.store.RollUp(ctx, ledger, rollPartitions, now, sealed+1)
	require.NoError(t, err)
	require.Nil(t, r)
	first, err := h.store.RollUp(ctx, ledger, rollPartitions, now, sealed)
	require.NoError(t, err)
	require.Len(t, first.Runs, 1)
	require.Nil(t, h.roll(t, now), "nothing new")
	h.equal(t)

	names := func() (runs []uint64) { runs, err := h.store.Runs(ctx); require.NoError(t, err); return runs }
	for minute := range 3 {
		for range 4 {
			h.grow(t)
			h.seal(t)
		}
		require.NotNil(t, h.roll(t, now.Add(time.Duration(minute+1)*time.Minute)))
	}
	require.Contains(t, names(), first.Runs[0], "a reader may have been told of it")
	for range 4 {
		h.grow(t)
		h.seal(t)
	}
	require.NotNil(t, h.roll(t, now.Add(3*time.Hour)))
	require.NotContains(t, names(), first.Runs[0])
	h.equal(t)

	require.NoError(t, h.store.ForgetRollUps(ctx))
	h.equal(t)
	require.NotNil(t, h.roll(t, now.Add(3*time.Hour+time.Minute)))
	h.equal(t)
}
