package recount

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Verdict is what became of a record (CONTRACT.md §1), in the contract's words.
type Verdict string

// The verdicts, in the order in which they are asked.
const (
	Rejected  Verdict = "rejected"
	Duplicate Verdict = "duplicate"
	Outside   Verdict = "outside"
	Counted   Verdict = "counted"
)

// Record is one record of a partition's log, control records and aborted ones left out.
type Record struct {
	Offset    int64
	KafkaMs   int64 // timestamp, Unix milliseconds; for LogAppendTime the batch's largest
	Key       []byte
	Value     []byte
	Rehearsal bool // bears the header festival-rehearsal
}

// Entry is a record as it was read: what a raw row holds. Reason is "" unless the record is rejected; Order, Fen
// and KeyOK mean nothing then.
type Entry struct {
	Offset    int64
	KafkaMs   int64
	Rehearsal bool
	KeyOK     bool // the key is the order_id
	Reason    string
	Order     Order
	Fen       int64 // the amount in CNY fen
	Verdict   Verdict
}

// Progress is how far a partition was read, and the two times that travel with it; 0 before the first record.
type Progress struct {
	Next       int64 // next offset to read
	LastMs     int64 // Kafka time of the last record read
	MaxEventMs int64 // largest min(event time, Kafka time) of records that are not rejected and have a Kafka time
}

// Partition recounts one partition's log from its recorded start. One goroutine owns it. Finished segments collect
// until Finished takes them, and what was added to the figures of frames until Changes takes it, so memory holds the
// open segment and one fingerprint an event: 26 bytes on the average, 17 to 35 as the map grows.
type Partition struct {
	rules     *Rules
	partition int32
	start     int64
	progress  Progress
	seen      map[[16]byte]struct{}
	segment   int64 // the open one
	cells     map[CellKey]Measures
	finished  []Segment
	prev      [32]byte // seal of the segment before the open one
	changes   *Figures // what was added since Changes was called
}

// NewPartition begins a recount at the recorded start of the partition's log.
func NewPartition(rules *Rules, partition int32, start int64) *Partition {
	return &Partition{rules: rules, partition: partition, start: start, progress: Progress{Next: start},
		seen: map[[16]byte]struct{}{}, segment: start / rules.Stride, cells: map[CellKey]Measures{},
		prev: rules.Ledger, changes: NewFigures()}
}

// Feed reads the next record and counts it. Offsets rise from call to call; gaps are fine. An error is a broken
// world (an offset that falls, a sum past 2^53-1), never a bad record; the partition is of no use after it.
func (p *Partition) Feed(r Record) (Entry, error) {
	e := Entry{Offset: r.Offset, KafkaMs: r.KafkaMs, Rehearsal: r.Rehearsal}
	e.Order, e.Reason = Decode(r.Value, r.KafkaMs, p.rules)
	e.KeyOK = e.Reason == "" && string(r.Key) == e.Order.OrderID
	return p.Count(e)
}

// Count counts an entry that somebody has read already (a raw row), and fills in Fen and Verdict by the rules,
// whatever they held.
func (p *Partition) Count(e Entry) (Entry, error) {
	if err := p.Advance(e.Offset); err != nil {
		return e, err
	}
	if err := p.judge(&e); err != nil {
		return e, fmt.Errorf("partition %d offset %d: %w", p.partition, e.Offset, err)
	}
	return e, p.Advance(e.Offset + 1)
}

func (p *Partition) judge(e *Entry) (err error) {
	e.Fen = 0
	if e.KafkaMs >= 1 { // a Kafka time below 1 is no time
		p.progress.LastMs = e.KafkaMs
	}
	if e.Rehearsal {
		err = p.log("rehearsal")
	}
	if err == nil && e.Reason == "" {
		err = p.accept(e)
	} else if err == nil {
		e.Verdict = Rejected
		err = p.log("rejected:" + e.Reason)
	}
	return err
}

func (p *Partition) accept(e *Entry) (err error) {
	if e.Fen, err = p.rules.Fen(e.Order.Currency, e.Order.AmountMinor); err != nil {
		return err
	}
	eventMs := e.Order.EventMs()
	if e.KafkaMs >= 1 {
		p.progress.MaxEventMs = max(p.progress.MaxEventMs, min(eventMs, e.KafkaMs))
	}
	if !e.KeyOK {
		if err := p.log("miskeyed"); err != nil {
			return err
		}
	}
	window, inside := p.rules.Window(eventMs)
	switch {
	case p.sawBefore(&e.Order):
		e.Verdict = Duplicate
		return p.log("duplicates")
	case !inside:
		e.Verdict = Outside
		return p.log("outside")
	}
	e.Verdict = Counted
	return p.count(&e.Order, e.Fen, window)
}

// sawBefore asks for the duplicate key (order_id, status, and for refunded the refund_id) and remembers it. Of the
// key the first 128 bits of its SHA-256 are kept: two of 10^12 events agree by chance once in 10^14 festivals.
func (p *Partition) sawBefore(o *Order) bool {
	key := o.Status + "\x00"
	if o.Status == "refunded" {
		key += string(binary.BigEndian.AppendUint32(nil, uint32(len(o.RefundID)))) + o.RefundID
	}
	sum := sha256.Sum256([]byte(key + o.OrderID))
	mark := [16]byte(sum[:16])
	_, before := p.seen[mark]
	p.seen[mark] = struct{}{}
	return before
}

func (p *Partition) count(o *Order, fen int64, window uint8) error {
	m, at := measures(o, fen), o.EventMs()
	list := keys(o)
	for dim := Total; dim <= Merchant; dim++ {
		if err := p.add(CellKey{window, dim, list[dim], bucket(dim, at)}, m); err != nil {
			return err
		}
	}
	return p.changes.count(window, &list, at/1000, m)
}

// log adds one record to a log cell, which counts in Orders.
func (p *Partition) log(key string) error {
	if err := p.add(CellKey{Window: NoWindow, Dim: Log, Key: key}, Measures{Orders: 1}); err != nil {
		return err
	}
	return p.changes.add(FigureKey{NoWindow, Log, key}, Measures{Orders: 1})
}

func (p *Partition) add(key CellKey, m Measures) error {
	sum, err := p.cells[key].Plus(m)
	if err != nil {
		return fmt.Errorf("cell %s: %w", key, err)
	}
	p.cells[key] = sum
	return nil
}

// Advance says that the log holds nothing more below next: segments that end there are finished.
func (p *Partition) Advance(next int64) error {
	if next < p.progress.Next {
		return fmt.Errorf("partition %d: offset %d comes after %d", p.partition, next, p.progress.Next-1)
	}
	for next >= (p.segment+1)*p.rules.Stride {
		p.finish()
	}
	p.progress.Next = next
	return nil
}

// Changes hands over what was counted since the call before.
func (p *Partition) Changes() *Figures {
	changes := p.changes
	p.changes = NewFigures()
	return changes
}

// Progress tells how far the partition was read.
func (p *Partition) Progress() Progress { return p.progress }
