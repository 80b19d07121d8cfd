package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/stretchr/testify/require"

	"festival/sql/engine"
	"festival/sql/engine/enginetest"
)

// connect opens clickhouse-go as the product does: the engine's DSN, nothing else.
func connect(t testing.TB, dsn string, with ...func(*clickhouse.Options)) driver.Conn {
	t.Helper()
	opt, err := clickhouse.ParseDSN(dsn)
	require.NoError(t, err)
	for _, f := range with {
		f(opt)
	}
	conn, err := clickhouse.Open(opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

// patience bounds every wait for something that has to happen; nothing waits that long on a quiet machine.
const patience = 2 * time.Minute

// soon bounds a test's statements.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func exec(t testing.TB, conn driver.Conn, sql string, args ...any) {
	t.Helper()
	require.NoError(t, conn.Exec(soon(t), sql, args...), sql)
}

func number(t testing.TB, conn driver.Conn, sql string, args ...any) uint64 {
	t.Helper()
	var n uint64
	require.NoError(t, conn.QueryRow(soon(t), sql, args...).Scan(&n), sql)
	return n
}

func TestHandshakeAndPing(t *testing.T) {
	p := enginetest.Start(t)
	conn := connect(t, p.DSN("default"))
	require.NoError(t, conn.Ping(soon(t)))
	v, err := conn.ServerVersion()
	require.NoError(t, err)
	require.Equal(t, "festival-engine", v.DisplayName)
	require.EqualValues(t, 26, v.Version.Major)
	require.Equal(t, "UTC", v.Timezone.String())
	require.NotZero(t, p.Pid())
	require.Nil(t, p.Err())
}

func TestWrongTokenIsRefused(t *testing.T) {
	p := enginetest.Start(t)
	for name, token := range map[string]string{"wrong": "wrong", "none": ""} {
		t.Run(name, func(t *testing.T) {
			conn := connect(t, engine.DSN(p.Addr(), token, "default"))
			requireCode(t, conn.Ping(soon(t)), 516)
		})
	}
}

// requireCode asserts the engine's error code as a caller of clickhouse-go sees it.
func requireCode(t testing.TB, err error, code int32) {
	t.Helper()
	var e *clickhouse.Exception
	require.ErrorAs(t, err, &e)
	require.Equal(t, code, e.Code, "%v", err)
}

// drain reads a statement to its end.
func drain(ctx context.Context, conn driver.Conn, sql string) error {
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	return errors.Join(rows.Err(), rows.Close())
}
