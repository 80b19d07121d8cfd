package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStrays: rows of partitions that the ledger does not have are named, of every table that is kept by partition.
func TestStrays(t *testing.T) {
	f := newFestival(t, stride)
	f.grow(t, 400)
	require.False(t, f.verify(t).Differs())
	for _, c := range []struct{ table, where, what string }{
		{"seals", "partition = 0", "seal"},
		{"cells", "partition = 0 AND dim = 'progress'", "progress"},
		{"cells", "partition = 0 AND dim = 'country'", "cell"},
		{"orders", "partition = 0", "raw row"},
		{"rejects", "partition = 0", "raw row"},
	} {
		f.exec(t, "INSERT INTO "+c.table+" SELECT * REPLACE (toInt32(77) AS partition) FROM (SELECT * FROM "+c.table+" WHERE "+c.where+" LIMIT 1)")
		r := f.verify(t)
		require.True(t, names(r, c.what, "partition 77"), "%s: %s", c.table, text(t, r))
		f.exec(t, "ALTER TABLE "+c.table+" DELETE WHERE partition = 77")
	}
	require.False(t, f.verify(t).Differs())
}
