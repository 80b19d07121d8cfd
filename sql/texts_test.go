package sql

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/require"
)

// TestTextsAreDecodedAsTheyWereSent: blocks of strings of every length, from a stream that comes in pieces of any size, with a column of
// numbers behind them; ch-go's own column is the second reading.
func TestTextsAreDecodedAsTheyWereSent(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 11))
	var sent [][]string
	var wire proto.Buffer
	for _, longest := range []int{0, 30, 127, 300, 70_000} {
		texts := make([]string, 200)
		for i := range texts {
			texts[i] = strings.Repeat("长x", longest)[:rng.IntN(longest+1)]
		}
		sent = append(sent, texts)
		input := []proto.InputColumn{{Name: "text", Data: textInput(texts)}, {Name: "number", Data: proto.ColUInt8(make([]uint8, len(texts)))}}
		require.NoError(t, (proto.Block{Columns: 2, Rows: len(texts)}).EncodeRawBlock(&wire, 0, input))
	}
	for name, by := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader,
		"halves": iotest.HalfReader, "data with the end": iotest.DataErrReader} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, sent, decodeTexts(t, bufio.NewReaderSize(by(bytes.NewReader(wire.Buf)), readBuffer), nil))
			require.Equal(t, sent, decodeTexts(t, bufio.NewReaderSize(by(bytes.NewReader(wire.Buf)), readBuffer), &proto.ColStr{}))
		})
	}
}

// decodeTexts reads blocks of strings and numbers with our column, or with ch-go's where it is given.
func decodeTexts(t *testing.T, in *bufio.Reader, theirs *proto.ColStr) (all [][]string) {
	var texts []string
	var numbers []uint8
	columns := []column{textsOf(&texts), uint8s(&numbers)}
	results := proto.Results{{Data: columns[0].result(in)}, {Data: columns[1].result(in)}}
	if theirs != nil {
		results[0].Data = theirs
	}
	for r := proto.NewReader(in); ; {
		results[0].Name, results[1].Name = "", ""
		var b proto.Block
		if err := b.DecodeRawBlock(r, 0, results); err != nil {
			require.NoError(t, nilAtEnd(err, b))
			return all
		}
		require.Len(t, numbers, b.Rows)
		if columns[0].decoded(); theirs != nil {
			texts = nil
			_ = theirs.ForEach(func(_ int, s string) error { texts = append(texts, s); return nil })
		}
		all = append(all, append([]string{}, texts...))
	}
}

func nilAtEnd(err error, b proto.Block) error {
	if endOfStream(err, b) == nil {
		return nil
	}
	return err
}

// TestTextsThatAreCut: an answer that ends within a string, or names a length that cannot be, is an error.
func TestTextsThatAreCut(t *testing.T) {
	for name, c := range map[string]struct{ wire, want string }{
		"no length": {"\x01a", "string 1 of 2: unexpected EOF"}, "half a length": {"\x01a\x80", "string 1 of 2: unexpected EOF"},
		"short": {"\x01a\x03bc", "string 1 of 2: unexpected EOF"}, "too long": {"\x01a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "string 1 of 2: its length of 9223372036854775807 bytes is more than 1073741824"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &textResult{in: bufio.NewReader(strings.NewReader(c.wire))}
			require.EqualError(t, r.DecodeColumn(nil, 2), c.want)
		})
	}
}

// BenchmarkTexts decodes order ids of 20 bytes and no refund ids, a block at a time.
func BenchmarkTexts(b *testing.B) {
	const rows = 65_409
	ids, none := make([]string, rows), make([]string, rows)
	for i := range ids {
		ids[i] = "26111100" + strings.Repeat("7", 12)
	}
	var wire proto.Buffer
	textInput(ids).EncodeColumn(&wire)
	textInput(none).EncodeColumn(&wire)
	of := map[string]func(in *bufio.Reader, columns [2]proto.ColResult) error{
		"ours": func(in *bufio.Reader, columns [2]proto.ColResult) error {
			columns[0].(*textResult).in, columns[1].(*textResult).in = in, in
			return decodeBoth(nil, columns)
		},
		"ch-go": func(in *bufio.Reader, columns [2]proto.ColResult) error {
			return decodeBoth(proto.NewReader(in), columns)
		},
	}
	for name, columns := range map[string][2]proto.ColResult{"ours": {&textResult{}, &textResult{}}, "ch-go": {&proto.ColStr{}, &proto.ColStr{}}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, of[name](bufio.NewReaderSize(bytes.NewReader(wire.Buf), readBuffer), columns))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

func decodeBoth(r *proto.Reader, columns [2]proto.ColResult) error {
	const rows = 65_409
	for _, c := range columns {
		if err := c.DecodeColumn(r, rows); err != nil {
			return err
		}
	}
	return nil
}
