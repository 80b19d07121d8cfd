package sql

import (
	"context"

	"github.com/ClickHouse/ch-go/proto"
)

// InsertOrderParts stores the rows of several partitions in one insert, hence one block and one part, together at most
// MaxRows. Over HTTP nothing is copied but the bytes on the wire; the native protocol's batches want one slice a
// column, so there the parts are put together first.
func (s *Store) InsertOrderParts(ctx context.Context, ledger uint64, parts []*OrderBatch) error {
	if !s.http {
		var all Orders
		for _, p := range parts {
			all.Concat(p.unpacked())
		}
		return s.InsertOrders(ctx, ledger, &all)
	}
	n := 0
	columns := (&Orders{}).columns()
	chains := make([]chain, len(columns))
	for _, p := range parts {
		n += p.Len()
		for i, c := range p.inputs() {
			chains[i] = append(chains[i], c)
		}
	}
	all := []column{ledgerOf(ledger, n)}
	for i, c := range columns {
		all = append(all, chained{c, chains[i]})
	}
	return s.insert(ctx, "orders_insert", n, all...)
}

// chained is a column whose rows lie in several places.
type chained struct {
	column
	rows chain
}

func (c chained) input() proto.ColInput { return c.rows }

// chain is several inputs of one type as one; it has at least one.
type chain []proto.ColInput

// Type is the type of all of them.
func (c chain) Type() proto.ColumnType { return c[0].Type() }

// Rows is the sum.
func (c chain) Rows() (n int) {
	for _, part := range c {
		n += part.Rows()
	}
	return n
}

// EncodeColumn appends one after the other.
func (c chain) EncodeColumn(b *proto.Buffer) {
	for _, part := range c {
		part.EncodeColumn(b)
	}
}

// WriteColumn is ch-go's other way to write; this package encodes only.
func (c chain) WriteColumn(w *proto.Writer) { w.ChainBuffer(c.EncodeColumn) }
