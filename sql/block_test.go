package sql

import (
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/require"
)

// A block of raw rows of two partitions fits into what was reckoned for it, so that it never grows while it is encoded.
func TestBlockSize(t *testing.T) {
	parts := []*OrderBatch{{}, {}}
	for i, p := range parts {
		for row := range 1000 * (i + 1) {
			p.Offset = append(p.Offset, int64(row))
			p.Quantity = append(p.Quantity, 1)
			p.Device = append(p.Device, 1)
			p.City.Append([]byte(strings.Repeat("x", row%65)))
		}
	}
	var input []proto.InputColumn
	for _, of := range []func(*OrderBatch) proto.ColInput{
		func(p *OrderBatch) proto.ColInput { return int64s(&p.Offset).input() },
		func(p *OrderBatch) proto.ColInput { return int32s(&p.Quantity).input() },
		func(p *OrderBatch) proto.ColInput { return uint8s(&p.Device).input() },
		func(p *OrderBatch) proto.ColInput { return &p.City },
	} {
		input = append(input, proto.InputColumn{Name: "a_column", Data: chain{of(parts[0]), of(parts[1])}})
	}
	size := blockSize(input)
	buf := new(spareBlock).take(size)
	room := cap(buf.Buf)
	require.NoError(t, (&proto.Block{Columns: len(input), Rows: 3000}).EncodeRawBlock(buf, 0, input))
	require.LessOrEqual(t, len(buf.Buf), size)
	require.Greater(t, len(buf.Buf), size-len(input)*columnHead, "and not much is reckoned in vain")
	require.Equal(t, room, cap(buf.Buf))
}

func TestSpareBlockIsOneOwners(t *testing.T) {
	var s spareBlock
	mine := s.take(1000)
	other := s.take(10) // beside mine
	mine.Buf = append(mine.Buf, 1)
	s.give(mine)
	again := s.take(900)
	require.Same(t, mine, again)
	require.Empty(t, again.Buf)
	require.NotSame(t, other, again)
	s.give(again)
	require.GreaterOrEqual(t, cap(s.take(1_000_000).Buf), 1_000_000, "a small one is not grown but replaced")
}
