package kafka

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/bits"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// BatchBytes is when an Encoder is full, in bytes of unpacked records: under the brokers' default message.max.bytes of 1,048,588
// even where packing does not help.
const BatchBytes = 1_000_000

// Header is one record header.
type Header struct{ Key, Value string }

// Encoder builds one record batch (version 2) of one partition: Append until Full, hand it to Producer.Send, Reset. It
// allocates nothing once it has grown. Not for concurrent use.
type Encoder struct {
	codec   Codec
	headers []byte // count and headers of every record, encoded
	raw     []byte // records
	packed  bytes.Buffer
	made    []byte // the records, packed: of a batch that Packed has made; nil otherwise
	out     []byte // size prefix and batch, as RawRecordSet wants them
	count   int32
	first   int64
	max     int64
	crc     *crc32.Table
	lz4     *lz4.Writer
	gzip    *gzip.Writer
	zstd    *zstd.Encoder
}

// NewEncoder packs by codec and gives every record the headers.
func NewEncoder(codec Codec, headers ...Header) (*Encoder, error) {
	e := &Encoder{codec: codec, crc: castagnoli()}
	e.SetHeaders(headers...)
	var err error
	switch codec {
	case None, Snappy:
	case Gzip:
		e.gzip, err = gzip.NewWriterLevel(nil, gzip.BestSpeed)
	case LZ4:
		e.lz4 = lz4.NewWriter(nil)
		err = e.lz4.Apply(lz4.ChecksumOption(false), lz4.BlockSizeOption(lz4.Block64Kb), lz4.ConcurrencyOption(1))
	case Zstd:
		e.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false))
	default:
		err = ErrCodec
	}
	if err != nil {
		return nil, fmt.Errorf("encoder for %v: %w", codec, err)
	}
	return e, nil
}

// SetHeaders gives the records that are appended from now on these headers and no others.
func (e *Encoder) SetHeaders(headers ...Header) {
	e.headers = binary.AppendVarint(e.headers[:0], int64(len(headers)))
	for _, h := range headers {
		e.headers = append(binary.AppendVarint(e.headers, int64(len(h.Key))), h.Key...)
		e.headers = append(binary.AppendVarint(e.headers, int64(len(h.Value))), h.Value...)
	}
}

// Len is the number of records.
func (e *Encoder) Len() int { return int(e.count) }

// Full says that the batch should go before another record is appended.
func (e *Encoder) Full() bool { return len(e.raw) >= BatchBytes-2048 }

// Packed gives the batch as it is with its records packed, to be sent as often as wanted and however much later, at no more cost
// than its bytes. Nothing can be appended to it; e stays as it was.
func (e *Encoder) Packed() (*Encoder, error) {
	payload, err := e.pack()
	if err != nil {
		return nil, fmt.Errorf("pack batch as %v: %w", e.codec, err)
	}
	return &Encoder{codec: e.codec, made: bytes.Clone(payload), count: e.count, first: e.first, max: e.max, crc: e.crc}, nil
}

// Reset empties the batch.
func (e *Encoder) Reset() { e.raw, e.made, e.count = e.raw[:0], nil, 0 }

// Append adds a record with its own create time in Unix ms. Key and value are copied; nil is null.
func (e *Encoder) Append(key, value []byte, ms int64) {
	if e.count == 0 {
		e.first, e.max = ms, ms
	}
	e.max = max(e.max, ms)
	ms -= e.first
	delta := int64(e.count)
	size := 1 + varintLen(ms) + varintLen(delta) + bytesLen(key) + bytesLen(value) + len(e.headers)
	b := binary.AppendVarint(e.raw, int64(size))
	b = append(b, 0)
	b = binary.AppendVarint(b, ms)
	b = binary.AppendVarint(b, delta)
	b = appendBytes(b, key)
	b = appendBytes(b, value)
	e.raw = append(b, e.headers...)
	e.count++
}

func varintLen(v int64) int {
	return (bits.Len64(uint64(v<<1)^uint64(v>>63)|1) + 6) / 7
}

func bytesLen(b []byte) int {
	if b == nil {
		return 1
	}
	return varintLen(int64(len(b))) + len(b)
}

func appendBytes(to, b []byte) []byte {
	if b == nil {
		return append(to, 1) // -1
	}
	return append(binary.AppendVarint(to, int64(len(b))), b...)
}

// seal packs the records and writes the header. The batch, with its size before it, is valid until the next call.
func (e *Encoder) seal(producer int64, epoch int16, sequence int32) ([]byte, error) {
	payload, err := e.pack()
	if err != nil {
		return nil, fmt.Errorf("pack batch as %v: %w", e.codec, err)
	}
	b := e.out[:0]
	b = binary.BigEndian.AppendUint32(b, uint32(batchOverhead+len(payload)))
	b = binary.BigEndian.AppendUint64(b, 0) // base offset: the broker's
	b = binary.BigEndian.AppendUint32(b, uint32(batchOverhead-batchPrefix+len(payload)))
	b = binary.BigEndian.AppendUint32(b, ^uint32(0)) // leader epoch: the broker's
	b = append(b, 2, 0, 0, 0, 0)                     // magic, CRC
	b = binary.BigEndian.AppendUint16(b, uint16(e.codec))
	b = binary.BigEndian.AppendUint32(b, uint32(e.count-1))
	b = binary.BigEndian.AppendUint64(b, uint64(e.first))
	b = binary.BigEndian.AppendUint64(b, uint64(e.max))
	b = binary.BigEndian.AppendUint64(b, uint64(producer))
	b = binary.BigEndian.AppendUint16(b, uint16(epoch))
	b = binary.BigEndian.AppendUint32(b, uint32(sequence))
	b = binary.BigEndian.AppendUint32(b, uint32(e.count))
	b = append(b, payload...)
	binary.BigEndian.PutUint32(b[4+17:], crc32.Checksum(b[4+crcFrom:], e.crc))
	e.out = b
	return b, nil
}

func (e *Encoder) pack() ([]byte, error) {
	if e.made != nil {
		return e.made, nil
	}
	e.packed.Reset()
	switch e.codec {
	case Gzip:
		e.gzip.Reset(&e.packed)
		return e.finish(e.gzip.Write, e.gzip.Close)
	case LZ4:
		e.lz4.Reset(&e.packed)
		return e.finish(e.lz4.Write, e.lz4.Close)
	case Snappy:
		e.packed.Grow(s2.MaxEncodedLen(len(e.raw)))
		return s2.EncodeSnappy(e.packed.AvailableBuffer()[:e.packed.Available()], e.raw), nil
	case Zstd:
		e.packed.Grow(len(e.raw) / 2)
		return e.zstd.EncodeAll(e.raw, e.packed.AvailableBuffer()), nil
	}
	return e.raw, nil
}

func (e *Encoder) finish(write func([]byte) (int, error), done func() error) ([]byte, error) {
	if _, err := write(e.raw); err != nil {
		return nil, err
	}
	if err := done(); err != nil {
		return nil, err
	}
	return e.packed.Bytes(), nil
}
