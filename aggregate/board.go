package aggregate

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

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
	merchants  ranking // all windows together
	broken     error
	ledger     string // hex
}

// partition is what the board knows of one partition.
type partition struct {
	next       int64 // position: everything before it is folded; -1 before the first
	lastMs     int64
	maxEventMs int64
	open       map[int64]*openCells // cells of unfinished segments
	pulse      Pulse
	pulsed     bool
	readMs     int64 // time of the newest pulse whose end was read before the next one came; nothing older than it is missing
	stuckMs    int64 // since when the stable end stands still below the high watermark, 0 where it does not
}

// NewBoard makes an empty board: no partition has a position yet.
func NewBoard(c BoardConfig) *Board {
	b := &Board{config: c, partitions: make([]partition, c.Partitions), windows: make([]tally, len(c.Rules.Windows)),
		log: map[string]int64{}, merchants: newRanking(), ledger: fmt.Sprintf("%x", c.Ledger)}
	for i := range b.partitions {
		b.partitions[i] = partition{next: -1, open: map[int64]*openCells{}}
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
		if err := b.addCell(&sums[i], sums[i].M, &rowRefs{}); err != nil {
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

// addCell adds to the sums that a cell belongs to.
func (b *Board) addCell(c *Cell, m Measures, rows *rowRefs) error {
	ok := true
	switch {
	case c.Dim == DimLog:
		b.log[c.Key] += m.Orders
		ok = b.log[c.Key] <= MaxSum
	case c.Dim == DimMerchant:
		ok = b.merchants.add(&rows[0], c.Key, m)
	case shown(c.Dim) && int(c.Window) < len(b.windows):
		inWindow := b.windows[c.Window].add(&rows[0], c, m)
		ok = b.whole.add(&rows[1], c, m) && inWindow
	}
	if !ok {
		b.broken = fmt.Errorf("%w: %s %q", ErrBoardSum, c.Dim, c.Key)
	}
	return b.broken
}

// Merchant gives a merchant's totals of the whole festival, zero where it has none.
func (b *Board) Merchant(id string) Measures {
	if i, ok := b.merchants.index[id]; ok {
		return b.merchants.rows[i].m
	}
	return Measures{}
}

// Sum gives the totals of all windows together.
func (b *Board) Sum() Measures { return b.whole.total }

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
