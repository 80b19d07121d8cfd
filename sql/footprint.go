package sql

import "context"

// Footprint is how the database lies on disk at a moment.
type Footprint struct {
	Parts, Rows, Bytes      int64 // parts that are read
	Replaced, ReplacedBytes int64 // parts that merges have replaced, kept for old_parts_lifetime
	Merges                  int64 // under way
	MergedRows              int64 // read by merges since the server's start, of all databases
}

// Footprint asks the store how its tables lie on disk.
func (s *Store) Footprint(ctx context.Context) (f Footprint, err error) {
	var one [7][]int64
	var columns []column
	for i := range one {
		columns = append(columns, int64s(&one[i]))
	}
	err = s.read(ctx, "footprint", nil, columns, func(n int) error {
		f = Footprint{Parts: one[0][0], Rows: one[1][0], Bytes: one[2][0], Replaced: one[3][0], ReplacedBytes: one[4][0], Merges: one[5][0], MergedRows: one[6][0]}
		return nil
	})
	return f, err
}
