package aggregate

import (
	"errors"
	"fmt"
	"hash/maphash"
)

// The errors that stop a partition. A core that gave one gives it again for every later record; what it drains is
// still exactly the prefix before the record that failed.
var (
	ErrSum   = errors.New("sum: a segment's money passes 2^53-1 fen; look at the partition's newest orders")
	ErrOrder = errors.New("offset: the record's offset is not after the one before it")
)

// CoreConfig says where a core begins. At a takeover everything is taken from the last seal.
type CoreConfig struct {
	Rules     *Rules
	Ledger    [32]byte
	Partition int32
	// Start is the first offset to read: the recorded log start, or the end of the last sealed segment.
	Start int64
	// LogStart is the recorded log start of the ledger; the first segment is the one that holds it.
	LogStart int64
	// Set holds the events with offsets below Start. The core owns it from now on. Default: an empty set.
	Set *Fingerprints
	// PrevSeal is the hash of the seal before Start. Ignored in the first segment, whose predecessor is the ledger id.
	PrevSeal [32]byte
	// LastMs and MaxEventMs are those of the seal before Start, 0 in the first segment.
	LastMs, MaxEventMs int64
}

// Core counts one partition: records go in, in offset order, verdicts and cells come out. It has one owner and
// starts nothing. Count and Reject allocate nothing once tables have grown to the size of a segment; Drain makes
// the key of a city once, and allocates whatever the caller's slices need.
//
// Invariant: after Drain(next) the update holds every cell that changed since the Drain before, with its absolute
// value within its segment, as of min(next, segment end).
type Core struct {
	config CoreConfig
	rules  *Rules
	keys   *keyring
	set    *Fingerprints
	seed   maphash.Seed
	open   *segment
	done   []*segment // complete, not yet drained, ascending
	free   []*segment // drained, for reuse
	epoch  uint64
	next   int64    // offset after the last record
	sealed int64    // the segment whose seal comes next
	prev   [32]byte // hash of the seal before it
	// The times of that seal.
	sealedMs, sealedEventMs int64
	lastMs                  int64
	maxEventMs              int64
	failed                  error
	seconds                 [secondRing]slots
	minutes                 [minuteRing]slots
	layout
	sealer sealer
	cities map[uint32]string // keys of cities by rank, made once
}

// NewCore makes a core that has read nothing yet. A Start that is neither the log start nor a segment's is a bug.
func NewCore(c CoreConfig) *Core {
	if c.Start < c.LogStart || c.Start != c.LogStart && c.Start%c.Rules.Stride != 0 {
		panic(fmt.Sprintf("BUG: partition %d: start %d is neither the log start %d nor a segment's (stride %d)",
			c.Partition, c.Start, c.LogStart, c.Rules.Stride))
	}
	k := &Core{config: c, rules: c.Rules, keys: c.Rules.keys, cities: map[uint32]string{}, set: c.Set, seed: maphash.MakeSeed(), next: c.Start,
		prev: c.PrevSeal, lastMs: c.LastMs, maxEventMs: c.MaxEventMs, sealedMs: c.LastMs, sealedEventMs: c.MaxEventMs}
	if k.set == nil {
		k.set = NewFingerprints(0)
	}
	k.sealed = c.Start / c.Rules.Stride
	if k.sealed == c.LogStart/c.Rules.Stride {
		k.prev = c.Ledger
	}
	k.layCaches()
	k.begin(k.sealed)
	return k
}

// Set gives the core's fingerprints, for its Len and Bytes.
func (c *Core) Set() *Fingerprints { return c.set }

// Hint is what of an accepted order tells where in memory it will be counted.
type Hint struct {
	print    Print
	merchant uint64 // hash of the merchant's cell
	window   uint8
}

// Hint gives the hint of an order, and begins to load what Count will read first. It is for this core only, and stays
// right however much is counted before the order.
func (c *Core) Hint(o *Order) Hint {
	w := c.rules.Window(o.EventMs())
	h := Hint{Fingerprint(o.Status, o.OrderID, o.RefundID), merchantHash(c.seed, o.MerchantID, w), w}
	c.set.Prefetch(h.print)
	c.open.prefetchEntry(h.merchant)
	return h
}

// Touch announces the next few records: 8 to 32 of them pay best. The set of fingerprints and a segment's merchants do
// not fit into the near caches; here the waits of many records for memory overlap.
func (c *Core) Touch(hints []Hint) {
	for i := range hints {
		c.open.prefetchCell(hints[i].merchant)
	}
}

