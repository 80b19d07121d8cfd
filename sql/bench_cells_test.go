package sql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// The synthetic day of the cell benchmarks: 4 partitions, 360 segments each of 240 s, about 14,000 cells a segment,
// 20.6 million in all, in 24 inserts by time, as merged parts hold them.
const (
	benchDay      = 1_762_790_400 // 2025-11-11 00:00:00 +08:00
	benchSegments = 360
	benchSlices   = 24
)

// benchDims: how many keys, and the bucket's width; 240 s of a segment hold 240/step buckets.
var benchDims = []struct {
	dim        string
	keys, step int
}{{"total", 1, 1}, {"device", 6, 1}, {"country", 20, 1}, {"province", 34, 60}, {"city", 350, 60}, {"category", 9, 60},
	{"marketplace", 4, 60}, {"channel", 10, 60}, {"flow", 300, 60}, {"merchant", 5000, 0}}

// fillDay writes the day on the engine's side.
func fillDay(b testing.TB, o opened) {
	conn := plain(b, o.engine.DSN(sql.DefaultDatabase))
	for slice := range benchSlices {
		var parts []string
		for _, d := range benchDims {
			parts = append(parts, daySlice(slice, d.dim, d.keys, d.step))
		}
		query := `INSERT INTO cells (ledger, dim, key, bucket, window, partition, segment, revision, orders, gmv_fen, mobile_orders,
			mobile_gmv_fen, created, refunds, refund_fen) ` + strings.Join(parts, " UNION ALL ")
		require.NoError(b, conn.Exec(context.Background(), query))
	}
	b.Logf("%d cells in %d parts", one[uint64](b, conn, "SELECT count() FROM cells"),
		one[uint64](b, conn, "SELECT count() FROM system.parts WHERE table = 'cells' AND active"))
}

func daySlice(slice int, dim string, keys, step int) string {
	buckets, key, bucket := 1, "toString(number % "+fmt.Sprint(keys)+")", "0"
	if step > 0 {
		buckets = 240 / step
		bucket = fmt.Sprintf("%d + segment * 240 + (intDiv(number, %d) %% %d) * %d", benchDay, keys, buckets, step)
	}
	if dim == "total" {
		key = "''"
	}
	if dim == "merchant" {
		key = "concat('m', toString(cityHash64(number) % 20000))"
	}
	perSegment := keys * buckets
	segments := benchSegments / benchSlices * 4
	return fmt.Sprintf(`SELECT %d AS ledger, '%s' AS dim, %s AS key, toInt64(%s) AS bucket, 0 AS window, place %% 4 AS partition,
		toInt64(intDiv(place, 4)) AS segment, (segment + 1) * 65536 AS revision, number %% 97 AS orders, number * 31 %% 1000003 AS gmv_fen,
		number %% 50 AS mobile_orders, number * 17 %% 700001 AS mobile_gmv_fen, number %% 120 AS created, number %% 3 AS refunds, number %% 301 AS refund_fen
		FROM (SELECT number, intDiv(number, %d) + %d AS place FROM numbers(%d))`,
		ledger, dim, key, bucket, perSegment, slice*segments, perSegment*segments)
}

// flushOf is one flush of the newest segment: 10,000 changed cells of all dimensions and the progress.
func flushOf(n int) (rows []sql.CellRow) {
	for p := range int32(4) {
		revision := int64(benchSegments)*65536 + int64(n)*100 + 1
		for i := range 2500 {
			rows = append(rows, sql.CellRow{Dim: uint8(1 + i%10), Partition: p, Segment: benchSegments, Key: fmt.Sprintf("k%d", i%300),
				Bucket: benchDay + benchSegments*240 + int64(i%3), Revision: revision, M: [7]int64{1, 2, 3, 4, 5, 6, int64(n)}})
		}
		rows = append(rows, sql.CellRow{Window: 255, Dim: dimProgress, Partition: p, Revision: revision})
	}
	return rows
}

func positionsAfter(n int) map[int32]int64 {
	at := int64(benchSegments)*65536 + int64(n)*100 + 1
	return map[int32]int64{0: at, 1: at, 2: at, 3: at}
}

