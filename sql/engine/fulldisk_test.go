package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"festival/sql/engine"
	"festival/sql/engine/enginetest"
)

// TestAnInsertThatMetAFullDiskIsNotAcknowledged makes the disk full again and again while inserts run. ClickHouse 26.7.2 says of some of
// them that they are done though their parts cannot be read (cmd/festival-engine/internal/bridge/full.go): of some 70 one or two, where
// nothing is done about it. Every row that was acknowledged has to be there in the end.
func TestAnInsertThatMetAFullDiskIsNotAcknowledged(t *testing.T) {
	const writers, rows, rounds = 3, 3000, 12
	dir := smallDisk(t, "size=1000m")
	cfg := enginetest.Config(t, filepath.Join(dir, "store"))
	cfg.KeepFree = -1 // the guard would refuse before the disk is full
	s, err := engine.Supervise(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	db := connect(t, s.DSN(""))
	require.NoError(t, db.Exec(t.Context(), "CREATE TABLE default.t (n UInt64, b String) ENGINE = ReplacingMergeTree ORDER BY n SETTINGS min_bytes_for_wide_part = 1000000000, min_rows_for_wide_part = 0"))

	inserting, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	acknowledged, failed := make([]uint64, writers), make([]int, writers)
	for w := range writers {
		all.Go(func() {
			for n := uint64(w) << 32; inserting.Err() == nil; {
				err := db.Exec(t.Context(), fmt.Sprintf("INSERT INTO default.t SELECT %d + number, randomPrintableASCII(150) FROM numbers(%d)", n, rows))
				if err != nil {
					failed[w]++
					time.Sleep(5 * time.Millisecond) // a client's pause before it sends again
					continue
				}
				n += rows
				acknowledged[w] += rows
			}
		})
	}
	for range rounds {
		time.Sleep(150 * time.Millisecond) // some inserts
		shrink(t, dir)
		time.Sleep(100 * time.Millisecond) // full
		require.NoError(t, resize(dir, 2<<30))
	}
	stop()
	all.Wait()

	var total uint64
	for w, n := range acknowledged {
		total += n
		require.Positive(t, failed[w], "inserts that met the full disk")
		require.Eventually(t, func() bool {
			var have, length uint64
			err := db.QueryRow(t.Context(), fmt.Sprintf("SELECT count(), sum(length(b)) FROM default.t FINAL WHERE n >= %d AND n < %d", w<<32, uint64(w)<<32+n)).Scan(&have, &length)
			return err == nil && have == n && length == 150*n
		}, 2*patience, 200*time.Millisecond, "writer %d: %d rows were acknowledged", w, n)
	}
	t.Logf("%d rows, %v inserts failed, %d restarts of the engine", total, failed, s.Restarts())
}

// shrink makes a file system in memory as small as what it holds. What is written between looking and shrinking makes that fail: it is
// done again.
func shrink(t *testing.T, dir string) {
	t.Helper()
	var err error
	for range 1000 {
		var s unix.Statfs_t
		require.NoError(t, unix.Statfs(dir, &s))
		if err = resize(dir, int64(s.Blocks-s.Bfree)*s.Bsize); err == nil {
			return
		}
	}
	require.NoError(t, err)
}

func resize(dir string, bytes int64) error {
	return syscall.Mount("", dir, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%dk", bytes>>10))
}
