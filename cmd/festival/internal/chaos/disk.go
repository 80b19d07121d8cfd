package chaos

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// diskMB is the size of the store's own file system: room for the festival many times over. Memory is taken only for
// what the store writes, 130 MB for 360,000 records.
const diskMB = 4096

// errNotHere: this machine cannot give a fault. The card says so; it is no failure of the festival.
var errNotHere = errors.New("not possible on this machine")

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

// fill makes the file system as small as what it holds: full at once, without a byte of memory or a second of writing.
// What was written between looking and shrinking makes the shrinking fail: it is done again.
func (d *disk) fill() (err error) {
	for range 100 {
		var used int64
		if used, err = usedBytes(d.dir); err != nil {
			return err
		}
		if err = d.resize(fmt.Sprintf("%dk", (used+1023)/1024)); err == nil {
			return nil
		}
	}
	return err
}

func (d *disk) free() error { return d.resize(fmt.Sprintf("%dm", diskMB)) }

func (d *disk) resize(size string) error {
	if out, err := exec.Command("mount", "-o", "remount,size="+size, d.dir).CombinedOutput(); err != nil {
		return fmt.Errorf("resize %s to %s: %w: %s", d.dir, size, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// leave unmounts and puts what the file system held into its directory: the store of a seed that failed says why.
func (d *disk) leave() error {
	kept := d.dir + ".kept"
	if out, err := exec.Command("cp", "-a", d.dir, kept).CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("keep %s: %w: %s", d.dir, err, strings.TrimSpace(string(out))), d.unmount())
	}
	if err := d.unmount(); err != nil {
		return err
	}
	return errors.Join(os.Remove(d.dir), os.Rename(kept, d.dir))
}

func (d *disk) unmount() error {
	if out, err := exec.Command("umount", "-l", d.dir).CombinedOutput(); err != nil {
		return fmt.Errorf("unmount %s: %w: %s", d.dir, err, strings.TrimSpace(string(out)))
	}
	return nil
}
