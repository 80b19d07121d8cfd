package sql_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// All keys of a ledger are there, the oldest first, another ledger's are not; and no print shows one.
func TestFrameKeys(t *testing.T) {
	store := openWithout(t, (*sql.Store).FrameKeys)
	ctx := context.Background()
	a, b, c := sql.FrameKey{0xaa}, sql.FrameKey{0xbb}, sql.FrameKey{0xcc}
	require.NoError(t, store.InsertFrameKey(ctx, 7, b, 20))
	require.NoError(t, store.InsertFrameKey(ctx, 7, a, 20))
	require.NoError(t, store.InsertFrameKey(ctx, 7, c, 10))
	require.NoError(t, store.InsertFrameKey(ctx, 7, c, 10))
	require.NoError(t, store.InsertFrameKey(ctx, 8, sql.FrameKey{1}, 1))
	keys, err := store.FrameKeys(ctx, 7)
	require.NoError(t, err)
	require.True(t, len(keys) == 3 && keys[0] == c && keys[1] == a && keys[2] == b)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		require.Equal(t, "(frame key)", fmt.Sprintf(format, a))
		require.Regexp(t, `^[^0-9]*$`, fmt.Sprintf(format, struct{ K []sql.FrameKey }{keys}))
	}
	text, err := json.Marshal(keys)
	require.NoError(t, err)
	require.Equal(t, `["(frame key)","(frame key)","(frame key)"]`, string(text))
}
