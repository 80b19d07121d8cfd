package sql

import "context"

type sealColumns struct {
	partition                                      []int32
	segment, first, end, cells, lastMs, maxEventMs []int64
	prev, hash                                     [][32]byte
	era                                            []uint8 // written only
}

func (c *sealColumns) columns() []column {
	return []column{int32s(&c.partition), int64s(&c.segment), int64s(&c.first), int64s(&c.end), int64s(&c.cells),
		int64s(&c.lastMs), int64s(&c.maxEventMs), hashes(&c.prev), hashes(&c.hash)}
}

func (c *sealColumns) push(rows []SealRow) {
	for _, r := range rows {
		c.partition = append(c.partition, r.Partition)
		c.segment = append(c.segment, r.Segment)
		c.first = append(c.first, r.First)
		c.end = append(c.end, r.End)
		c.cells = append(c.cells, r.Cells)
		c.lastMs = append(c.lastMs, r.LastMs)
		c.maxEventMs = append(c.maxEventMs, r.MaxEventMs)
		c.prev = append(c.prev, r.Prev)
		c.hash = append(c.hash, r.Hash)
		c.era = append(c.era, r.Era)
	}
}

func (c *sealColumns) row(i int) SealRow {
	return SealRow{Partition: c.partition[i], Segment: c.segment[i], First: c.first[i], End: c.end[i], Cells: c.cells[i],
		LastMs: c.lastMs[i], MaxEventMs: c.maxEventMs[i], Prev: c.prev[i], Hash: c.hash[i]}
}

// InsertSeals stores seals of finished segments. Repeating it does no harm.
func (s *Store) InsertSeals(ctx context.Context, ledger uint64, rows []SealRow) error {
	var c sealColumns
	c.push(rows)
	return s.insert(ctx, "seals_insert", len(rows), append(append([]column{ledgerOf(ledger, len(rows))}, c.columns()...), uint8s(&c.era))...)
}

// LastSeals gives the newest seal of each partition's contiguous chain, which begins at the partition's first seal: a
// seal behind a gap is not in it. A partition without seals is not in the map.
func (s *Store) LastSeals(ctx context.Context, ledger uint64, partitions []int32) (map[int32]SealRow, error) {
	if partitions == nil {
		partitions = []int32{}
	}
	out := map[int32]SealRow{}
	err := s.seals(ctx, "seals_last", []any{named("ledger", ledger), named("partitions", partitions)}, func(r SealRow) error {
		out[r.Partition] = r
		return nil
	})
	return out, err
}

// Seals gives the seals of a partition's segments [from, to), in order.
func (s *Store) Seals(ctx context.Context, ledger uint64, partition int32, from, to int64, row func(SealRow) error) error {
	return s.seals(ctx, "seals_range", []any{named("ledger", ledger), named("partition", partition), named("from", from), named("to", to)}, row)
}

func (s *Store) seals(ctx context.Context, name string, args []any, row func(SealRow) error) error {
	var c sealColumns
	return s.read(ctx, name, args, c.columns(), func(n int) error {
		for i := range n {
			if err := row(c.row(i)); err != nil {
				return err
			}
		}
		return nil
	})
}
