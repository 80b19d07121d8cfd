package ingest

import (
	"bytes"
	"fmt"

	"festival/aggregate"
	"festival/ingest/decode"
	"festival/ingest/kafka"
)

// lookahead is how many records are decoded before they are counted. The set of fingerprints and a
// segment's merchants are larger than the caches; touching the places of several records at once makes their waits for memory overlap.
const lookahead = 16

// aheadRecord is a decoded record that waits for its verdict.
type aheadRecord struct {
	scratch []byte       // order's strings stand in it
	rec     kafka.Record // without Key and Value, which are gone with the next record
	order   aggregate.Order
	hint    aggregate.Hint
	reason  aggregate.Reason
	keyOK   bool
	rejects int // rejects in the batch before this record
}

// decodeAhead decodes up to lookahead records; fewer mean that the fetched bytes are used up. A reject is kept at
// once, while its bytes are there.
func (p *partition) decodeAhead() (n int) {
	p.hints = p.hints[:0]
	for n < lookahead && p.reader.Next() {
		rec, a := p.reader.Record(), &p.ahead[n]
		if a.scratch == nil {
			a.scratch = make([]byte, decode.ScratchBytes)
		}
		a.rejects = len(p.filling.rejects)
		a.rec = kafka.Record{Offset: rec.Offset, KafkaMs: rec.KafkaMs, Rehearsal: rec.Rehearsal}
		p.decoder.Use(a.scratch)
		if a.reason = p.decoder.Decode(rec.Value, rec.KafkaMs, &a.order); a.reason == aggregate.Accepted {
			a.keyOK = bytes.Equal(rec.Key, a.order.OrderID)
			a.hint = p.core.Hint(&a.order)
			p.hints = append(p.hints, a.hint)
		} else {
			p.filling.reject(p.id, rec, a.reason)
		}
		n++
	}
	p.core.Touch(p.hints)
	return n
}

// countAhead gives the decoded records their verdicts, in offset order. At an error the position stays before the
// record that failed, and nothing of it or of those behind it is kept.
func (p *partition) countAhead(n int) error {
	for i := range p.ahead[:n] {
		a := &p.ahead[i]
		if err := p.count(a); err != nil {
			p.filling.dropRejects(a.rejects)
			p.position = a.rec.Offset
			return fmt.Errorf("partition %d, offset %d: %w", p.id, a.rec.Offset, err)
		}
	}
	return nil
}

// count gives one record its verdict. An error means that the record has not been counted.
func (p *partition) count(a *aheadRecord) error {
	if a.reason != aggregate.Accepted {
		if err := p.core.Reject(a.reason, a.rec.Offset, a.rec.KafkaMs, a.rec.Rehearsal); err != nil {
			return err
		}
		p.verdicts[aggregate.Rejected]++
		p.metrics.reject(a.reason)
		return nil
	}
	verdict, fen, err := p.core.CountHint(&a.hint, &a.order, a.rec.Offset, a.rec.KafkaMs, a.keyOK, a.rec.Rehearsal)
	if err != nil {
		return err
	}
	p.filling.order(p.id, &a.rec, &a.order, verdict, fen, a.keyOK)
	p.verdicts[verdict]++
	return nil
}
