package sql

import "context"

// The reads of `festival verify` (ingest/verify). They give what is stored as it is and judge nothing.

// Cut gives one partition's progress row and its cells of the segments from first on, as one snapshot, in no order.
func (s *Store) Cut(ctx context.Context, ledger uint64, partition int32, first int64, row func(CellRow) error) error {
	return s.readCells(ctx, "verify_cut", []any{named("ledger", ledger), named("partition", partition), named("first", first)}, row)
}

// RawOrders streams one partition's raw orders with offsets in [from, to), in their order, one row per offset. The
// columns are block's until it returns; the strings it may keep.
func (s *Store) RawOrders(ctx context.Context, ledger uint64, partition int32, from, to int64, block func(*Orders) error) error {
	var o Orders
	return s.read(ctx, "verify_orders", rangeArgs(ledger, partition, from, to), o.columns(), func(int) error { return block(&o) })
}

// RawRejects streams one partition's rejects with offsets in [from, to), in their order, one row per offset.
func (s *Store) RawRejects(ctx context.Context, ledger uint64, partition int32, from, to int64, row func(Reject) error) error {
	var c rejectColumns
	return s.read(ctx, "verify_rejects", rangeArgs(ledger, partition, from, to), c.columns(), func(n int) error {
		for i := range n {
			if err := row(c.row(i)); err != nil {
				return err
			}
		}
		return nil
	})
}

// FramePositions streams the official frames of the whole festival in the order of their seconds; JSON holds their
// positions only, as {"0":100,...}.
func (s *Store) FramePositions(ctx context.Context, ledger uint64, row func(FrameRow) error) error {
	return s.frames(ctx, "verify_frames", []any{named("ledger", ledger)}, row)
}

func rangeArgs(ledger uint64, partition int32, from, to int64) []any {
	return []any{named("ledger", ledger), named("partition", partition), named("from", from), named("to", to)}
}

// OrderIDs gives the order ids of the raw orders at the given offsets of one partition, by offset.
func (s *Store) OrderIDs(ctx context.Context, ledger uint64, partition int32, offsets []int64) (map[int64]string, error) {
	var offset []int64
	var id []string
	out := map[int64]string{}
	args := []any{named("ledger", ledger), named("partition", partition), named("offsets", offsets)}
	err := s.read(ctx, "verify_ids", args, []column{int64s(&offset), textsOf(&id)}, func(n int) error {
		for i := range n {
			out[offset[i]] = id[i]
		}
		return nil
	})
	return out, err
}
