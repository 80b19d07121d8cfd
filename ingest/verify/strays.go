package verify

import (
	"context"
	"fmt"
)

// checkStrays: nothing is stored of partitions that the ledger does not have.
func (r *run) checkStrays(ctx context.Context) error {
	strays, err := r.Store.Strays(ctx, r.Ledger.Prefix, r.rules.Partitions)
	for _, s := range strays {
		r.found.add(Difference{s.What, fmt.Sprintf("partition %d", s.Partition), fmt.Sprintf("%d rows", s.Rows),
			fmt.Sprintf("the ledger has partitions 0 to %d", r.rules.Partitions-1)})
	}
	return err
}
