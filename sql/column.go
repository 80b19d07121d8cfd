package sql

import (
	"bufio"

	"github.com/ClickHouse/ch-go/proto"
)

// column is one column of a block: what a statement's column list or SELECT has at that place. It refers to the
// caller's slice, in both directions; nothing is copied but the bytes on the wire.
type column interface {
	input() proto.ColInput // for an encoded block (HTTP)
	values() any           // for clickhouse-go's batch.Column(i).Append (native protocol)
	// result decodes one block from in into the column's own memory (HTTP). in is what the proto.Reader of its DecodeColumn reads
	// from, with nothing in between.
	result(in *bufio.Reader) proto.ColResult
	decoded()  // hands the decoded block to the caller's slice
	scan() any // where clickhouse-go scans one value (native protocol)
	push()     // appends the scanned value to the caller's slice
	reset()    // empties the caller's slice
}

// numbers is a column of fixed-width values. W is ch-go's slice type of the same elements.
type numbers[T any] struct {
	to   *[]T
	one  T
	wire func(*[]T) proto.Column
}

func (c *numbers[T]) input() proto.ColInput                { return c.wire(c.to) }
func (c *numbers[T]) values() any                          { return *c.to }
func (c *numbers[T]) result(*bufio.Reader) proto.ColResult { return c.wire(c.to) }
func (c *numbers[T]) decoded()                             {}
func (c *numbers[T]) scan() any                            { return &c.one }
func (c *numbers[T]) push()                                { *c.to = append(*c.to, c.one) }
func (c *numbers[T]) reset()                               { *c.to = (*c.to)[:0] }

func int64s(to *[]int64) column {
	return &numbers[int64]{to: to, wire: func(v *[]int64) proto.Column { return (*proto.ColInt64)(v) }}
}

func uint64s(to *[]uint64) column {
	return &numbers[uint64]{to: to, wire: func(v *[]uint64) proto.Column { return (*proto.ColUInt64)(v) }}
}

func int32s(to *[]int32) column {
	return &numbers[int32]{to: to, wire: func(v *[]int32) proto.Column { return (*proto.ColInt32)(v) }}
}

func uint8s(to *[]uint8) column {
	return &numbers[uint8]{to: to, wire: func(v *[]uint8) proto.Column { return (*proto.ColUInt8)(v) }}
}

func hashes(to *[][32]byte) column {
	return &numbers[[32]byte]{to: to, wire: func(v *[][32]byte) proto.Column { return (*proto.ColFixedStr32)(v) }}
}

// enums is a column of bytes that the table has as Enum8. Over HTTP the server converts it; clickhouse-go wants int8.
type enums struct{ numbers[uint8] }

func enum8s(to *[]uint8) column {
	return &enums{numbers[uint8]{to: to, wire: func(v *[]uint8) proto.Column { return (*proto.ColUInt8)(v) }}}
}

func (c *enums) values() any {
	out := make([]int8, len(*c.to))
	for i, v := range *c.to {
		out[i] = int8(v)
	}
	return out
}

// ledgerOf is the column ledger of n rows.
func ledgerOf(ledger uint64, n int) column {
	all := make([]uint64, n)
	for i := range all {
		all[i] = ledger
	}
	return uint64s(&all)
}
