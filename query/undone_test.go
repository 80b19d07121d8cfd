package query

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// A close whose frames somebody takes out of the store is not closed a second time: serve says so, makes no frame and answers
// whoever asks; started again with the frames back it goes on as closed.
func TestUndoneClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		b := n.bench(nil)
		for range 20 {
			n.flush(b)
		}
		n.store.ask(sql.CloseRequest{AtMs: n.now().UnixMilli(), Who: "Lin", Anyway: "test"})
		pass(5 * time.Second)
		b.stop()
		row, ok, err := n.store.Closing(t.Context(), 0)
		require.NoError(t, err)
		require.True(t, ok)
		require.Len(t, n.store.closings.notes, 1)

		taken := map[string]map[int64]sql.FrameRow{}
		n.store.mu.Lock()
		for view, rows := range n.store.frames {
			taken[view] = maps.Clone(rows)
			maps.DeleteFunc(rows, func(second int64, _ sql.FrameRow) bool { return second >= row.Second })
		}
		n.store.mu.Unlock()
		left := len(n.store.chain(""))

		b = n.bench(nil)
		n.flush(b)
		asked := n.now().UnixMilli()
		n.store.ask(sql.CloseRequest{AtMs: asked, Who: "Wu", Anyway: "again"})
		pass(5 * time.Second)
		require.Len(t, n.store.closings.offers, 1, "nothing is closed a second time")
		require.Len(t, n.store.chain(""), left, "no frame is made")
		require.Contains(t, b.pub.status.Load().failures.list()[0], row.FrameHash)
		require.Contains(t, n.store.answer(asked), "by Lin")

		n.store.mu.Lock()
		for view, rows := range taken {
			maps.Copy(n.store.frames[view], rows)
		}
		n.store.mu.Unlock()
		b.stop()
		b = n.bench(nil)
		pass(3 * time.Second)
		require.NotZero(t, b.pub.status.Load().closingMs)
		require.Empty(t, b.pub.status.Load().failures.undone)
		b.stop()
		require.Greater(t, len(n.store.chain("")), len(taken[""]))
	})
}
