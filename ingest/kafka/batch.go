package kafka

import (
	"encoding/binary"
	"hash/crc32"
)

// Layout of a record batch, version 2 (Kafka documentation, "Record Batch"): 61 bytes of header, then the records, perhaps
// packed. The CRC-32C covers everything from the attributes on.
const (
	batchPrefix   = 12 // base offset and length, which the length does not count
	batchOverhead = 61
	batchLeast    = 5 // a length that reaches the magic, which formats 0 and 1 have at the same place
	crcFrom       = 21

	codecMask     = 0x07
	logAppendTime = 0x08
	transactional = 0x10
	controlBatch  = 0x20
)

// batch is a header, with the bytes it stands on.
type batch struct {
	base        int64
	leaderEpoch int32
	magic       int8
	crc         uint32
	attributes  int16
	lastDelta   int32
	firstMs     int64
	maxMs       int64
	producer    int64
	count       int32
	raw         []byte // the whole batch
}

// splitBatch cuts the first batch off b. ok is false where b holds no whole one. length is that of the batch, negative where it
// can be none.
func splitBatch(b []byte) (raw, rest []byte, length int, ok bool) {
	if len(b) < batchPrefix {
		return nil, b, 0, false
	}
	length = int(int32(binary.BigEndian.Uint32(b[8:])))
	if length < batchLeast {
		return nil, b, -1, false
	}
	if len(b)-batchPrefix < length {
		return nil, b, length, false
	}
	n := batchPrefix + length
	return b[:n:n], b[n:], length, true
}

// readBatch reads the header of a whole batch. magic tells whether it is one at all: then raw has at least batchOverhead bytes.
func readBatch(raw []byte) batch {
	h := batch{raw: raw, base: int64(binary.BigEndian.Uint64(raw)), magic: int8(raw[16])}
	if h.magic != 2 || len(raw) < batchOverhead {
		h.magic = min(h.magic, 1)
		return h
	}
	h.leaderEpoch = int32(binary.BigEndian.Uint32(raw[12:]))
	h.crc = binary.BigEndian.Uint32(raw[17:])
	h.attributes = int16(binary.BigEndian.Uint16(raw[21:]))
	h.lastDelta = int32(binary.BigEndian.Uint32(raw[23:]))
	h.firstMs = int64(binary.BigEndian.Uint64(raw[27:]))
	h.maxMs = int64(binary.BigEndian.Uint64(raw[35:]))
	h.producer = int64(binary.BigEndian.Uint64(raw[43:]))
	h.count = int32(binary.BigEndian.Uint32(raw[57:]))
	return h
}

func (h *batch) last() int64               { return h.base + int64(h.lastDelta) }
func (h *batch) codec() Codec              { return Codec(h.attributes & codecMask) }
func (h *batch) is(flag int16) bool        { return h.attributes&flag != 0 }
func (h *batch) payload() []byte           { return h.raw[batchOverhead:] }
func (h *batch) sum(t *crc32.Table) uint32 { return crc32.Checksum(h.raw[crcFrom:], t) }

// castagnoli is CRC-32C, which the processor has an instruction for.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// endOfBatches is the offset after the last whole batch in records, or from where there is none. It trusts headers that
// nobody has checked: good for reading ahead, not for a position.
func endOfBatches(records []byte, from int64) int64 {
	for {
		raw, rest, _, ok := splitBatch(records)
		if !ok || len(raw) < batchOverhead {
			return from
		}
		h := readBatch(raw)
		from, records = h.last()+1, rest
	}
}