func BenchmarkCells(b *testing.B) {
	ctx := context.Background()
	store := openBench(b)
	fillDay(b, store)
	conn := plain(b, store.engine.DSN(sql.DefaultDatabase))
	count := func(rows *int) func(sql.CellRow) error {
		return func(sql.CellRow) error { *rows++; return nil }
	}
	read := func(name string, run func() (int, error)) {
		b.Run(name, func(b *testing.B) {
			rows, cpu, own := 0, store.engineCPU(b), ownCPU()
			for b.Loop() {
				n, err := run()
				require.NoError(b, err)
				rows = n
			}
			b.ReportMetric(float64(rows), "rows")
			b.ReportMetric(float64(store.engineCPU(b)-cpu)/1e6/float64(b.N), "engine-ms/op")
			b.ReportMetric(float64(ownCPU()-own)/1e6/float64(b.N), "client-ms/op")
		})
	}
	tail := func(positions map[int32]int64) func() (int, error) {
		return func() (n int, err error) { return n, store.Tail(ctx, ledger, positions, count(&n)) }
	}
	flushes := 0
	b.Run("insert", func(b *testing.B) {
		store.measure(b, func() int {
			rows := flushOf(flushes)
			flushes++
			require.NoError(b, store.InsertCells(ctx, ledger, rows))
			return len(rows)
		})
	})
	store.settle(b)
	read("tail/nothing", tail(positionsAfter(flushes)))
	read("tail/oneflush", tail(positionsAfter(flushes-2)))
	stuck := positionsAfter(flushes)
	stuck[2] = 20 * 65536 // one partition stands still since the morning; its cells end there
	require.NoError(b, conn.Exec(ctx, "ALTER TABLE cells DELETE WHERE partition = 2 AND segment >= 20 SETTINGS mutations_sync = 1"))
	read("tail/stuckpartition", tail(stuck))
	require.NoError(b, conn.Exec(ctx, "SYSTEM STOP MERGES cells"))
	for range 200 {
		require.NoError(b, store.InsertCells(ctx, ledger, flushOf(flushes)))
		flushes++
	}
	read("tail/200parts/nothing", tail(positionsAfter(flushes)))
	read("tail/200parts/oneflush", tail(positionsAfter(flushes-2)))
	require.NoError(b, conn.Exec(ctx, "SYSTEM START MERGES cells"))
	store.settle(b)
	benchReaders(b, store, read, count)
}

func benchReaders(b *testing.B, store opened, read func(string, func() (int, error)), count func(*int) func(sql.CellRow) error) {
	ctx := context.Background()
	series := func(q sql.SeriesQuery) func() (int, error) {
		return func() (int, error) {
			q.Window = sql.AnyWindow
			points, err := store.Series(ctx, ledger, q)
			return len(points), err
		}
	}
	breakdown := func(q sql.BreakdownQuery) func() (int, error) {
		return func() (int, error) {
			q.Window = sql.AnyWindow
			keys, err := store.Breakdown(ctx, ledger, q)
			return len(keys), err
		}
	}
	noon := sql.Span{From: benchDay + 43200, To: benchDay + 43260}
	read("series/total/day/1m", series(sql.SeriesQuery{Dim: "total", Step: 60}))
	read("series/country/day/1s", series(sql.SeriesQuery{Dim: "country", Key: "7", Step: 1}))
	read("series/flow/day/1m", series(sql.SeriesQuery{Dim: "flow", Key: "123", Step: 60}))
	read("breakdown/country/minute", breakdown(sql.BreakdownQuery{Dim: "country", Span: noon}))
	read("breakdown/flow/minute", breakdown(sql.BreakdownQuery{Dim: "flow", Span: noon}))
	read("breakdown/country/day", breakdown(sql.BreakdownQuery{Dim: "country"}))
	read("breakdown/merchant", breakdown(sql.BreakdownQuery{Dim: "merchant"}))
	read("merchant/total", func() (int, error) {
		_, err := store.MerchantTotal(ctx, ledger, "m77", sql.AnyWindow, 0)
		return 1, err
	})
	read("progress", func() (int, error) { rows, err := store.Progress(ctx, ledger); return len(rows), err })
	all := map[int32]int64{0: benchSegments, 1: benchSegments, 2: benchSegments, 3: benchSegments}
	read("boardsums", func() (n int, err error) { return n, store.BoardSums(ctx, ledger, all, count(&n)) })
}
