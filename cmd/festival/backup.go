package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"festival/sql"
	"festival/sql/engine"
)

// backupManifest is what a backup says of itself; it is written last, so that a backup without it is not whole.
type backupManifest struct {
	Made     time.Time `json:"made"`
	Festival string    `json:"festival"` // version of the program
	Schema   int64     `json:"schema"`
	Database string    `json:"database"`
	Tables   []string  `json:"tables"` // each in a directory of its name, in the order of copying
	Views    []string  `json:"views"`  // together in the directory views
	Files    []string  `json:"files"`  // of a demo's directory, in the directory files
	Bytes    int64     `json:"bytes"`
}

const (
	manifestName = "festival-backup.json"
	viewsDir     = "views"
	filesDir     = "files"
)

type storeBackupCmd struct {
	Data  string `help:"Directory of the store, or of a demo." required:"" type:"path" placeholder:"DIR"`
	To    string `help:"Directory of the backup; it must not be there yet, or be empty." required:"" type:"path" placeholder:"DIR"`
	Check bool   `help:"Look at both directories, copy nothing, and exit."`
}

// Help is shown under the flags.
func (storeBackupCmd) Help() string {
	return `Examples:
  festival store backup --data /var/lib/festival/store --to /backup/2026-11-11
  festival store backup --data .demo --to /backup/demo

The store may run meanwhile, with ingest and serve at work on it. Of a demo its festival goes along (also one given by --config,
with the files beside it that it names), its broker's log does not. A ClickHouse server has BACKUP of its own: docs/operations.md.`
}

func (cmd *storeBackupCmd) checking() bool { return cmd.Check }

func (cmd *storeBackupCmd) check(*app) error {
	var problems []error
	if !exists(filepath.Join(storePath(cmd.Data), "store")) {
		problems = append(problems, fmt.Errorf("--data %s has no store: give the directory of `festival store` or of a demo", cmd.Data))
	}
	if left, err := os.ReadDir(cmd.To); err == nil && len(left) > 0 {
		problems = append(problems, fmt.Errorf("--to %s is not empty: name a directory that is not there yet", cmd.To))
	}
	if rel, err := filepath.Rel(cmd.Data, cmd.To); err == nil && !strings.HasPrefix(rel, "..") {
		problems = append(problems, fmt.Errorf("--to %s lies in --data %s: name a place outside, best on another disk", cmd.To, cmd.Data))
	}
	return asUsage(errors.Join(problems...))
}

// storePath is where the store of a directory is: a demo's has it below. The engine's token tells them apart: below a store, the
// engine has directories of the same name as in a demo.
func storePath(data string) string {
	own, below := exists(filepath.Join(data, "token")), exists(filepath.Join(storeDir(data), "token"))
	if !own && (below || exists(filepath.Join(data, "festival.yaml"))) {
		return storeDir(data)
	}
	return data
}

// Run copies table by table.
func (cmd *storeBackupCmd) Run(a *app) error {
	if err := cmd.check(a); err != nil {
		return err
	}
	dsn, stop, err := openEngine(a.ctx, storePath(cmd.Data))
	if err != nil {
		return err
	}
	defer stop()
	store, err := sql.Open(a.ctx, sql.Config{DSN: dsn})
	if err != nil {
		return err
	}
	defer store.Close()
	begun := time.Now()
	m, err := cmd.copy(a, store)
	if err != nil {
		return fmt.Errorf("the backup in %s is not whole, remove it: %w", cmd.To, err)
	}
	fmt.Fprintf(a.out, "Copied %d tables, %d MB, into %s in %s.\n", len(m.Tables), m.Bytes/1e6, cmd.To, time.Since(begun).Round(time.Millisecond))
	return nil
}

func (cmd *storeBackupCmd) copy(a *app, store *sql.Store) (*backupManifest, error) {
	m := &backupManifest{Made: time.Now().UTC(), Festival: version, Database: store.Database()}
	var err error
	if m.Schema, err = store.SchemaVersion(a.ctx); err != nil {
		return nil, err
	}
	tables, err := store.Tables(a.ctx)
	if err != nil {
		return nil, err
	}
	if err := cmd.room(tables); err != nil {
		return nil, err
	}
	if err := cmd.tables(a, store, tables, m); err != nil {
		return nil, err
	}
	if m.Files, err = backupFestival(a, cmd.Data, filepath.Join(cmd.To, filesDir)); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	return m, writeWhole(filepath.Join(cmd.To, manifestName), append(text, '\n'))
}

// room refuses beforehand what would not fit.
func (cmd *storeBackupCmd) room(tables []sql.Table) error {
	if err := os.MkdirAll(cmd.To, 0o700); err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	need := int64(0)
	for _, t := range tables {
		need += t.Bytes
	}
	d, err := engine.DiskOf(cmd.To, 0)
	if err == nil && d.Free < need {
		err = fmt.Errorf("--to %s has %d MB free, the store takes %d MB: make room, or name another disk", cmd.To, d.Free/1e6, need/1e6)
	}
	return err
}

func (cmd *storeBackupCmd) tables(a *app, store *sql.Store, tables []sql.Table, m *backupManifest) error {
	for _, t := range tables {
		if t.View {
			m.Views = append(m.Views, t.Name)
			continue
		}
		fmt.Fprintf(a.err, "%s (%d MB)\n", t.Name, t.Bytes/1e6)
		if err := store.Backup(a.ctx, filepath.Join(cmd.To, t.Name), t.Name); err != nil {
			return err
		}
		m.Tables, m.Bytes = append(m.Tables, t.Name), m.Bytes+t.Bytes
	}
	if len(m.Views) == 0 {
		return nil
	}
	return store.Backup(a.ctx, filepath.Join(cmd.To, viewsDir), m.Views...)
}
