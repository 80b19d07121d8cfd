package kafka

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/pierrec/lz4/v4"
)

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