// Count counts one accepted record and gives its verdict and its amount in fen. kafkaMs is the record's Kafka time
// (docs/definitions.md), keyMatches says whether the record's key is its order_id, rehearsal whether it bears the
// rehearsal header. After ErrFull, ErrSum or ErrOrder the record is not counted and the core is at its end.
func (c *Core) Count(o *Order, offset, kafkaMs int64, keyMatches, rehearsal bool) (Verdict, int64, error) {
	h := c.Hint(o)
	return c.CountHint(&h, o, offset, kafkaMs, keyMatches, rehearsal)
}

// CountHint is Count for a caller that has the order's hint already, to Touch it.
func (c *Core) CountHint(h *Hint, o *Order, offset, kafkaMs int64, keyMatches, rehearsal bool) (Verdict, int64, error) {
	if err := c.advance(offset); err != nil {
		return 0, 0, err
	}
	fen, ms := c.rules.Fen(o.AmountMinor, o.Currency), o.EventMs()
	added, err := c.set.Add(h.print)
	if err != nil {
		return 0, 0, c.fail(err, offset)
	}
	verdict := Duplicate
	if added {
		if verdict, err = c.place(h, o, ms, fen); err != nil {
			return 0, 0, c.fail(err, offset)
		}
	} else {
		c.log(logDuplicates)
	}
	if !keyMatches {
		c.log(logMiskeyed)
	}
	c.passed(offset, kafkaMs, rehearsal)
	if kafkaMs >= 1 { // without a Kafka time nothing bounds the event time: it would hold the watermark up for good
		c.maxEventMs = max(c.maxEventMs, min(ms, kafkaMs))
	}
	return verdict, fen, nil
}

// Reject counts one record that was not accepted.
func (c *Core) Reject(reason Reason, offset, kafkaMs int64, rehearsal bool) error {
	if err := c.advance(offset); err != nil {
		return err
	}
	c.log(logReason + int(reason))
	c.passed(offset, kafkaMs, rehearsal)
	return nil
}

// advance makes the segment of an offset the open one.
func (c *Core) advance(offset int64) error {
	if c.failed != nil {
		return c.failed
	}
	if offset < c.next {
		return c.fail(ErrOrder, offset)
	}
	if offset >= c.open.end {
		c.finish()
		c.begin(offset / c.rules.Stride)
	}
	return nil
}

func (c *Core) passed(offset, kafkaMs int64, rehearsal bool) {
	if rehearsal {
		c.log(logRehearsal)
	}
	if kafkaMs >= 1 {
		c.lastMs = kafkaMs
	}
	c.next = offset + 1
}

// fail ends the core. The record has changed nothing but the set.
func (c *Core) fail(err error, offset int64) error {
	c.failed = fmt.Errorf("partition %d, offset %d: %w", c.config.Partition, offset, err)
	return c.failed
}

// place puts a new event into its window, or outside.
func (c *Core) place(h *Hint, o *Order, ms, fen int64) (Verdict, error) {
	if h.window == NoWindow {
		c.log(logOutside)
		return Outside, nil
	}
	d := deltaOf(o, fen)
	s := c.open
	// Every measure of money is at most its sum over the segment, so that checking these two checks all cells.
	// Both operands are at most 2^53: the additions do not wrap.
	if s.gmv+d.gmv > MaxSum || s.refund+d.refund > MaxSum {
		return 0, ErrSum
	}
	s.gmv, s.refund = s.gmv+d.gmv, s.refund+d.refund
	c.add(h, o, ms, &d)
	return Counted, nil
}

// begin opens a segment.
func (c *Core) begin(number int64) {
	s := c.take()
	c.epoch++
	stride := c.rules.Stride
	s.reset(number, max(number*stride, c.config.LogStart), (number+1)*stride, c.epoch)
	c.open = s
}

// finish closes the open segment; the caller begins another.
func (c *Core) finish() {
	c.open.lastMs, c.open.maxEventMs = c.lastMs, c.maxEventMs
	c.done = append(c.done, c.open)
}

func (c *Core) take() *segment {
	if n := len(c.free); n > 0 {
		s := c.free[n-1]
		c.free = c.free[:n-1]
		return s
	}
	return newSegment(c.seed)
}
