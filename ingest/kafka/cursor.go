package kafka

import (
	"errors"
	"fmt"
	"hash/crc32"
)

// Tail names a batch for ever: where it begins, the checksum of its bytes, and the leader epoch in which it was written.
// NoTail stands where no batch has been read yet.
type Tail struct {
	BaseOffset  int64
	CRC         uint32
	LeaderEpoch int32
}

// NoTail is the tail before the first batch: CheckTail passes it.
func NoTail() Tail { return Tail{BaseOffset: -1} }

// cursor gives the records of fetched bytes one by one: CRC, aborted and control batches, unpacking. It does no I/O and
// allocates nothing once its buffers have grown.
//
// Invariants: records come in strictly rising offsets, none below the position that open was given; position is the offset
// after everything that was given or passed; after an error next stays false until the next open.
type cursor struct {
	topic     string
	partition int32
	position  int64
	tail      Tail // of the batch that ends or holds position-1
	rec       Record
	err       error

	rest   []byte // batches not yet opened
	least  int64  // lowest offset that the next record or batch may have
	txns   txnFilter
	batch  batch  // the open one
	data   []byte // its records, unpacked
	pos    int    // of the next record in data
	left   int32  // records not yet read
	unpack unpacker
	crc    *crc32.Table
}

func newCursor(topic string, partition int32) *cursor {
	return &cursor{topic: topic, partition: partition, tail: NoTail(), crc: castagnoli()}
}

// open begins with the bytes of a fetch at offset. records and aborted stay untouched by others until the next open.
func (c *cursor) open(offset int64, records []byte, aborted []abortedTxn) {
	c.position, c.rest = offset, records
	c.least, c.left, c.err = 0, 0, nil
	c.txns.reset(aborted)
}

// next puts the next record into rec. false without err: the bytes are used up.
func (c *cursor) next() bool {
	for c.err == nil {
		if c.left == 0 && !c.nextBatch() {
			return false
		}
		if c.left > 0 && c.nextRecord() {
			return true
		}
	}
	return false
}

// nextRecord reads one record of the open batch; false where it lies before the position, or on an error.
func (c *cursor) nextRecord() bool {
	pos, err := readRecord(c.data, c.pos, &c.rec, &c.batch)
	c.left--
	switch {
	case err != nil:
		return c.fail(ErrMalformed, "%v: %s", err, mend(c.batch.last()+1))
	case c.rec.Offset < c.least:
		return c.fail(ErrMalformed, "its offsets do not rise: %s", mend(c.batch.last()+1))
	case c.left == 0 && pos != len(c.data):
		return c.fail(ErrMalformed, "it holds more bytes than its records: %s", mend(c.batch.last()+1))
	}
	c.pos, c.least = pos, c.rec.Offset+1
	fresh := c.rec.Offset >= c.position
	if fresh {
		c.position, c.tail = c.rec.Offset+1, c.batch.tail()
	}
	if c.left == 0 {
		c.pass() // offsets after the last record are compacted away
	}
	return fresh
}

// nextBatch opens the next batch that holds records for us. Batches that hold none are passed, with position and tail.
func (c *cursor) nextBatch() bool {
	for {
		raw, rest, length, ok := splitBatch(c.rest)
		if !ok {
			if length < 0 {
				c.batch.base = c.position
				return c.fail(ErrMalformed, "its length is %d: %s", length, mend(0))
			}
			return false
		}
		c.batch, c.rest = readBatch(raw), rest
		if !c.check() {
			return false
		}
		c.least = c.batch.base
		dropped := c.txns.drops(&c.batch)
		if dropped || c.batch.is(controlBatch) || c.batch.count == 0 || c.batch.last() < c.position {
			c.pass()
			continue
		}
		return c.unpackBatch()
	}
}

// check holds the batch against its checksum and its header against itself.
func (c *cursor) check() bool {
	h := &c.batch
	if h.magic != 2 {
		return c.fail(ErrMalformed, "its format is version %d, we read 2: produce with Kafka 0.11 (2017) or newer", h.magic)
	}
	if sum := h.sum(c.crc); sum != h.crc {
		return c.fail(ErrCRC, "its bytes sum to %08x, sealed was %08x: mend the broker's disk or fail over to a sound replica; it goes on by itself", sum, h.crc)
	}
	if h.base < c.least || h.lastDelta < 0 || h.count < 0 || int64(h.count) > int64(h.lastDelta)+1 || h.base > 1<<62 {
		return c.fail(ErrMalformed, "its header says offsets %d to %d and %d records, after offset %d: %s", h.base, h.last(), h.count, c.least-1, mend(0))
	}
	return true
}

func (c *cursor) unpackBatch() bool {
	h := &c.batch
	data, err := c.unpack.unpack(h.codec(), h.payload())
	switch {
	case errors.Is(err, ErrCodec):
		return c.fail(ErrCodec, "%v is none that Kafka defines: %s", h.codec(), mend(h.last()+1))
	case errors.Is(err, errTooBig):
		return c.fail(ErrTooBig, "%v batch of %d bytes %v: %s", h.codec(), len(h.raw), err, mend(h.last()+1))
	case err != nil:
		return c.fail(ErrMalformed, "it does not unpack as %v (%v): %s", h.codec(), err, mend(h.last()+1))
	}
	c.data, c.pos, c.left = data, 0, h.count
	return true
}

// pass moves position and tail behind the open batch.
func (c *cursor) pass() {
	c.left = 0
	c.least = c.batch.last() + 1
	if c.least > c.position {
		c.position, c.tail = c.least, c.batch.tail()
	}
}

func (h *batch) tail() Tail { return Tail{BaseOffset: h.base, CRC: h.crc, LeaderEpoch: h.leaderEpoch} }

// mend is what leads past a batch that nobody can read, before an offset or, where its header cannot be believed, 0. A new ledger begins
// where the log begins, so it would stop here as well.
func mend(before int64) string {
	where := "up to the batch's end"
	if before > 0 {
		where = fmt.Sprintf("before offset %d", before)
	}
	return "mend the producer; nothing passes over the batch while the log has it: delete this partition's records " + where +
		" in Kafka (kafka-delete-records), sign the gap off with the command that the partition's next stop names, and send its orders again"
}

// fail keeps the error; the partition stops here.
func (c *cursor) fail(kind Kind, format string, args ...any) bool {
	c.left = 0
	c.err = &LogError{
		Kind: kind, Topic: c.topic, Partition: c.partition, Offset: c.batch.base, LogStart: -1,
		Text: "the batch there is bad: " + fmt.Sprintf(format, args...),
	}
	return false
}
