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

// FramePositions streams the official frames of the whole festival in the order of their seconds; JSON holds
// the members positions and, where they are there, after_positions only.
func (s *Store) FramePositions(ctx context.Context, ledger uint64, row func(FrameRow) error) error {
	return s.frames(ctx, "verify_frames", []any{named("ledger", ledger)}, row)
}

// NextFrame gives the first official frame of the whole festival from a second on; ok false where there is none yet.
func (s *Store) NextFrame(ctx context.Context, ledger uint64, second int64) (f FrameRow, ok bool, err error) {
	err = s.frames(ctx, "verify_next_frame", []any{named("ledger", ledger), named("second", second)}, func(r FrameRow) error {
		f, ok = r, true
		return nil
	})
	return f, ok, err
}

func rangeArgs(ledger uint64, partition int32, from, to int64) []any {
	return []any{named("ledger", ledger), named("partition", partition), named("from", from), named("to", to)}
}

// CellDigest is a sum over one segment's cells, see aggregate/recount's Digest.
type CellDigest struct {
	Partition int32
	Segment   int64
	Cells     int64 // that are not zero
	Lowest    int64 // revision of theirs
	Revision  int64 // the highest
	Sums      [2]uint64
}

// CellDigests gives the digests of all segments that have cells, as one snapshot, by partition and segment. It reads
// every cell once: about a million cells a second and core.
func (s *Store) CellDigests(ctx context.Context, ledger uint64) (out []CellDigest, err error) {
	var partition []int32
	var segment []int64
	var cells, lowest, revision, low, high []uint64
	columns := []column{int32s(&partition), int64s(&segment), uint64s(&cells), uint64s(&lowest), uint64s(&revision), uint64s(&low), uint64s(&high)}
	err = s.read(ctx, "verify_digests", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			out = append(out, CellDigest{partition[i], segment[i], int64(cells[i]), int64(lowest[i]), int64(revision[i]), [2]uint64{low[i], high[i]}})
		}
		return nil
	})
	return out, err
}

// SplitRow is the first record of an order id in one partition, duplicates left out.
type SplitRow struct {
	OrderID   string
	Partition int32
	Offset    int64
}

// SplitIDs gives the first records, by partition, of the order ids whose SHA-256, as a big-endian number of its first
// eight bytes shifted right, is one of heads: by order id, then partition. It reads every order id once.
func (s *Store) SplitIDs(ctx context.Context, ledger uint64, heads []uint64, shift uint8) (out []SplitRow, err error) {
	var id []string
	var partition []int32
	var offset []int64
	args := []any{named("ledger", ledger), named("heads", heads), named("shift", shift)}
	err = s.read(ctx, "verify_split", args, []column{textsOf(&id), int32s(&partition), int64s(&offset)}, func(n int) error {
		for i := range n {
			out = append(out, SplitRow{id[i], partition[i], offset[i]})
		}
		return nil
	})
	return out, err
}
