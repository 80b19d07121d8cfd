package sql_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// The newest value of each field stands, whatever the order and number of inserts; another ledger's do not count.
func TestWallChanges(t *testing.T) {
	ctx := context.Background()
	store, _ := open(t)
	got, err := store.WallChanges(ctx, ledger)
	require.NoError(t, err)
	require.Empty(t, got)
	scene := sql.WallChange{Wall: "main", Field: "scene", AtMs: 3, Who: "林", Value: "number"}
	motion := sql.WallChange{Wall: "main", Field: "motion", AtMs: 3, Who: "林", Value: ""}
	lobby := sql.WallChange{Wall: "lobby", Field: "scene", AtMs: 1, Who: "Wu", Value: "world"}
	old := sql.WallChange{Wall: "main", Field: "scene", AtMs: 2, Who: "Wu", Value: "all"}
	for _, rows := range [][]sql.WallChange{{scene, motion}, {lobby}, {old}, {scene, motion}} {
		require.NoError(t, store.InsertWallChanges(ctx, ledger, rows))
	}
	other := scene
	other.AtMs, other.Value = 9, "world"
	require.NoError(t, store.InsertWallChanges(ctx, ledger+1, []sql.WallChange{other}))
	got, err = store.WallChanges(ctx, ledger)
	require.NoError(t, err)
	require.Equal(t, []sql.WallChange{lobby, motion, scene}, got)
}
