package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/stretchr/testify/require"

	"festival/sql/engine/enginetest"
)

func TestExceptionsKeepTheirCodes(t *testing.T) {
	conn := connect(t, enginetest.Start(t).DSN("default"))
	for sql, code := range map[string]int32{
		"SELECT * FROM nowhere":          60,
		"SELECT * FROM nowhere.at_all":   81,
		"SELEC 1":                        62,
		"SELECT 1; SELECT 2":             62,
		"SELECT throwIf(1)":              395,
		"INSERT INTO nowhere VALUES (1)": 60,
		"SELECT 1 SETTINGS nosuch = 1":   115,
		"INSERT INTO nowhere SELECT 1":   60,
		"SELECT toUInt8('x')":            6,
	} {
		t.Run(sql, func(t *testing.T) { requireCode(t, conn.Exec(soon(t), sql), code) })
	}
	_, err := conn.PrepareBatch(soon(t), "INSERT INTO nowhere")
	requireCode(t, err, 60)
	ctx := clickhouse.Context(soon(t), clickhouse.WithSettings(clickhouse.Settings{"nosuch": 1}))
	requireCode(t, conn.Exec(ctx, "SELECT 1"), 115)
}

func TestParametersAndSettings(t *testing.T) {
	conn := connect(t, enginetest.Start(t).DSN("default"))
	hostile := "O'Re\\illy\t\n订单\"; DROP TABLE t --"
	var s string
	var n uint64
	require.NoError(t, conn.QueryRow(soon(t), "SELECT {s:String}, {n:UInt64}",
		clickhouse.Named("s", hostile), clickhouse.Named("n", uint64(1)<<63)).Scan(&s, &n))
	require.Equal(t, hostile, s)
	require.Equal(t, uint64(1)<<63, n)
	require.NoError(t, conn.QueryRow(soon(t), "SELECT ?, ?", hostile, 7).Scan(&s, new(uint8)))
	require.Equal(t, hostile, s)

	ctx := clickhouse.Context(soon(t), clickhouse.WithSettings(clickhouse.Settings{"max_threads": 1, "log_comment": "it's me"}))
	require.NoError(t, conn.QueryRow(ctx, "SELECT toUInt64(getSetting('max_threads')), getSetting('log_comment')").Scan(&n, &s))
	require.EqualValues(t, 1, n)
	require.Contains(t, s, "it's me")
	require.NotEqual(t, uint64(1), number(t, conn, "SELECT toUInt64(getSetting('max_block_size'))"))
	require.EqualValues(t, 0, number(t, conn, "SELECT toUInt64(getSetting('async_insert'))"))
}

func TestDatabaseOfTheDSN(t *testing.T) {
	p := enginetest.Start(t)
	exec(t, connect(t, p.DSN("default")), "CREATE DATABASE `odd``name`")
	conn := connect(t, p.DSN("odd`name"))
	exec(t, conn, "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
	exec(t, conn, "INSERT INTO t VALUES (7)")
	require.EqualValues(t, 7, number(t, conn, "SELECT toUInt64(a) FROM t"))
	requireCode(t, connect(t, p.DSN("default")).Exec(soon(t), "SELECT * FROM t"), 60)
	requireCode(t, connect(t, p.DSN("nowhere")).Exec(soon(t), "SELECT 1"), 81)
}

func TestReplacingMergeTreeFinal(t *testing.T) {
	conn := connect(t, enginetest.Start(t).DSN("default"))
	exec(t, conn, "CREATE TABLE cells (key String, value Int64, revision UInt64) ENGINE = ReplacingMergeTree(revision) ORDER BY key")
	exec(t, conn, "SYSTEM STOP MERGES cells")
	for _, values := range []string{"('a', 1, 10), ('b', 1, 10)", "('a', 3, 30)", "('a', 2, 20), ('b', 2, 20)"} {
		exec(t, conn, "INSERT INTO cells VALUES "+values)
	}
	require.EqualValues(t, 5, number(t, conn, "SELECT count() FROM cells"))
	require.EqualValues(t, 302, number(t, conn, "SELECT toUInt64(sum(value * if(key = 'a', 100, 1))) FROM cells FINAL"))
}

func TestNoRows(t *testing.T) {
	conn := connect(t, enginetest.Start(t).DSN("default"))
	rows, err := conn.Query(soon(t), "SELECT number AS n, toString(number) AS s FROM numbers(0)")
	require.NoError(t, err)
	require.False(t, rows.Next())
	require.NoError(t, rows.Err())
	require.Equal(t, []string{"n", "s"}, rows.Columns())
	require.NoError(t, rows.Close())
}

func TestContextEndKillsTheStatement(t *testing.T) {
	conn := connect(t, enginetest.Start(t).DSN("default"))
	for name, sql := range map[string]string{
		"streamed":     "SELECT count() FROM numbers(1000000000000)",
		"whole":        "INSERT INTO FUNCTION null('n UInt64') SELECT number FROM numbers(1000000000000)",
		"sends always": "SELECT number FROM numbers(1000000000000)",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			require.Error(t, drain(ctx, conn, sql))
			require.Eventually(t, func() bool {
				return number(t, conn, "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%processes%'") == 0
			}, patience, 20*time.Millisecond)
		})
	}
}
