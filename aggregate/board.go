package aggregate

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrCut says that an update is not one consistent cut: cells without their partition's progress, or beyond it.
var ErrCut = errors.New("update is not one consistent cut")

// ErrBoardSum says that a sum over all partitions left ±MaxSum. The board is at its end.
var ErrBoardSum = errors.New("board: a sum passes 2^53-1")

// BoardConfig says what a board shows.
type BoardConfig struct {
	Rules         *Rules
	Ledger        [32]byte
	Partitions    int   // partitions 0 to Partitions-1 are awaited
	LatenessMs    int64 // festival.lateness
	Zone          *time.Location
	ThresholdsFen []int64 // milestones, ascending
}

// Board folds updates into sums and makes frames of them. It has one owner and no locks; the frames that it makes
// are immutable and may go anywhere.
//
// Rows with a revision at or below a partition's position change nothing, so that updates may be repeated, come late
// or overlap. Of unfinished segments (their end is past the position) the cells are kept, to be replaced by newer
// absolute values; of finished ones only the sums.
//
// Memory: per window 2 * 62,500 flows at most (about 120 bytes each), 24 bytes a second with orders, in pages of an
// hour; about 150 bytes a merchant; about 150 bytes a cell of the open segments (about 30,000 a partition). The
// dimensions city, category, marketplace and channel are not in frames and not kept.
type Board struct {
	config     BoardConfig
	partitions []partition
	windows    []tally // by window
	whole      tally   // all windows together
	log        map[string]int64
	merchants  map[string]Measures // all windows together
	broken     error
	ledger     string // hex
}

// partition is what the board knows of one partition.
type partition struct {
	next       int64 // position: everything before it is folded; -1 before the first
	lastMs     int64
	maxEventMs int64
	open       map[int64]map[cellID]*held // cells of unfinished segments
	pulse      Pulse
	pulsed     bool
	stuckMs    int64 // since when the stable end stands still below the high watermark, 0 where it does not
}

type cellID struct {
	window uint8
	dim    Dim
	bucket int64
	key    string
}

type held struct {
	revision int64
	m        Measures
}

// NewBoard makes an empty board: no partition has a position yet.
func NewBoard(c BoardConfig) *Board {
	b := &Board{config: c, partitions: make([]partition, c.Partitions), windows: make([]tally, len(c.Rules.Windows)),
		log: map[string]int64{}, merchants: map[string]Measures{}, ledger: fmt.Sprintf("%x", c.Ledger)}
	for i := range b.partitions {
		b.partitions[i] = partition{next: -1, open: map[int64]map[cellID]*held{}}
	}
	for i := range b.windows {
		b.windows[i] = newTally()
	}
	b.whole = newTally()
	return b
}

// Load adds the sums of finished segments at start (Segment -1, any partition). They can no longer change.
func (b *Board) Load(sums []Cell) error {
	for i := range sums {
		if err := b.addCell(&sums[i], sums[i].M); err != nil {
			return err
		}
	}
	return nil
}

// SetPosition says up to where what was loaded reaches: the start of the partition's open segment.
func (b *Board) SetPosition(partition int32, next int64) {
	if b.has(partition) {
		b.partitions[partition].next = next
	}
}

func (b *Board) has(partition int32) bool {
	return partition >= 0 && int(partition) < len(b.partitions)
}

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
	cells := p.open[c.Segment]
	if cells == nil {
		cells = map[cellID]*held{}
		p.open[c.Segment] = cells
	}
	id := cellID{c.Window, c.Dim, c.Bucket, c.Key}
	old := cells[id]
	if old == nil {
		old = &held{}
		cells[id] = old
	}
	if c.Revision < old.revision {
		return nil
	}
	change := c.M.Sub(old.m)
	old.revision, old.m = c.Revision, c.M
	return b.addCell(c, change)
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

// addCell adds to the sums that a cell belongs to.
func (b *Board) addCell(c *Cell, m Measures) error {
	ok := true
	switch {
	case c.Dim == DimLog:
		b.log[c.Key] += m.Orders
		ok = b.log[c.Key] <= MaxSum
	case c.Dim == DimMerchant:
		ok = b.addMerchant(c.Key, m)
	case shown(c.Dim) && int(c.Window) < len(b.windows):
		ok = b.windows[c.Window].add(c, m) && b.whole.add(c, m)
	}
	if !ok {
		b.broken = fmt.Errorf("%w: %s %q", ErrBoardSum, c.Dim, c.Key)
	}
	return b.broken
}

func (b *Board) addMerchant(id string, m Measures) bool {
	old, known := b.merchants[id]
	if !known {
		id = strings.Clone(id) // a core's keys hold their block in memory
	}
	sum, ok := old.Add(m)
	b.merchants[id] = sum
	return ok
}

// Merchant gives a merchant's totals of the whole festival, zero where it has none.
func (b *Board) Merchant(id string) Measures { return b.merchants[id] }

// Positions gives the next offsets to read of the partitions that have been seen. The caller owns the map.
func (b *Board) Positions() Positions {
	out := Positions{}
	for i := range b.partitions {
		if next := b.partitions[i].next; next >= 0 {
			out[int32(i)] = next
		}
	}
	return out
}

// rejected is the number of rejected records of the whole log.
func (b *Board) rejected() int64 {
	var n int64
	for key, count := range b.log {
		if strings.HasPrefix(key, LogRejected) {
			n += count
		}
	}
	return n
}
