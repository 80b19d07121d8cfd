package sql

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ClickHouse/ch-go/proto"
)

// texts is a column of strings. Decoded strings of a block share one allocation.
type texts struct {
	to  *[]string
	one string
	raw textResult
}

func textsOf(to *[]string) column { return &texts{to: to} }

func (c *texts) input() proto.ColInput { return textInput(*c.to) }
func (c *texts) values() any           { return *c.to }
func (c *texts) scan() any             { return &c.one }
func (c *texts) push()                 { *c.to = append(*c.to, c.one) }
func (c *texts) reset()                { *c.to = (*c.to)[:0] }

func (c *texts) result(in *bufio.Reader) proto.ColResult {
	c.raw.in = in
	return &c.raw
}

func (c *texts) decoded() {
	all, from := string(c.raw.bytes), 0
	*c.to = (*c.to)[:0]
	for _, end := range c.raw.ends {
		*c.to = append(*c.to, all[from:end])
		from = end
	}
}

// maxText bounds the length of one string of an answer, bytes: what the server keeps of a query at most.
const maxText = 1 << 30

// textResult decodes strings, length as uvarint and then the bytes, many at a time from what is buffered. ch-go's ColStr asks its reader
// for each byte of a length and for each string, which costs more than all else that is done with a raw order at a takeover.
type textResult struct {
	in    *bufio.Reader
	bytes []byte
	ends  []int
}

// Type is the column's type on the wire.
func (*textResult) Type() proto.ColumnType { return proto.ColumnTypeString }

// Rows is the number of strings.
func (c *textResult) Rows() int { return len(c.ends) }

// Reset empties the column and keeps its memory.
func (c *textResult) Reset() { c.bytes, c.ends = c.bytes[:0], c.ends[:0] }

// DecodeColumn reads so many strings, from in: see column.
func (c *textResult) DecodeColumn(_ *proto.Reader, rows int) error {
	c.Reset()
	for len(c.ends) < rows {
		window, _ := c.in.Peek(c.in.Buffered()) // never more than there is, so no error
		if _, err := c.in.Discard(c.take(window, rows)); err != nil {
			return err
		}
		if len(c.ends) < rows {
			if err := c.one(); err != nil {
				return fmt.Errorf("string %d of %d: %w", len(c.ends), rows, err)
			}
		}
	}
	return nil
}

// take decodes the strings of less than 128 bytes that window begins with, and says how many bytes they are.
func (c *textResult) take(window []byte, rows int) (used int) {
	for len(c.ends) < rows && used < len(window) && window[used] < 0x80 {
		from := used + 1
		to := from + int(window[used])
		if to > len(window) {
			break
		}
		c.bytes = append(c.bytes, window[from:to]...)
		c.ends = append(c.ends, len(c.bytes))
		used = to
	}
	return used
}

// one decodes one string, however long or cut it lies in the buffer.
func (c *textResult) one() error {
	n, err := binary.ReadUvarint(c.in)
	if err != nil {
		return cut(err)
	}
	if n > maxText {
		return fmt.Errorf("its length of %d bytes is more than %d", n, maxText)
	}
	before := len(c.bytes)
	c.bytes = slices.Grow(c.bytes, int(n))[:before+int(n)]
	if _, err := io.ReadFull(c.in, c.bytes[before:]); err != nil {
		return cut(err)
	}
	c.ends = append(c.ends, len(c.bytes))
	return nil
}

// cut: an answer that ends within a column is no end of the answer.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// textInput encodes strings straight from the caller's slice: length as uvarint, then the bytes.
type textInput []string

// Type is the column's type on the wire; a LowCardinality column of the table converts it.
func (textInput) Type() proto.ColumnType { return proto.ColumnTypeString }

// Rows is the number of strings.
func (c textInput) Rows() int { return len(c) }

// EncodeColumn appends all strings.
func (c textInput) EncodeColumn(b *proto.Buffer) {
	buf := b.Buf
	for _, s := range c {
		if len(s) < 0x80 { // fast path: one length byte
			buf = append(buf, byte(len(s)))
		} else {
			buf = binary.AppendUvarint(buf, uint64(len(s)))
		}
		buf = append(buf, s...)
	}
	b.Buf = buf
}

// WriteColumn is ch-go's other way to write; this package encodes only.
func (c textInput) WriteColumn(w *proto.Writer) { w.ChainBuffer(c.EncodeColumn) }
