package sql

import (
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/require"
)

// A packed column goes to the store as ch-go's own column of the same texts does, and comes apart again.
func TestPackedIsAColumnOfStrings(t *testing.T) {
	texts := []string{"", "m1", strings.Repeat("长", 42), strings.Repeat("x", 127), strings.Repeat("x", 128), strings.Repeat("y", 70_000), ""}
	var p Packed
	for range 2 { // the second time in the memory of the first
		p.reset()
		var theirs proto.ColStr
		for _, text := range texts {
			p.Append([]byte(text))
			theirs.Append(text)
		}
		require.Equal(t, len(texts), p.Rows())
		require.Equal(t, texts, p.texts())
		var mine, want proto.Buffer
		p.EncodeColumn(&mine)
		theirs.EncodeColumn(&want)
		require.Equal(t, want.Buf, mine.Buf)
		require.Equal(t, theirs.Type(), p.Type())
	}
	var none Packed
	require.Empty(t, none.texts())
}
