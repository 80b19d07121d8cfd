package sql

import (
	"encoding/binary"

	"github.com/ClickHouse/ch-go/proto"
)

// Packed is a column of texts in the form in which a block carries them: of each its length (uvarint), then its bytes. Its memory has
// no pointers. One owner.
type Packed struct {
	wire []byte
	rows int
}

// Append adds a copy of text.
func (p *Packed) Append(text []byte) {
	if len(text) < 0x80 { // one length byte
		p.wire = append(p.wire, byte(len(text)))
	} else {
		p.wire = binary.AppendUvarint(p.wire, uint64(len(text)))
	}
	p.wire = append(p.wire, text...)
	p.rows++
}

// Cap is how many bytes of memory it has.
func (p *Packed) Cap() int { return cap(p.wire) }

func (p *Packed) reset() { p.wire, p.rows = p.wire[:0], 0 }

// texts gives each by itself; they share one allocation.
func (p *Packed) texts() []string {
	out, rest := make([]string, 0, p.rows), string(p.wire)
	for at := 0; at < len(rest); {
		n, width := binary.Uvarint(p.wire[at:])
		at += width
		out = append(out, rest[at:at+int(n)])
		at += int(n)
	}
	return out
}

// Type is the column's type on the wire; a LowCardinality column of the table converts it.
func (p *Packed) Type() proto.ColumnType { return proto.ColumnTypeString }

// Rows is the number of texts.
func (p *Packed) Rows() int { return p.rows }

// EncodeColumn appends all texts.
func (p *Packed) EncodeColumn(b *proto.Buffer) { b.Buf = append(b.Buf, p.wire...) }

// WriteColumn is ch-go's other way to write; this package encodes only.
func (p *Packed) WriteColumn(w *proto.Writer) { w.ChainBuffer(p.EncodeColumn) }
