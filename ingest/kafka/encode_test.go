package kafka

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPackedIsTheBatch: what was packed beforehand goes out byte for byte as what is packed when it is sent, and stays when the
// encoder goes on.
func TestPackedIsTheBatch(t *testing.T) {
	for _, codec := range []Codec{None, Gzip, Snappy, LZ4, Zstd} {
		e, err := NewEncoder(codec, Header{"a", "1"})
		require.NoError(t, err)
		for i := range 500 {
			e.Append(fmt.Append(nil, "key ", i), fmt.Append(nil, "value ", i, i, i), 1_790_000_000_000+int64(i%7))
		}
		p, err := e.Packed()
		require.NoError(t, err)
		require.Equal(t, 500, p.Len())
		sealed, err := e.seal(7, 1, 12)
		require.NoError(t, err)
		want := bytes.Clone(sealed) // the encoder's own, written over by the next
		e.Reset()
		e.Append(nil, []byte("other"), 1)
		_, err = e.seal(7, 1, 512)
		require.NoError(t, err)
		got, err := p.seal(7, 1, 12)
		require.NoError(t, err)
		require.Equal(t, want, got)
		p.Reset()
		require.Zero(t, p.Len())
	}
}
