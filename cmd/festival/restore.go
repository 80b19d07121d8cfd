package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"festival/sql"
	"festival/sql/engine"
)

type storeRestoreCmd struct {
	From  string `help:"Directory of the backup." required:"" type:"path" placeholder:"DIR"`
	Data  string `help:"Directory of the store, or of a demo, that is made; it must not be there yet, or be empty." required:"" type:"path" placeholder:"DIR"`
	Check bool   `help:"Look at both directories, make nothing, and exit."`
}

// Help is shown under the flags.
func (storeRestoreCmd) Help() string {
	return `Examples:
  festival store restore --from /backup/2026-11-11 --data /var/lib/festival/again
  festival store restore --from /backup/demo --data .again && festival verify --data .again --from orders

Of a demo's backup a demo's directory is made, without its broker's log.`
}

func (cmd *storeRestoreCmd) checking() bool { return cmd.Check }

func (cmd *storeRestoreCmd) check(*app) error {
	_, err := cmd.manifest()
	if left, dirErr := os.ReadDir(cmd.Data); dirErr == nil && len(left) > 0 {
		err = errors.Join(err, fmt.Errorf("--data %s is not empty: a backup is restored into a directory that is not there yet", cmd.Data))
	}
	if exists(cmd.part()) {
		err = errors.Join(err, fmt.Errorf("%s is left of a restore that was cut off: remove it", cmd.part()))
	}
	return asUsage(err)
}

// manifest reads what the backup says of itself.
func (cmd *storeRestoreCmd) manifest() (*backupManifest, error) {
	text, err := os.ReadFile(filepath.Join(cmd.From, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("--from %s is no whole backup: %s is not there, it is written last", cmd.From, manifestName)
	}
	m := &backupManifest{}
	if err == nil {
		err = json.Unmarshal(text, m)
	}
	if err != nil {
		return nil, fmt.Errorf("--from %s: %w", cmd.From, err)
	}
	return m, nil
}

// part is where the store is made; it gets its name once it is whole.
func (cmd *storeRestoreCmd) part() string { return filepath.Clean(cmd.Data) + ".part" }

// Run makes the store in a directory beside, then gives it its name.
func (cmd *storeRestoreCmd) Run(a *app) error {
	if err := cmd.check(a); err != nil {
		return err
	}
	m, err := cmd.manifest()
	if err != nil {
		return err
	}
	if d, err := engine.DiskOf(filepath.Dir(cmd.part()), 0); err == nil && d.Free < m.Bytes {
		return fmt.Errorf("the disk of --data %s has %d MB free, the backup takes %d MB: make room, or name another disk", cmd.Data, d.Free/1e6, m.Bytes/1e6)
	}
	begun := time.Now()
	if err := cmd.restore(a, m); err != nil {
		return errors.Join(err, os.RemoveAll(cmd.part()))
	}
	if err := os.Remove(cmd.Data); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(cmd.part(), cmd.Data); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Restored %d tables of %s into %s in %s.\n", len(m.Tables), m.Made.Format(time.RFC3339), cmd.Data, time.Since(begun).Round(time.Millisecond))
	return nil
}

func (cmd *storeRestoreCmd) restore(a *app, m *backupManifest) error {
	dir := cmd.part()
	if len(m.Files) > 0 {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := restoreFiles(filepath.Join(cmd.From, filesDir), dir, m.Files); err != nil {
			return err
		}
		dir = storeDir(dir)
	}
	if err := engineInstalled(); err != nil {
		return err
	}
	p, err := engine.Start(a.ctx, engine.Config{Dir: dir, Stderr: a.err})
	if err != nil {
		return err
	}
	err = cmd.fill(a, p.DSN(m.Database), m)
	ctx, cancel := context.WithTimeout(context.Background(), engineGrace)
	defer cancel()
	return errors.Join(err, p.Stop(ctx))
}

func (cmd *storeRestoreCmd) fill(a *app, dsn string, m *backupManifest) error {
	store, err := sql.Open(a.ctx, sql.Config{DSN: dsn})
	if err != nil {
		return err
	}
	defer store.Close()
	for _, table := range m.Tables {
		fmt.Fprintln(a.err, table)
		if err := store.Restore(a.ctx, filepath.Join(cmd.From, table), table); err != nil {
			return err
		}
	}
	if len(m.Views) > 0 {
		if err := store.Restore(a.ctx, filepath.Join(cmd.From, viewsDir), m.Views...); err != nil {
			return err
		}
	}
	if _, err = store.Migrate(a.ctx); err != nil { // to this program's schema
		return err
	}
	return store.ForgetRollUps(a.ctx) // they are made anew from the cells
}
