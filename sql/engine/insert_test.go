package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/stretchr/testify/require"

	"festival/sql/engine/enginetest"
)

const allTypes = `CREATE TABLE t (
	u8 UInt8, u16 UInt16, u32 UInt32, u64 UInt64, i64 Int64, s String, lc LowCardinality(String),
	e Enum8('app' = 1, 'desktop' = 2), at DateTime64(3, 'UTC'), fs FixedString(4), d Date, tags Array(String),
	b Bool, n Nullable(Int64)) ENGINE = MergeTree ORDER BY u64`

// typed is one row of that table as clickhouse-go takes and gives it.
type typed struct {
	u8   uint8
	u16  uint16
	u32  uint32
	u64  uint64
	i64  int64
	s    string
	lc   string
	e    string
	at   time.Time
	fs   string
	d    time.Time
	tags []string
	b    bool
	n    *int64
}

func row(i int) typed {
	r := typed{
		u8: uint8(i), u16: uint16(i), u32: uint32(i) * 3, u64: uint64(i), i64: -int64(i), s: fmt.Sprintf("订单\x00'%d", i),
		lc: fmt.Sprintf("m%d", i%7), e: []string{"app", "desktop"}[i%2], at: time.UnixMilli(1794326400123 + int64(i)).UTC(),
		fs: fmt.Sprintf("%04d", i%10000), d: time.Date(2026, 11, 1+i%28, 0, 0, 0, 0, time.UTC), b: i%3 == 0,
		tags: make([]string, 0, i%3),
	}
	for k := range i % 3 {
		r.tags = append(r.tags, fmt.Sprint(k))
	}
	if i%5 != 0 {
		n := int64(i)
		r.n = &n
	}
	return r
}

// sendColumns fills a batch of n rows column by column, as the product does.
func sendColumns(t testing.TB, ctx context.Context, conn driver.Conn, table string, from, n int) error {
	t.Helper()
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO "+table)
	require.NoError(t, err)
	var c struct {
		u8           []uint8
		u16          []uint16
		u32          []uint32
		u64          []uint64
		i64          []int64
		s, lc, e, fs []string
		at, d        []time.Time
		tags         [][]string
		b            []bool
		nn           []*int64
	}
	for i := from; i < from+n; i++ {
		r := row(i)
		c.u8, c.u16, c.u32, c.u64, c.i64 = append(c.u8, r.u8), append(c.u16, r.u16), append(c.u32, r.u32), append(c.u64, r.u64), append(c.i64, r.i64)
		c.s, c.lc, c.e, c.fs = append(c.s, r.s), append(c.lc, r.lc), append(c.e, r.e), append(c.fs, r.fs)
		c.at, c.d, c.tags, c.b, c.nn = append(c.at, r.at), append(c.d, r.d), append(c.tags, r.tags), append(c.b, r.b), append(c.nn, r.n)
	}
	for i, column := range []any{c.u8, c.u16, c.u32, c.u64, c.i64, c.s, c.lc, c.e, c.at, c.fs, c.d, c.tags, c.b, c.nn} {
		require.NoError(t, batch.Column(i).Append(column), "column %d", i)
	}
	return batch.Send()
}

func requireRow(t testing.TB, conn driver.Conn, i int) {
	t.Helper()
	var r typed
	require.NoError(t, conn.QueryRow(soon(t), "SELECT * FROM t WHERE u64 = ?", i).Scan(&r.u8, &r.u16, &r.u32, &r.u64, &r.i64, &r.s,
		&r.lc, &r.e, &r.at, &r.fs, &r.d, &r.tags, &r.b, &r.n))
	require.Equal(t, row(i), r)
}

func TestEveryTypeThroughEveryCompression(t *testing.T) {
	p := enginetest.Start(t)
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD,
		clickhouse.CompressionGZIP, clickhouse.CompressionDeflate, clickhouse.CompressionBrotli} {
		t.Run(method.String(), func(t *testing.T) {
			conn := connect(t, p.DSN("default"), func(o *clickhouse.Options) {
				o.Compression = &clickhouse.Compression{Method: method, Level: 1}
			})
			exec(t, conn, "DROP TABLE IF EXISTS t SYNC")
			exec(t, conn, allTypes)
			require.NoError(t, sendColumns(t, soon(t), conn, "t", 0, 1000))
			require.EqualValues(t, 1000, number(t, conn, "SELECT count() FROM t"))
			for _, i := range []int{0, 1, 14, 999} {
				requireRow(t, conn, i)
			}
			requireLateException(t, conn)
		})
	}
}

// requireLateException asserts that a failure after the first rows keeps its code.
func requireLateException(t testing.TB, conn driver.Conn) {
	t.Helper()
	rows, err := conn.Query(soon(t), "SELECT throwIf(number = 500000) FROM numbers(1000000) SETTINGS max_threads = 1")
	require.NoError(t, err)
	n := 0
	for rows.Next() {
		n++
	}
	requireCode(t, rows.Err(), 395)
	require.Positive(t, n)
	require.Less(t, n, 1000000)
	_ = rows.Close() // gives the same error again
}

// The bound is under max_insert_block_size (1,048,449 rows); the last case is also
// over min_insert_block_size_bytes (256 MiB).
func TestOneRequestIsOnePart(t *testing.T) {
	if testing.Short() {
		t.Skip("inserts 2.2 million rows")
	}
	conn := connect(t, enginetest.Start(t).DSN("default"))
	for _, c := range []struct{ rows, width int }{{1, 8}, {100_000, 100}, {999_999, 8}, {999_999, 300}} {
		t.Run(fmt.Sprintf("%d rows of %d bytes", c.rows, c.width), func(t *testing.T) {
			exec(t, conn, "DROP TABLE IF EXISTS t SYNC")
			exec(t, conn, "CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
			exec(t, conn, "SYSTEM STOP MERGES t")
			n, s := make([]uint64, c.rows), make([]string, c.rows)
			text := strings.Repeat("x", c.width)
			for i := range n {
				n[i], s[i] = uint64(i), text
			}
			require.NoError(t, send(soon(t), conn, n, s))
			require.EqualValues(t, c.rows, number(t, conn, "SELECT count() FROM t"))
			require.EqualValues(t, 1, number(t, conn, "SELECT count() FROM system.parts WHERE table = 't' AND active"))
		})
	}
}
