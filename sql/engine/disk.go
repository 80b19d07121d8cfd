package engine

import (
	"fmt"

	"golang.org/x/sys/unix"
)

const (
	// DefaultKeepFree is how many bytes of a store's disk are kept free: merges, the system and the operator need them.
	DefaultKeepFree = 2 << 30
	// keepShare is the most that the default takes of a small disk: a twentieth.
	keepShare = 20
)

// Disk is the room on a store's disk, in bytes.
type Disk struct {
	Free int64 // what the store may still take
	Keep int64 // below this flushes are refused, below half of it every insert; 0: never
}

// DiskOf asks the system about the disk that holds dir. keep is Config.KeepFree.
func DiskOf(dir string, keep int64) (Disk, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return Disk{}, fmt.Errorf("free space of %s: %w", dir, err)
	}
	d := Disk{Free: int64(s.Bavail) * s.Bsize, Keep: max(0, keep)}
	if keep == 0 {
		d.Keep = min(DefaultKeepFree, int64(s.Blocks)*s.Bsize/keepShare)
	}
	return d, nil
}
