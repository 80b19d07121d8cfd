package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql/engine"
	"festival/sql/engine/enginetest"
)

// TestADiskThatIsFullInTheMiddleOfAMergeLosesNothing fills the disk while parts are merged. ClickHouse 26.7.2 then now and
// then puts an unreadable part in the place of its sources (cmd/festival-engine/internal/bridge/heal.go); the engine has to
// find that out and stand again with every row.
func TestADiskThatIsFullInTheMiddleOfAMergeLosesNothing(t *testing.T) {
	dir := smallDisk(t, "size=1000m")
	cfg := enginetest.Config(t, filepath.Join(dir, "store"))
	cfg.KeepFree = -1 // the guard would refuse before the disk is full
	s, err := engine.Supervise(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	db := connect(t, s.DSN(""))
	run := func(statement string) error { return db.Exec(t.Context(), statement) }
	require.NoError(t, run("CREATE TABLE default.t (a UInt64, b String) ENGINE = MergeTree ORDER BY a SETTINGS min_bytes_for_wide_part = 1000000000, min_rows_for_wide_part = 0"))
	var rows uint64
	for round := range 8 {
		for range 5 {
			require.NoError(t, run("INSERT INTO default.t SELECT rand64(), randomPrintableASCII(150) FROM numbers(20000)"))
			rows += 20_000
		}
		merged := make(chan error, 1)
		go func() { merged <- run("OPTIMIZE TABLE default.t FINAL") }()
		ballast := filepath.Join(dir, "ballast")
		fill(t, ballast, merged)
		require.NoError(t, os.Remove(ballast))
		require.Eventually(t, func() bool {
			var n, length uint64
			err := db.QueryRow(t.Context(), "SELECT count(), sum(length(b)) FROM default.t").Scan(&n, &length)
			return err == nil && n == rows && length == 150*rows
		}, 2*patience, 100*time.Millisecond, "round %d: %d rows were acknowledged", round, rows)
	}
	t.Logf("%d rows, %d restarts of the engine", rows, s.Restarts())
}

// smallDisk mounts a file system in memory.
func smallDisk(t *testing.T, options string) string {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("SKIPPED: a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill takes all that is free until the merge has ended.
func fill(t *testing.T, file string, merged <-chan error) {
	f, err := os.Create(file)
	require.NoError(t, err)
	defer f.Close()
	block := []byte(strings.Repeat("x", 1<<20))
	for {
		_, _ = f.Write(block) // an error is the full disk that is wanted
		select {
		case <-merged:
			return
		default:
		}
	}
}
