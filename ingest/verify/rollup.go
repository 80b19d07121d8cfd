package verify

import (
	"context"
	"fmt"
)

// checkRollUps holds the roll-up that curves and breakdowns are read from against the cells of its segments, which the
// recount has compared. There need not be one.
func (r *run) checkRollUps(ctx context.Context) error {
	_, wrong, err := r.Store.CheckRollUp(ctx, r.Ledger.Prefix)
	for _, row := range wrong {
		r.found.add(Difference{"roll-up", fmt.Sprintf("%s %q, second %d, buckets of %d s, window %d", row.Dim, row.Key, row.Bucket, row.Seconds, row.Window),
			fmt.Sprintf("%d orders and %d fen too many", row.M[0], row.M[1]), "what its cells sum to"})
	}
	return err
}
