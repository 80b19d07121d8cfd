package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockDir makes DIR (0700), that of --data, and takes its lock; a second program on the same directory is refused. The
// lock ends with the process, however it ends.
func lockDir(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, usageError{fmt.Errorf("--data %s cannot be made: %w; give a directory that this user may write to", dir, err)}
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, usageError{fmt.Errorf("--data %s cannot be written to: %w; give a directory that this user may write to", dir, err)}
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("data directory %s is in use by another festival: stop it, or give another --data", dir)
		}
		return nil, fmt.Errorf("lock of %s: %w", dir, err)
	}
	return f.Close, nil
}
