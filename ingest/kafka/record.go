package kafka

import "errors"

// RehearsalHeader marks every record that festival rehearse wrote.
const RehearsalHeader = "festival-rehearsal"

// SignatureHeader carries the signature of a record of the frames topic.
const SignatureHeader = "festival-sig"

// Record is one record of the log. Key and Value alias the reader's buffer: they are valid until the next call of
// Reader.Next or Reader.Fetch. A null key or value is nil.
type Record struct {
	Offset    int64
	KafkaMs   int64 // Unix ms: the producer's, or the batch's where the topic says LogAppendTime; below 1 where there is none
	Key       []byte
	Value     []byte
	Rehearsal bool   // the header RehearsalHeader is present, whatever its value
	Signature []byte // value of the header SignatureHeader, the last one where it comes twice; aliases as Value does
}

var errRecord = errors.New("a record runs past its batch")

// readRecord reads the record at pos of the unpacked records of h and gives the position after it. All lengths are checked
// against the record's own, so hostile bytes give errRecord, never a panic.
func readRecord(b []byte, pos int, r *Record, h *batch) (int, error) {
	length, pos := varint(b, pos)
	if pos < 0 || length < 0 || length > int64(len(b)-pos) {
		return 0, errRecord
	}
	end := pos + int(length)
	b = b[:end]
	ms, pos := varint(b, pos+1) // after the attributes, which mean nothing yet
	delta, pos := varint(b, pos)
	if delta < 0 || delta > int64(h.lastDelta) {
		return 0, errRecord
	}
	r.Offset = h.base + delta
	r.KafkaMs = h.firstMs + ms
	if h.attributes&logAppendTime != 0 {
		r.KafkaMs = h.maxMs
	}
	r.Key, pos = lengthed(b, pos)
	r.Value, pos = lengthed(b, pos)
	headers, pos := varint(b, pos)
	r.Rehearsal, r.Signature = false, nil
	if headers != 0 {
		pos = readHeaders(b, pos, headers, r)
	}
	if pos != end {
		return 0, errRecord
	}
	return end, nil
}

func readHeaders(b []byte, pos int, n int64, r *Record) int {
	if n < 0 || n > int64(len(b)) {
		return -1
	}
	for ; n > 0 && pos >= 0; n-- {
		var key, value []byte
		key, pos = lengthed(b, pos)
		value, pos = lengthed(b, pos)
		switch string(key) {
		case RehearsalHeader:
			r.Rehearsal = true
		case SignatureHeader:
			r.Signature = value
		}
	}
	return pos
}

// lengthed reads a length and so many bytes; a negative length is null.
func lengthed(b []byte, pos int) ([]byte, int) {
	n, pos := varint(b, pos)
	if pos < 0 || n > int64(len(b)-pos) {
		return nil, -1
	}
	if n < 0 {
		return nil, pos
	}
	end := pos + int(n)
	return b[pos:end:end], end
}

// varint reads a zigzag number at pos and gives the position after it, -1 where there is none. A position of -1 stays -1, so a
// chain of reads is checked once at its end.
func varint(b []byte, pos int) (int64, int) {
	var u uint64
	for shift := uint(0); shift < 64; shift += 7 {
		if uint(pos) >= uint(len(b)) {
			return 0, -1
		}
		c := b[pos]
		pos++
		if c < 0x80 {
			if shift == 63 && c > 1 {
				return 0, -1
			}
			u |= uint64(c) << shift
			return int64(u>>1) ^ -int64(u&1), pos
		}
		u |= uint64(c&0x7f) << shift
	}
	return 0, -1
}
