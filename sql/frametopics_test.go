package sql_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// The frames topics of a ledger are each there once, oldest first; another ledger's are not. Heads show frames without bytes,
// and both frames where a fault has stored two for one second.
func TestFrameTopicsAndHeads(t *testing.T) {
	store := openWithout(t, (*sql.Store).FrameTopics)
	ctx := context.Background()
	for _, r := range []struct {
		ledger uint64
		topic  string
		ms     int64
	}{{7, "frames", 20}, {7, "frames", 30}, {7, "a", 25}, {8, "other", 1}} {
		require.NoError(t, store.InsertFrameTopic(ctx, r.ledger, r.topic, r.ms))
	}
	topics, err := store.FrameTopics(ctx, 7)
	require.NoError(t, err)
	require.Equal(t, []string{"frames", "a"}, topics)

	frame := func(second int64, hash string) sql.FrameRow {
		return sql.FrameRow{Second: second, Seq: second - 100, Hash: hash, JSON: "{}"}
	}
	require.NoError(t, store.InsertFrames(ctx, 7, "", []sql.FrameRow{frame(101, "a"), frame(102, "b"), frame(103, "c"), frame(104, "d")}))
	require.NoError(t, store.InsertFrames(ctx, 7, "", []sql.FrameRow{frame(102, "b")}))
	require.NoError(t, store.InsertFrames(ctx, 7, "day", []sql.FrameRow{frame(102, "x")}))
	heads, err := store.FrameHeads(ctx, 7, "", 102, 2)
	require.NoError(t, err)
	require.Equal(t, []sql.FrameRow{{Second: 102, Seq: 2, Hash: "b"}, {Second: 103, Seq: 3, Hash: "c"}}, heads)
	require.NoError(t, store.InsertFrames(ctx, 7, "", []sql.FrameRow{frame(103, "fork")}))
	heads, err = store.FrameHeads(ctx, 7, "", 103, 2)
	require.NoError(t, err)
	require.Len(t, heads, 2)
}
