package sql

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"festival/sql/engine/enginetest"
)

// A read may be the first to open a connection, also several at once.
func TestReadOpensConnection(t *testing.T) {
	p := enginetest.Start(t)
	first, err := Open(t.Context(), Config{DSN: p.DSN("")})
	require.NoError(t, err)
	_, err = first.Migrate(t.Context())
	require.NoError(t, err)
	require.NoError(t, first.Close())
	s, err := Open(t.Context(), Config{DSN: p.DSN("")})
	require.NoError(t, err)
	defer s.Close()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := s.LastSeals(t.Context(), 1, []int32{0})
			assert.NoError(t, err)
		})
	}
	all.Wait()
}
