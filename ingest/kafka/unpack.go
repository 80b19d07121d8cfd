package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Codec is the packing of a batch, as in its attributes.
type Codec int8

// The codecs that Kafka defines (KIP-110 added the last).
const (
	None Codec = iota
	Gzip
	Snappy
	LZ4
	Zstd
)

// String is Kafka's name of the codec.
func (c Codec) String() string {
	if c < None || c > Zstd {
		return fmt.Sprintf("codec %d", int8(c))
	}
	return [...]string{"none", "gzip", "snappy", "lz4", "zstd"}[c]
}

// MaxUnpacked bounds the records of one batch, in bytes. A producer's batch is about 1 MB (message.max.bytes); what unpacks to
// more than 64 MiB is an attack or an accident.
const MaxUnpacked = 64 << 20

var errTooBig = errors.New("unpacks to more than 64 MiB")

// unpacker unpacks batches into one buffer, valid until the next call. Not for concurrent use; close it.
type unpacker struct {
	out  []byte
	gzip gzip.Reader
	zstd *zstd.Decoder
}

func (u *unpacker) close() {
	if u.zstd != nil {
		u.zstd.Close()
	}
}

// unpack gives the records in src, which None does not copy.
func (u *unpacker) unpack(codec Codec, src []byte) (out []byte, err error) {
	switch codec {
	case None:
		return src, nil
	case Gzip:
		out, err = u.unpackGzip(src)
	case Snappy:
		out, err = u.unpackSnappy(src)
	case LZ4:
		out, err = u.unpackLZ4(src)
	case Zstd:
		out, err = u.unpackZstd(src)
	default:
		return nil, ErrCodec
	}
	if out != nil {
		u.out = out[:0]
	}
	return out, err
}

func (u *unpacker) unpackGzip(src []byte) ([]byte, error) {
	if err := u.gzip.Reset(bytes.NewReader(src)); err != nil {
		return nil, err
	}
	out := grow(u.out[:0], 4*len(src))
	for {
		n, err := u.gzip.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case len(out) > MaxUnpacked:
			return out, errTooBig
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return out, err
		case len(out) == cap(out):
			out = grow(out, len(out))
		}
	}
}

// xerial is the head of snappy-java's framing: magic, version, lowest compatible version; then blocks, each with its length.
const xerial = "\x82SNAPPY\x00"

func (u *unpacker) unpackSnappy(src []byte) ([]byte, error) {
	out := u.out[:0]
	if !bytes.HasPrefix(src, []byte(xerial)) {
		return snappyBlock(out, src)
	}
	if len(src) < 16 {
		return out, io.ErrUnexpectedEOF
	}
	for src = src[16:]; len(src) > 0; {
		if len(src) < 4 {
			return out, io.ErrUnexpectedEOF
		}
		n := int64(binary.BigEndian.Uint32(src))
		if src = src[4:]; n > int64(len(src)) {
			return out, io.ErrUnexpectedEOF
		}
		var err error
		if out, err = snappyBlock(out, src[:n]); err != nil {
			return out, err
		}
		src = src[n:]
	}
	return out, nil
}

func snappyBlock(out, src []byte) ([]byte, error) {
	n, err := s2.DecodedLen(src)
	if err != nil {
		return out, err
	}
	if n > MaxUnpacked-len(out) {
		return out, errTooBig
	}
	out = grow(out, n)
	if _, err = s2.Decode(out[len(out):len(out)+n], src); err != nil {
		return out, err
	}
	return out[:len(out)+n], nil
}

// LZ4 frame format 1.6.1: a descriptor, blocks of at most the descriptor's size, an end mark of 0. Checksums inside are not
// looked at: the batch's CRC covers them, and they would cost a tenth of the reading.
const (
	lz4Magic         = 0x184D2204
	lz4BlockSum      = 0x10
	lz4ContentSize   = 0x08
	lz4ContentSum    = 0x04
	lz4DictID        = 0x01
	lz4Stored        = 1 << 31
	lz4Window        = 64 << 10
	lz4FrameOverhead = 7
)

func (u *unpacker) unpackLZ4(src []byte) ([]byte, error) {
	out := u.out[:0]
	for first := true; first || len(src) > 0; first = false {
		var err error
		if out, src, err = lz4Frame(out, src); err != nil {
			return out, err
		}
	}
	return out, nil
}

// lz4Frame appends one frame to out and gives what follows it.
func lz4Frame(out, src []byte) (dst, rest []byte, err error) {
	if len(src) < lz4FrameOverhead || binary.LittleEndian.Uint32(src) != lz4Magic || src[4]>>6 != 1 {
		return out, nil, errors.New("no lz4 frame")
	}
	flags, blockMax := src[4], 1<<(8+2*(src[5]>>4&7)) // 4: 64 KiB to 7: 4 MiB
	head := lz4FrameOverhead
	if flags&lz4ContentSize != 0 {
		head += 8
	}
	if flags&lz4DictID != 0 || blockMax < 64<<10 || head > len(src) {
		return out, nil, errors.New("lz4 frame descriptor")
	}
	begin := len(out)
	for src = src[head:]; ; {
		if len(src) < 4 {
			return out, nil, io.ErrUnexpectedEOF
		}
		size := binary.LittleEndian.Uint32(src)
		src = src[4:]
		if size == 0 {
			break
		}
		n := int64(size &^ lz4Stored)
		if n > int64(len(src)) || n > int64(blockMax) {
			return out, nil, io.ErrUnexpectedEOF
		}
		if out, err = lz4Block(out, begin, src[:n], size&lz4Stored != 0, blockMax); err != nil {
			return out, nil, err
		}
		if src = src[n:]; flags&lz4BlockSum != 0 {
			src = src[min(4, len(src)):]
		}
	}
	if flags&lz4ContentSum != 0 {
		src = src[min(4, len(src)):]
	}
	return out, src, nil
}

// lz4Block appends one block. Blocks of a frame may reach back into the 64 KiB before them, which lie in out.
func lz4Block(out []byte, begin int, src []byte, stored bool, blockMax int) ([]byte, error) {
	if len(out)+blockMax > MaxUnpacked+4<<20 {
		return out, errTooBig
	}
	out = grow(out, blockMax)
	dst := out[len(out) : len(out)+blockMax]
	n := 0
	if stored {
		n = copy(dst, src)
	} else {
		var err error
		if n, err = lz4.UncompressBlockWithDict(src, dst, out[max(begin, len(out)-lz4Window):]); err != nil {
			return out, err
		}
	}
	if len(out)+n > MaxUnpacked {
		return out, errTooBig
	}
	return out[:len(out)+n], nil
}

func (u *unpacker) unpackZstd(src []byte) ([]byte, error) {
	if u.zstd == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxUnpacked))
		if err != nil {
			return nil, err
		}
		u.zstd = d
	}
	out, err := u.zstd.DecodeAll(src, u.out[:0])
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		err = errTooBig
	}
	return out, err
}

// grow makes room for n more bytes, at least doubling, so that a buffer is copied seldom and kept for the next batch.
func grow(b []byte, n int) []byte {
	if cap(b)-len(b) >= n && cap(b) > len(b) {
		return b
	}
	out := make([]byte, len(b), max(len(b)+n, 2*cap(b), 64<<10))
	copy(out, b)
	return out
}
