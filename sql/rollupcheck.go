package sql

import (
	"context"
	"fmt"
)

// RolledRow is a row of a roll-up that is not the sum of its cells.
type RolledRow struct {
	Dim     string
	Seconds int64 // width of the bucket; 0: as cells have it
	Key     string
	Bucket  int64 // Unix second, 0 for none
	Window  uint8
	M       [7]int64 // the roll-up's figures less those of the cells, as Point.M
}

// CheckRollUp compares the roll-up that counts with the cells of its segments and gives the first ten rows of each
// dimension that differ; r is nil where there is none. It reads each cell once, with memory that is bounded by the
// engine's disk.
func (s *Store) CheckRollUp(ctx context.Context, ledger uint64) (r *RollUp, wrong []RolledRow, err error) {
	list, err := s.readRollUps(ctx, ledger)
	if err != nil || list.newest() == nil {
		return nil, nil, err
	}
	r = list.newest()
	for _, dim := range rolledDims {
		if err := s.checkDim(ctx, ledger, r, dim, &wrong); err != nil {
			return nil, nil, fmt.Errorf("roll-up of %s: %w", dim, err)
		}
	}
	return r, wrong, nil
}

func (s *Store) checkDim(ctx context.Context, ledger uint64, r *RollUp, dim string, wrong *[]RolledRow) error {
	var seconds, bucket []int64
	var key []string
	var window []uint8
	var c cellColumns
	columns := append([]column{int64s(&seconds), textsOf(&key), int64s(&bucket), uint8s(&window)}, c.measures()...)
	return s.readText(ctx, "verify_rollups", statement("verify_rollups"), append(r.args(ledger), named("dim", dim)), columns, func(n int) error {
		for i := range n {
			*wrong = append(*wrong, RolledRow{dim, seconds[i], key[i], bucket[i], window[i], c.measure(i)})
		}
		return nil
	})
}
