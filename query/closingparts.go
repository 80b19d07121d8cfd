package query

import (
	"context"
	"fmt"
	"strings"

	"festival/aggregate"
	"festival/sql"
)

// closingParts is what a closing document says beside the final frame, by partition.
type closingParts struct {
	ledger   sql.Ledger
	progress []sql.CellRow
	pulses   map[int32]sql.PulseRow
	heads    map[int32]aggregate.Seal // the chain's last seal below the closing position; none where it is in the first segment
	seals    []sql.SealRow            // closing seals
	rejects  map[string]int64
	signoffs []sql.Signoff
}

// parts reads what the document needs, and makes the closing seals: one stream over the closing cells.
func (p *publisher) parts(ctx context.Context, c *closed, progress []sql.CellRow, pulses []sql.PulseRow) (closingParts, error) {
	out := closingParts{progress: progress, pulses: map[int32]sql.PulseRow{}, rejects: map[string]int64{}}
	for _, r := range pulses {
		out.pulses[r.Partition] = r
	}
	ledgers, err := p.cfg.Store.Ledgers(ctx)
	if err != nil {
		return out, err
	}
	for _, l := range ledgers {
		if l.Prefix == p.cfg.prefix() {
			out.ledger = l
		}
	}
	if len(out.ledger.LogStart) != p.cfg.Partitions {
		return out, fmt.Errorf("the store's ledger %016x has %d partitions, not %d", p.cfg.prefix(), len(out.ledger.LogStart), p.cfg.Partitions)
	}
	if out.signoffs, err = p.cfg.Store.Signoffs(ctx, p.cfg.prefix()); err != nil {
		return out, err
	}
	if out.heads, err = p.heads(ctx, out.ledger, progress); err != nil {
		return out, err
	}
	err = p.sealClosing(ctx, c.ms, &out)
	return out, err
}

// heads gives the last seal of each partition's chain below the closing position. A seal is written after its cells, so
// the newest may be missing: it is made from the segment's cells, which do not change any more.
func (p *publisher) heads(ctx context.Context, l sql.Ledger, progress []sql.CellRow) (map[int32]aggregate.Seal, error) {
	partitions := make([]int32, 0, len(progress))
	for _, r := range progress {
		partitions = append(partitions, r.Partition)
	}
	stored, err := p.cfg.Store.LastSeals(ctx, p.cfg.prefix(), partitions)
	if err != nil {
		return nil, err
	}
	out := map[int32]aggregate.Seal{}
	for _, r := range progress {
		start, last := l.LogStart[r.Partition], aggregate.Seal{Segment: -1}
		if s, ok := stored[r.Partition]; ok {
			last = aggregate.Seal{Partition: s.Partition, Segment: s.Segment, First: s.First, End: s.End, Cells: s.Cells, Prev: s.Prev, Hash: s.Hash}
		}
		if last, err = p.sealUpTo(ctx, r.Partition, start, r.Revision, last); err != nil {
			return nil, err
		}
		if last.Segment >= 0 {
			out[r.Partition] = last
		}
	}
	return out, nil
}

// sealUpTo goes on with a chain up to the last segment that ends at or below a position. A stored chain may be ahead of it.
func (p *publisher) sealUpTo(ctx context.Context, partition int32, start, position int64, last aggregate.Seal) (aggregate.Seal, error) {
	stride := p.cfg.Rules.Stride
	open := position / stride
	if last.Segment >= open { // sealed since the cut
		var found aggregate.Seal
		err := p.cfg.Store.Seals(ctx, p.cfg.prefix(), partition, open-1, open, func(s sql.SealRow) error {
			found = aggregate.Seal{Partition: s.Partition, Segment: s.Segment, First: s.First, End: s.End, Cells: s.Cells, Prev: s.Prev, Hash: s.Hash}
			return nil
		})
		if err == nil && open <= start/stride {
			found = aggregate.Seal{Segment: -1}
		}
		return found, err
	}
	for k := max(start/stride, last.Segment+1); k < open; k++ {
		next := aggregate.Seal{Partition: partition, Segment: k, First: max(start, k*stride), End: (k + 1) * stride, Prev: p.cfg.Ledger}
		if last.Segment >= 0 {
			next.Prev = last.Hash
		}
		var cells []aggregate.Cell
		if err := p.cfg.Store.Cells(ctx, p.cfg.prefix(), partition, k, k+1, collect(&cells)); err != nil {
			return last, err
		}
		last = aggregate.SealCells(next, p.cfg.Ledger, cells)
	}
	return last, nil
}

// sealClosing makes a closing seal of each partition: over the sums of its whole log up to the position. A partition
// without progress has none.
func (p *publisher) sealClosing(ctx context.Context, atMs int64, out *closingParts) error {
	streams := map[int32]*aggregate.SealStream{}
	for _, r := range out.progress {
		s := aggregate.Seal{Partition: r.Partition, Segment: r.Revision / p.cfg.Rules.Stride, First: out.ledger.LogStart[r.Partition],
			End: r.Revision, Prev: p.cfg.Ledger, LastMs: r.M[3], MaxEventMs: r.M[4]}
		if head, ok := out.heads[r.Partition]; ok {
			s.Prev = head.Hash
		}
		streams[r.Partition] = aggregate.NewSealStream(s, p.cfg.Ledger)
	}
	err := p.cfg.Store.ClosingCells(ctx, p.cfg.prefix(), atMs, func(r sql.CellRow) error {
		if reason, ok := strings.CutPrefix(r.Key, aggregate.LogRejected); ok && aggregate.Dim(r.Dim) == aggregate.DimLog {
			out.rejects[reason] += r.M[0]
		}
		stream, ok := streams[r.Partition]
		if !ok {
			return fmt.Errorf("closing cells of partition %d without its progress", r.Partition)
		}
		return stream.Add(cellOf(r))
	})
	if err != nil {
		return err
	}
	for _, r := range out.progress {
		s := streams[r.Partition].Sum()
		out.seals = append(out.seals, sql.SealRow{Partition: s.Partition, Segment: s.Segment, First: s.First, End: s.End, Cells: s.Cells,
			LastMs: s.LastMs, MaxEventMs: s.MaxEventMs, Prev: s.Prev, Hash: s.Hash})
	}
	return nil
}
