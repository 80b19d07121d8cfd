package query

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

func (s *memoryStore) verify(row sql.FrameRow, equal bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verified = append(s.verified, sql.VerificationRow{Second: row.Second, FrameHash: row.Hash, Equal: equal})
}

// A frame says what was known when it was made: verified where a record names a frame with its positions, and up to
// which second frames were verified. A frame that was found wrong is not verified, and a stored one never changes.
func TestCertaintyFollowsTheRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		b := newBench(t, store, nil)
		defer b.stop()
		last := func() (certainty, to string) {
			rows := store.chain("")
			f := decode(t, rows[len(rows)-1].JSON)
			if f.VerifiedTo != nil {
				to = *f.VerifiedTo
			}
			return f.Certainty, to
		}
		is := func(certainty, to string) {
			t.Helper()
			gotCertainty, gotTo := last()
			require.Equal(t, certainty, gotCertainty)
			require.Equal(t, to, gotTo)
		}
		b.flush(paid(0, 0, 10, 10, 50, dayStart))
		pass(3 * time.Second)
		is("provisional", "")
		first := store.chain("")[2]
		second := decode(t, first.JSON).Second

		store.verify(first, true)
		pass(3 * time.Second)
		is("verified", second)
		store.setDown(true) // what is known stays
		pass(3 * time.Second)
		store.setDown(false)
		pass(3 * time.Second)
		is("verified", second)
		b.flush(paid(0, 0, 20, 20, 50, dayStart)) // other positions
		pass(2 * time.Second)
		is("provisional", second)
		rows := store.chain("")
		wrong := rows[len(rows)-1]
		store.verify(wrong, false)
		pass(3 * time.Second)
		is("provisional", second)
		store.verify(wrong, true) // the store was put right later: it was wrong all the same
		pass(3 * time.Second)
		is("provisional", second)
		store.verify(first, false)
		pass(3 * time.Second)
		is("provisional", "")
		checkChain(t, store.chain(""), b.cfg.ledgerHex())
		require.Equal(t, first, store.chain("")[2])
	})
}
