package verify

import (
	"context"
	"fmt"
	"strings"
)

// checkRollUps holds the roll-up that curves and breakdowns are read from against the cells of its segments, which the
// recount has compared. There need not be one.
func (r *run) checkRollUps(ctx context.Context) error {
	_, wrong, err := r.Store.CheckRollUp(ctx, r.Ledger.Prefix)
	for _, row := range wrong {
		r.found.add(Difference{"roll-up", fmt.Sprintf("%s %q, second %d, buckets of %d s, window %d", row.Dim, row.Key, row.Bucket, row.Seconds, row.Window),
			excess(row.M), "what its cells sum to"})
	}
	return err
}

// excess says by how much a row of a roll-up is above its cells' sum, of the measures that differ.
func excess(m [7]int64) string {
	var words []string
	for i, name := range [...]string{"orders", "gmv_fen", "mobile_orders", "mobile_gmv_fen", "created", "refunds", "refund_fen"} {
		if m[i] != 0 {
			words = append(words, fmt.Sprintf("%s %+d", name, m[i]))
		}
	}
	return strings.Join(words, ", ")
}
