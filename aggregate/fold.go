package aggregate

import (
	"errors"
	"fmt"
)

// ErrCut says that an update is not one consistent cut: cells without their partition's progress, or beyond it.
var ErrCut = errors.New("update is not one consistent cut")

type cellID struct {
	window uint8
	dim    Dim
	bucket int64
	key    string
}

// openCells are the cells of one unfinished segment.
type openCells struct {
	index map[cellID]int32
	cells []held
}

type held struct {
	revision int64
	m        Measures
	rows     rowRefs
}

// rowRefs are the rows of the sums that a cell belongs to, plus one, so that they are looked up once a cell: in the
// window's ranking (or among merchants), and in the whole's. Rows never move.
type rowRefs [2]int32

// Fold takes one consistent cut: all rows that changed since the positions, with the progress of their partitions.
// Repeats and stale rows change nothing. ErrCut leaves the board as it was.
func (b *Board) Fold(u Update) error {
	if b.broken != nil {
		return b.broken
	}
	to, err := b.cut(u)
	if err != nil {
		return err
	}
	for i := range u.Cells {
		if c := &u.Cells[i]; c.Dim != DimProgress && c.Revision > b.partitions[c.Partition].next {
			if err := b.replace(c); err != nil {
				return err
			}
		}
	}
	for p := range to {
		b.move(&b.partitions[p], to[p])
	}
	return nil
}

// cut gives the highest progress of each partition in an update, Next -1 where there is none, and checks that no
// cell lies beyond it.
func (b *Board) cut(u Update) ([]Progress, error) {
	to := make([]Progress, len(b.partitions))
	for p := range to {
		to[p].Next = -1
	}
	for _, p := range u.Progress {
		if !b.has(p.Partition) {
			return nil, fmt.Errorf("%w: progress of partition %d of %d", ErrCut, p.Partition, len(to))
		}
		if p.Next > to[p.Partition].Next {
			to[p.Partition] = p
		}
	}
	for i := range u.Cells {
		c := &u.Cells[i]
		switch {
		case c.Dim == DimProgress:
		case !b.has(c.Partition):
			return nil, fmt.Errorf("%w: cell of partition %d of %d", ErrCut, c.Partition, len(to))
		case c.Revision > to[c.Partition].Next:
			return nil, fmt.Errorf("%w: partition %d: a cell of revision %d beyond progress %d", ErrCut, c.Partition,
				c.Revision, to[c.Partition].Next)
		case c.Window != NoWindow && int(c.Window) >= len(b.windows):
			return nil, fmt.Errorf("%w: cell of window %d of %d", ErrCut, c.Window, len(b.windows))
		}
	}
	return to, nil
}

// replace puts a cell's newer absolute value in the place of the one that the board has.
func (b *Board) replace(c *Cell) error {
	if !shown(c.Dim) {
		return nil
	}
	p := &b.partitions[c.Partition]
	open := p.open[c.Segment]
	if open == nil {
		open = &openCells{index: map[cellID]int32{}}
		p.open[c.Segment] = open
	}
	cell := open.find(c)
	if c.Revision < cell.revision {
		return nil
	}
	change := c.M.Sub(cell.m)
	cell.revision, cell.m = c.Revision, c.M
	return b.addCell(c, change, &cell.rows)
}

// find gives the held cell of an identity, new where there is none. Valid until the next find.
func (o *openCells) find(c *Cell) *held {
	id := cellID{c.Window, c.Dim, c.Bucket, c.Key}
	i, ok := o.index[id]
	if !ok {
		i = int32(len(o.cells))
		o.index[id] = i
		o.cells = append(o.cells, held{})
	}
	return &o.cells[i]
}

// move makes a progress the partition's position and forgets the cells of segments that are finished now.
func (b *Board) move(p *partition, to Progress) {
	if to.Next < p.next || to.Next < 0 {
		return
	}
	p.next, p.lastMs, p.maxEventMs = to.Next, to.LastMs, to.MaxEventMs
	for segment := range p.open {
		if (segment+1)*b.config.Rules.Stride <= p.next {
			delete(p.open, segment)
		}
	}
}

// shown says whether a dimension is in frames.
func shown(d Dim) bool {
	return d <= DimProvince || d == DimFlow || d == DimMerchant || d == DimLog
}
