package sql

import (
	"sync/atomic"

	"github.com/ClickHouse/ch-go/proto"
)

const columnHead = 64 // bytes: a column's name and type, as long as any is here

// spareBlock keeps one encoded block's memory for the next insert. A flush inserts one table after the other, so one is enough: an insert
// beside it makes its own. A sync.Pool would be emptied at each collection, and a block that grows from nothing is copied five times.
type spareBlock struct{ buf atomic.Pointer[proto.Buffer] }

// take gives an empty buffer with room for size bytes. One owner, until give.
func (s *spareBlock) take(size int) *proto.Buffer {
	buf := s.buf.Swap(nil)
	if buf == nil || cap(buf.Buf) < size {
		return &proto.Buffer{Buf: make([]byte, 0, size+size/8)}
	}
	buf.Reset()
	return buf
}

func (s *spareBlock) give(buf *proto.Buffer) { s.buf.Store(buf) }

// blockSize is about how many bytes the columns take in a block; exact for packed texts, which are most of the bytes.
func blockSize(columns []proto.InputColumn) (size int) {
	for _, c := range columns {
		size += columnHead + inputSize(c.Data)
	}
	return size
}

func inputSize(c proto.ColInput) int {
	switch c := c.(type) {
	case chain:
		size := 0
		for _, part := range c {
			size += inputSize(part)
		}
		return size
	case *Packed:
		return len(c.wire)
	case *proto.ColUInt8:
		return len(*c)
	case *proto.ColInt32:
		return 4 * len(*c)
	default: // 64 bits, or a short text
		return 8 * c.Rows()
	}
}
