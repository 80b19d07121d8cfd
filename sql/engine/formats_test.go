package engine_test

import (
	"database/sql"
	"io"
	"testing"

	_ "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/stretchr/testify/require"

	"festival/sql/engine/enginetest"
)

func TestArrowAndParquetOutAndIn(t *testing.T) {
	conn := connect(t, enginetest.Start(t).DSN("default"))
	exec(t, conn, "CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
	for _, format := range []string{"ArrowStream", "Parquet", "Native"} {
		exec(t, conn, "TRUNCATE TABLE t")
		out, err := conn.QueryFormat(soon(t), format, "SELECT number AS n, toString(number) AS s FROM numbers(200000)")
		require.NoError(t, err)
		require.NoError(t, conn.InsertFormat(soon(t), format, "INSERT INTO t", out))
		require.NoError(t, out.Close())
		require.EqualValues(t, 200000, number(t, conn, "SELECT count() FROM t WHERE s = toString(n)"), format)
	}
	out, err := conn.QueryFormat(soon(t), "ArrowStream", "SELECT n FROM t ORDER BY n")
	require.NoError(t, err)
	defer func() { require.NoError(t, out.Close()) }()
	reader, err := ipc.NewReader(out)
	require.NoError(t, err)
	defer reader.Release()
	var rows int64
	for reader.Next() {
		rows += reader.RecordBatch().NumRows()
	}
	require.NoError(t, reader.Err())
	require.EqualValues(t, 200000, rows)
	_, err = io.Copy(io.Discard, out)
	require.NoError(t, err)
}

func TestDatabaseSQL(t *testing.T) {
	p := enginetest.Start(t)
	db, err := sql.Open("clickhouse", p.DSN("default"))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	ctx := soon(t)
	_, err = db.ExecContext(ctx, "CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
	require.NoError(t, err)
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	batch, err := tx.PrepareContext(ctx, "INSERT INTO t")
	require.NoError(t, err)
	for n := range uint64(10) {
		_, err = batch.ExecContext(ctx, n)
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
	var sum uint64
	require.NoError(t, db.QueryRowContext(ctx, "SELECT sum(n) FROM t WHERE n < ?", 5).Scan(&sum))
	require.EqualValues(t, 10, sum)
}
