package sql_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/stretchr/testify/require"

	"festival/sql"
	config "festival/sql/engine"
	"festival/sql/engine/enginetest"
)

func TestIsUnavailable(t *testing.T) {
	for code, want := range map[int32]bool{241: true, 242: true, 243: true, 252: true, 159: true, 60: false, 62: false, 516: false, 53: false} {
		require.Equal(t, want, sql.IsUnavailable(fmt.Errorf("insert: %w", &clickhouse.Exception{Code: code})), code)
		wrapped := &clickhouse.HTTPError{StatusCode: 500, Err: &clickhouse.Exception{Code: code}}
		require.Equal(t, want, sql.IsUnavailable(wrapped), "code %d counts, not the HTTP status", code)
	}
	require.True(t, sql.IsUnavailable(&clickhouse.HTTPError{StatusCode: 503, Err: errors.New("proxy")}))
	require.False(t, sql.IsUnavailable(&clickhouse.HTTPError{StatusCode: 404, Err: errors.New("proxy")}))
	require.True(t, sql.IsUnavailable(&net.OpError{Op: "dial", Err: errors.New("refused")}))
	require.True(t, sql.IsUnavailable(context.DeadlineExceeded))
	require.False(t, sql.IsUnavailable(context.Canceled))
	require.False(t, sql.IsUnavailable(nil))
	require.False(t, sql.IsUnavailable(errors.New("a mistake")))
}

// A store whose engine is gone says so on every kind of call, and works again when one is there.
func TestEngineGoneAndBack(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	engine := enginetest.StartIn(t, dir)
	store, err := sql.Open(ctx, sql.Config{DSN: engine.DSN("")})
	require.NoError(t, err)
	defer store.Close()
	_, err = store.Migrate(ctx)
	require.NoError(t, err)
	require.NoError(t, engine.Stop(ctx))

	rows := []sql.CellRow{{Window: 255, Dim: dimProgress, Revision: 5}}
	err = store.InsertCells(ctx, ledger, rows)
	require.True(t, sql.IsUnavailable(err), "%v", err)
	_, err = store.Progress(ctx, ledger)
	require.True(t, sql.IsUnavailable(err), "%v", err)
	_, err = sql.Open(ctx, sql.Config{DSN: engine.DSN("")})
	require.True(t, sql.IsUnavailable(err), "%v", err)

	enginetest.StartIn(t, dir, func(c *config.Config) { c.Addr, c.Token = engine.Addr(), engine.Token() })
	require.NoError(t, store.InsertCells(ctx, ledger, rows))
	back, err := store.Progress(ctx, ledger)
	require.NoError(t, err)
	require.Equal(t, rows, back)
}

func TestCancelledReadIsNotUnavailable(t *testing.T) {
	store, _ := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := store.Progress(ctx, ledger)
	require.Error(t, err)
	require.False(t, sql.IsUnavailable(err), "%v", err)
}

// An error of the caller's function ends the query and comes back as it is.
func TestReadEndsWithTheCallersError(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	require.NoError(t, store.InsertCells(ctx, ledger, []sql.CellRow{{Dim: 1, Revision: 1}, {Dim: 2, Key: "app", Revision: 1}}))
	enough, calls := errors.New("enough"), 0
	err := store.Tail(ctx, ledger, map[int32]int64{0: 0}, func(sql.CellRow) error { calls++; return enough })
	require.ErrorIs(t, err, enough)
	require.Equal(t, 1, calls)
}

func TestMissingTableIsPermanent(t *testing.T) {
	ctx := context.Background()
	store, err := sql.Open(ctx, sql.Config{DSN: shared.DSN(t)})
	require.NoError(t, err)
	defer store.Close()
	err = store.InsertCells(ctx, ledger, []sql.CellRow{{Dim: 1}}) // never migrated
	require.ErrorContains(t, err, "cells_insert")
	require.False(t, sql.IsUnavailable(err), "%v", err)
}

func TestConfigValidate(t *testing.T) {
	require.NoError(t, sql.Config{DSN: "clickhouse://u:p@127.0.0.1:9000/x", DialTimeout: time.Second}.Validate())
	require.NoError(t, sql.Config{DSN: "https://ch.example:8443?skip_verify=true"}.Validate())
	err := sql.Config{DSN: "http://127.0.0.1:8123", Database: "a;b", MaxConns: -1}.Validate()
	require.ErrorContains(t, err, `"a;b"`)
	require.ErrorContains(t, err, "max_conns is -1")
	require.ErrorContains(t, sql.Config{}.Validate(), "clickhouse.dsn is empty")
	err = sql.Config{DSN: "nonsense://u:geheim@h"}.Validate()
	require.Error(t, err)
	require.NotContains(t, err.Error(), "geheim")
}

// Every statement that reads cells, raw rows or rejects goes through the views that pick the rows, or says why not and
// picks them itself.
func TestStatementsReadThroughTheViews(t *testing.T) {
	own := map[string]bool{"cells_tail": true, "orders_keys": true, "orders_count": true, "merchant_series": true,
		"series_beyond": true, "breakdown_beyond": true}
	for _, name := range sql.Statements(t) {
		text := sql.Statement(name)
		require.NotEmpty(t, text)
		if strings.HasPrefix(name, "verify_") || name == "replay_rejects" { // by partition and offsets, which are the sort key
			require.NotRegexp(t, `(?i)FROM\s+(cells|orders|rejects)\b(\s+AS\s+\w+)?\s+[^F\s]`, text, name)
		} else if !own[name] {
			require.NotRegexp(t, `(?i)FROM\s+(cells|orders|rejects)\b`, text, name)
		}
	}
}

// TestConfigHidesPasswords: no problem of a configuration shows one, whatever is wrong with the DSN.
func TestConfigHidesPasswords(t *testing.T) {
	secure := &tls.Config{}
	for _, c := range []sql.Config{
		{DSN: "clickhouse://u:hunter2%zz@h:9000/f"}, {DSN: "clickhouse://u:hunter2@h:port/f"}, {DSN: "http://u:hunter2@h:1/f?dial_timeout=soon"},
		{DSN: "http://u:hunter2@[h:1/f"}, {DSN: "ftp://u:hunter2@h"}, {DSN: "http://u:hunter2@h:1/bad-name"}, {DSN: "http://u:hunter2 @h:1/f"},
		{DSN: "http://u:x@h:1/f", Password: "hunter2"}, {DSN: "http://u:hunter2@h:1/f", TLS: secure},
		{DSN: "https://u:hunter2@h:1/f?skip_verify=true", TLS: secure}, {DSN: "http://h:1/f?password=hunter2&dial_timeout=soon"},
	} {
		err := c.Validate()
		require.Error(t, err, c.DSN)
		require.NotContains(t, err.Error(), "hunter2", c.DSN)
	}
}
