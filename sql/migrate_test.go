package sql_test

import (
	"context"
	"path"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
	"festival/sql/engine/enginetest"
)

func TestMigrateTwice(t *testing.T) {
	ctx := context.Background()
	store, err := sql.Open(ctx, sql.Config{DSN: enginetest.Start(t).DSN(""), Database: "autumn"})
	require.NoError(t, err)
	defer store.Close()
	applied, err := store.Migrate(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"0001_ledgers", "0002_orders", "0003_cells", "0004_frames", "0005_closings", "0006_views"}, applied[:6])
	require.Len(t, applied, len(sql.MigrationFiles(t)))
	require.Equal(t, "autumn", store.Database())

	applied, err = store.Migrate(ctx)
	require.NoError(t, err)
	require.Empty(t, applied)
}

func TestMigrateRefusesNewerStore(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	require.NoError(t, conn.Exec(ctx, "INSERT INTO schema_migrations VALUES (9999, '9999_future', 0)"))
	_, err := store.Migrate(ctx)
	require.ErrorIs(t, err, sql.ErrNewerStore)
	require.False(t, sql.IsUnavailable(err))
}

// A migration that was cut off after its statements, before its record, is run again.
func TestMigrateAfterCut(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	require.NoError(t, conn.Exec(ctx, "TRUNCATE TABLE schema_migrations"))
	applied, err := store.Migrate(ctx)
	require.NoError(t, err)
	require.Len(t, applied, len(sql.MigrationFiles(t)))
}

func TestMigrationNames(t *testing.T) {
	last := 0 // numbers are given out beforehand, so one may come late; none comes twice
	for _, name := range sql.MigrationFiles(t) {
		require.Regexp(t, regexp.MustCompile(`^\d{4}_[a-z]+\.sql$`), name)
		require.Greater(t, sql.MigrationNumber(name), last, path.Base(name))
		last = sql.MigrationNumber(name)
	}
}

// TestOrdersWithoutStatistics: a store that was migrated before raw orders did without statistics loses them at its next migration.
func TestOrdersWithoutStatistics(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	off := func() bool {
		return one[uint8](t, conn, "SELECT position(engine_full, 'materialize_statistics_on_merge = 0') > 0 FROM system.tables WHERE database = currentDatabase() AND name = 'orders'") == 1
	}
	require.True(t, off(), "a new store")
	require.NoError(t, conn.Exec(ctx, "ALTER TABLE orders RESET SETTING materialize_statistics_on_merge"))
	require.False(t, off())
	applied, err := store.Migrate(ctx)
	require.NoError(t, err)
	require.Empty(t, applied)
	require.True(t, off())
}
