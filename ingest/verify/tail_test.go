package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"festival/ingest/verify"
)

// TestTail: the last batch that was counted is held against the log's, and columns of the progress that mean nothing are zero.
// Without the log the batch cannot be known.
func TestTail(t *testing.T) {
	f := newFestival(t, stride)
	f.grow(t, 400)
	require.False(t, f.verify(t).Differs())
	fromOrders := func(c *verify.Config) { c.From = verify.FromOrders }
	for _, c := range []struct {
		set, undo, says string
		orders          bool // seen without the log
	}{
		{"mobile_orders = mobile_orders + 1", "mobile_orders = mobile_orders - 1", "epoch 1", false},
		{"gmv_fen = gmv_fen + 1", "gmv_fen = gmv_fen - 1", "the log has there", false},
		{"orders = orders - 1", "orders = orders + 1", "the log has there", false},
		{"orders = orders + 1000000", "orders = orders - 1000000", "a batch before ", true},
		{"orders = orders - 1000000", "orders = orders + 1000000", "where there is none", true},
		{"refund_fen = refund_fen - 7", "refund_fen = refund_fen + 7", "spare columns 0 -7", true},
	} {
		where := " WHERE dim = 'progress' AND partition = 0"
		f.exec(t, "ALTER TABLE cells UPDATE "+c.set+where)
		r := f.verify(t)
		require.EqualValues(t, 1, r.Count, "%s: %s", c.set, text(t, r))
		require.True(t, names(r, "progress", "partition 0"), text(t, r))
		require.Contains(t, text(t, r), c.says)
		require.Equal(t, c.orders, f.verify(t, fromOrders).Differs(), c.set)
		f.exec(t, "ALTER TABLE cells UPDATE "+c.undo+where)
	}
	require.False(t, f.verify(t).Differs())
}
