package verify_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/ingest/verify"
)

// rolledUp: a roll-up of true cells is found equal; rows of it with another sum are named, of whichever grain,
// and so is a row that is gone.
func (f *festival) rolledUp(t *testing.T) {
	r, err := f.store.RollUp(context.Background(), f.ledger.Prefix, partitions, time.Now(), 1)
	require.NoError(t, err)
	require.NotNil(t, r, "there are sealed segments")
	require.False(t, f.verify(t).Differs())
	one := func(where string) string {
		return where + " AND (key, bucket, window) IN (SELECT key, bucket, window FROM rollup_cells WHERE " + where + " ORDER BY key, bucket, window LIMIT 1)"
	}
	wrong := []struct{ measure, where, at string }{
		{"gmv_fen", "grain = 0 AND dim = 'country' AND key = 'RU'", `country "RU", second `},
		{"created", "grain = 60 AND dim = 'total'", `total "", second `},
		{"refund_fen", "grain = 3600 AND dim = 'city'", "city "},
	}
	for _, c := range wrong {
		f.exec(t, "ALTER TABLE rollup_cells UPDATE "+c.measure+" = "+c.measure+" + 1 WHERE "+one(c.where))
	}
	f.exec(t, "ALTER TABLE rollup_cells DELETE WHERE "+one("grain = 0 AND dim = 'merchant'"))
	found := f.verify(t, fromOrders)
	for _, c := range wrong {
		require.True(t, slices.ContainsFunc(found.Differences, func(d verify.Difference) bool {
			return d.What == "roll-up" && strings.Contains(d.Where, c.at) && d.Stored == c.measure+" +1"
		}), "%s: %s", c.measure, text(t, found))
	}
	require.True(t, names(found, "roll-up", "merchant "), text(t, found))
	require.NoError(t, f.store.ForgetRollUps(context.Background()))
	require.False(t, f.verify(t).Differs())
}
