package sql_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// TestFootprint: what a merge replaces is still on disk, beside the part that it wrote.
func TestFootprint(t *testing.T) {
	ctx := context.Background()
	store, conn := open(t)
	before, err := store.Footprint(ctx)
	require.NoError(t, err)
	for partition := range int32(2) {
		require.NoError(t, store.InsertPulse(ctx, ledger, []sql.PulseRow{{Partition: partition, AtMs: 1}}))
	}
	require.NoError(t, conn.Exec(ctx, "OPTIMIZE TABLE pulse FINAL"))
	after, err := store.Footprint(ctx)
	require.NoError(t, err)
	require.Equal(t, before.Rows+2, after.Rows)
	require.Equal(t, before.Replaced+2, after.Replaced)
	require.GreaterOrEqual(t, after.MergedRows, before.MergedRows+2)
	require.Greater(t, after.ReplacedBytes, before.ReplacedBytes)
	require.Positive(t, after.Bytes)
}
