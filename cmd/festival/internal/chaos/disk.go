package chaos

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// diskMB is the size of the store's own file system: room for the festival several times over.
const diskMB = 4096

// disk is a small file system in memory that holds the store, so that it can be full without harm to the machine.
type disk struct{ dir string }

// mountDisk mounts one, nil where that is not allowed: the card then says that no disk was filled.
func mountDisk(dir string) *disk {
	if os.MkdirAll(dir, 0o700) != nil {
		return nil
	}
	if exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm,mode=0700", diskMB), "festival-chaos", dir).Run() != nil {
		return nil
	}
	return &disk{dir: dir}
}

// fill takes all that is free, but leaves what is held already.
func (d *disk) fill() error {
	f, err := os.Create(filepath.Join(d.dir, "ballast"))
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 1<<20)
	for range 2 * diskMB {
		if _, err := f.Write(block); err != nil {
			return nil // full, as wanted
		}
	}
	return fmt.Errorf("%s took twice its size", d.dir)
}

func (d *disk) free() error { return os.Remove(filepath.Join(d.dir, "ballast")) }

func (d *disk) unmount() error {
	if out, err := exec.Command("umount", "-l", d.dir).CombinedOutput(); err != nil {
		return fmt.Errorf("unmount %s: %w: %s", d.dir, err, strings.TrimSpace(string(out)))
	}
	return nil
}
