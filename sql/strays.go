package sql

import "context"

// Stray is what is stored of a partition that the ledger does not have.
type Stray struct {
	What      string // progress, seal or raw row
	Partition int32
	Rows      int64
}

// Strays gives what is stored of partitions beyond the ledger's. It reads the sort key's ranges outside of them only, and all
// seals.
func (s *Store) Strays(ctx context.Context, ledger uint64, partitions int) (out []Stray, err error) {
	var what []string
	var partition []int32
	var rows []uint64
	args := []any{named("ledger", ledger), named("partitions", int32(partitions))}
	err = s.read(ctx, "verify_strays", args, []column{textsOf(&what), int32s(&partition), uint64s(&rows)}, func(n int) error {
		for i := range n {
			out = append(out, Stray{what[i], partition[i], int64(rows[i])})
		}
		return nil
	})
	return out, err
}
