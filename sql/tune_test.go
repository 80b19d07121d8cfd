package sql_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
	"festival/sql/engine"
	"festival/sql/engine/enginetest"
)

// TestSourcesOfABrokenMergeStandAgain breaks a merged part as a full disk does (all of its files are empty) after the engine was started
// anew: its sources have to be on the disk still, and every row be there again.
func TestSourcesOfABrokenMergeStandAgain(t *testing.T) {
	dir := t.TempDir()
	start := func() (*engine.Process, *sql.Store) {
		p := enginetest.StartIn(t, dir)
		s, err := sql.Open(t.Context(), sql.Config{DSN: p.DSN("")})
		require.NoError(t, err)
		_, err = s.Migrate(t.Context())
		require.NoError(t, err)
		return p, s
	}
	stop := func(p *engine.Process, s *sql.Store) {
		require.NoError(t, s.Close())
		require.NoError(t, p.Stop(context.Background()))
	}
	const inserts = 5
	p, s := start()
	for n := range int64(inserts) {
		require.NoError(t, s.InsertCells(t.Context(), 7, []sql.CellRow{{Dim: 1, Bucket: n, Revision: 1}}))
	}
	conn := plain(t, p.DSN("festival"))
	require.NoError(t, conn.Exec(t.Context(), "OPTIMIZE TABLE cells FINAL"))
	var merged string
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT path FROM system.parts WHERE table = 'cells' AND active AND database = 'festival'").Scan(&merged))
	stop(p, s)
	p, s = start()
	stop(p, s)

	files, err := filepath.Glob(filepath.Join(merged, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		require.NoError(t, os.Truncate(f, 0))
	}
	p, s = start()
	defer stop(p, s)
	var rows uint64
	require.NoError(t, plain(t, p.DSN("festival")).QueryRow(t.Context(), "SELECT count() FROM cells_now").Scan(&rows))
	require.EqualValues(t, inserts, rows)
}

// TestEveryTableKeepsOldParts holds for tables of later migrations too.
func TestEveryTableKeepsOldParts(t *testing.T) {
	_, conn := open(t)
	var tables, without uint64
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(), countIf(position(engine_full, 'old_parts_lifetime = 480') = 0)
		FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'`).Scan(&tables, &without))
	require.NotZero(t, tables)
	require.Zero(t, without, "of %d", tables)
}
