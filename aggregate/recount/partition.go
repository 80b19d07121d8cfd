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
// open segment and one fingerprint an event, 21 to 27 bytes.
type Partition struct {
	rules     *Rules
	partition int32
	start     int64
	progress  Progress
	seen      keySet
	segment   int64 // the open one
	counts    *counts
	finished  []Segment
	prev      [32]byte // seal of the segment before the open one
}

// NewPartition begins a recount at the recorded start of the partition's log.
func NewPartition(rules *Rules, partition int32, start int64) *Partition {
	return &Partition{rules: rules, partition: partition, start: start, progress: Progress{Next: start},
		segment: start / rules.Stride, counts: newCounts(len(rules.Windows)), prev: rules.Ledger}
}

// Feed reads the next record and counts it. Offsets rise from call to call; gaps are fine. An error is a broken
// world (an offset that falls, a sum past 2^53-1), never a bad record; the partition is of no use after it.
func (p *Partition) Feed(r Record) (Entry, error) {
	e := Entry{Offset: r.Offset, KafkaMs: r.KafkaMs, Rehearsal: r.Rehearsal}
	if e.Reason = decode(r.Value, r.KafkaMs, p.rules, &e.Order); e.Reason != "" {
		e.Order = Order{}
	}
	e.KeyOK = e.Reason == "" && string(r.Key) == e.Order.OrderID
	err := p.count(&e)
	return e, err
}

// Count counts an entry that somebody has read already (a raw row), and fills in Fen and Verdict by the rules,
// whatever they held.
func (p *Partition) Count(e Entry) (Entry, error) {
	err := p.count(&e)
	return e, err
}

func (p *Partition) count(e *Entry) error {
	if err := p.Advance(e.Offset); err != nil {
		return err
	}
	if err := p.judge(e); err != nil {
		return fmt.Errorf("partition %d offset %d: %w", p.partition, e.Offset, err)
	}
	return p.Advance(e.Offset + 1)
}

func (p *Partition) judge(e *Entry) error {
	e.Fen = 0
	if e.KafkaMs >= 1 { // a Kafka time below 1 is no time
		p.progress.LastMs = e.KafkaMs
	}
	if e.Rehearsal {
		p.counts.one("rehearsal")
	}
	if e.Reason == "" {
		return p.accept(e)
	}
	e.Verdict = Rejected
	p.counts.one("rejected:" + e.Reason)
	return nil
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
		p.counts.one("miskeyed")
	}
	window, inside := p.rules.Window(eventMs)
	switch {
	case p.sawBefore(&e.Order):
		e.Verdict = Duplicate
		p.counts.one("duplicates")
	case !inside:
		e.Verdict = Outside
		p.counts.one("outside")
	default:
		e.Verdict = Counted
		return p.counts.count(&e.Order, e.Fen, window)
	}
	return nil
}

// sawBefore asks for the duplicate key (order_id, status, and for refunded the refund_id) and remembers it. Of the
// key the first 128 bits of its SHA-256 are kept: two of 10^12 events agree by chance once in 10^14 festivals.
func (p *Partition) sawBefore(o *Order) bool {
	key := append(make([]byte, 0, 256), o.Status...)
	key = append(key, 0)
	if o.Status == "refunded" {
		key = append(binary.BigEndian.AppendUint32(key, uint32(len(o.RefundID))), o.RefundID...)
	}
	sum := sha256.Sum256(append(key, o.OrderID...))
	return !p.seen.add([16]byte(sum[:16]))
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
func (p *Partition) Changes() *Figures { return p.counts.take() }

// Progress tells how far the partition was read.
func (p *Partition) Progress() Progress { return p.progress }
