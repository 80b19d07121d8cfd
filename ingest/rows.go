package ingest

import (
	"festival/aggregate"
	"festival/sql"
)

// cellRow and progressRow give the stored form of what the core counted; updateOf reads it back.

func cellRow(c *aggregate.Cell, era uint8) sql.CellRow {
	return sql.CellRow{Window: c.Window, Dim: uint8(c.Dim), Partition: c.Partition, Segment: c.Segment,
		Bucket: c.Bucket, Revision: c.Revision, Key: c.Key, Era: era,
		M: [7]int64{c.M.Orders, c.M.GmvFen, c.M.MobileOrders, c.M.MobileGmvFen, c.M.Created, c.M.Refunds, c.M.RefundFen}}
}

func progressRow(p aggregate.Progress, era uint8) sql.CellRow {
	return sql.CellRow{Window: aggregate.NoWindow, Dim: uint8(aggregate.DimProgress), Partition: p.Partition,
		Revision: p.Next, Era: era,
		M: [7]int64{p.Tail.BaseOffset, int64(p.Tail.CRC), int64(p.Tail.LeaderEpoch), p.LastMs, p.MaxEventMs}}
}

func progressOf(r sql.CellRow) aggregate.Progress {
	return aggregate.Progress{Partition: r.Partition, Next: r.Revision, LastMs: r.M[3], MaxEventMs: r.M[4],
		Tail: aggregate.Tail{BaseOffset: r.M[0], CRC: uint32(r.M[1]), LeaderEpoch: int32(r.M[2])}}
}

func sealRow(s aggregate.Seal, era uint8) sql.SealRow {
	return sql.SealRow{Partition: s.Partition, Segment: s.Segment, First: s.First, End: s.End, Cells: s.Cells, LastMs: s.LastMs,
		MaxEventMs: s.MaxEventMs, Prev: s.Prev, Hash: s.Hash, Era: era}
}
