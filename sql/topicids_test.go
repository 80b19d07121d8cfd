package sql_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// The newest record of a ledger is its topic, whenever it was stored; another ledger's are not among them.
func TestTopicIDs(t *testing.T) {
	store := openWithout(t, (*sql.Store).TopicIDs)
	ctx := context.Background()
	first, second := sql.TopicID{ID: "aa", AtMs: 10}, sql.TopicID{ID: "bb", By: "Ann", Reason: "restored", AtMs: 20, World: "compared", Hash: "ff"}
	require.NoError(t, store.InsertTopicID(ctx, 7, second))
	require.NoError(t, store.InsertTopicID(ctx, 7, first))
	require.NoError(t, store.InsertTopicID(ctx, 8, sql.TopicID{ID: "cc", AtMs: 30}))
	all, err := store.TopicIDs(ctx, 7)
	require.NoError(t, err)
	require.Equal(t, []sql.TopicID{first, second}, all)
}
