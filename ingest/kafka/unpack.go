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
