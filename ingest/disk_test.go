package ingest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql/engine"
)

// smallDisk is a file system of its own of so many bytes; without the right to mount one the test is skipped.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a file system of its own cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

// fillDisk leaves so many bytes free and gives what takes the filling away.
func fillDisk(t *testing.T, dir string, leave int64) (again func()) {
	t.Helper()
	d, err := engine.DiskOf(dir, 0)
	require.NoError(t, err)
	path := filepath.Join(dir, "filling")
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, syscall.Fallocate(int(f.Fd()), 0, 0, d.Free-leave))
	require.NoError(t, f.Close())
	return func() { require.NoError(t, os.Remove(path)) }
}

// stoppedByDisk says whether every partition says that the disk is full.
func stoppedByDisk(r *run) bool {
	reasons := r.reasons()
	for _, reason := range reasons {
		if !strings.HasPrefix(reason, "store: ") || !strings.Contains(reason, "NOT_ENOUGH_SPACE") && !strings.Contains(reason, "No space left") &&
			!strings.Contains(reason, "not enough space") {
			return false
		}
	}
	return len(reasons) == partitions
}

// TestDiskGuard: below the bound flushing stops with a sentence, nothing of a flush is stored, and it goes on by itself
// once there is room.
func TestDiskGuard(t *testing.T) {
	dir := smallDisk(t, "400m")
	w := newWorldIn(t, filepath.Join(dir, "store"), 128<<20)
	disk, err := w.store.Disk(context.Background())
	require.NoError(t, err)
	require.EqualValues(t, 128<<20, *disk.Guard, "its own bound, whatever the one who asks has set")
	r := w.start()
	w.produce(2000)
	w.counted()
	room := fillDisk(t, dir, 100<<20)
	before := w.number("SELECT count() FROM orders FINAL")
	w.produce(3000)
	w.await("all to stop", func() bool { return stoppedByDisk(r) })
	w.await("the metric", func() bool { return r.metric("stopped") == partitions })
	for _, reason := range r.reasons() {
		require.Contains(t, reason, "less than the 128 MiB that are kept free (store.keep_free)")
		require.Contains(t, reason, "make room")
	}
	require.Equal(t, before, w.number("SELECT count() FROM orders FINAL"))
	require.NoError(t, w.conn.Exec(context.Background(), "INSERT INTO pulse (ledger) VALUES (1)"), "small tables go on to half the bound")
	room()
	w.counted()
	w.await("all to go on", func() bool { return len(r.reasons()) == 0 })
	w.requireEqual()

	room = fillDisk(t, dir, 50<<20)
	require.ErrorContains(t, w.conn.Exec(context.Background(), "INSERT INTO pulse (ledger) VALUES (1)"), "kept free")
	room()
}

// TestDiskFull: without a guard the disk fills up in the middle of an insert. What the engine has acknowledged stays,
// the rest is tried again until there is room, and every figure is exact.
func TestDiskFull(t *testing.T) {
	dir := smallDisk(t, "300m")
	w := newWorldIn(t, filepath.Join(dir, "store"), -1)
	r := w.start()
	w.produce(2000)
	w.counted()
	room := fillDisk(t, dir, 200<<10)
	w.produce(20_000)
	w.await("all to stop", func() bool { return stoppedByDisk(r) })
	t.Log(r.reasons()[0])
	w.produce(2000)
	room()
	w.counted()
	w.await("all to go on", func() bool { return len(r.reasons()) == 0 })
	w.requireEqual()
}
