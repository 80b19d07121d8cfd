package sql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Table is a table or view of the store.
type Table struct {
	Name  string
	View  bool
	Bytes int64 // on disk
}

// Tables gives what a backup has to hold, in the order in which it has to be copied.
//
// Each table is copied as it is at one instant, one after the other, while the store runs. What refers to something is
// therefore copied before what it refers to: frames before the seals and cells that they show, cells before the raw rows
// that they count. So the copy is a whole prefix: its cells are those of one instant, which is what every reader goes by,
// and raw rows beyond them are counted again after a restore, the same way. Sign-offs come after what they void.
func (s *Store) Tables(ctx context.Context) ([]Table, error) {
	rows, err := s.conn.Query(ctx, statement("tables"), clickhouse.Named("database", s.database))
	if err != nil {
		return nil, fmt.Errorf("tables: %w", short(err))
	}
	defer rows.Close()
	var all []Table
	for rows.Next() {
		var t Table
		var view uint8
		if err := rows.Scan(&t.Name, &view, &t.Bytes); err != nil {
			return nil, fmt.Errorf("tables: %w", err)
		}
		t.View = view == 1
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b Table) int { return copyRank(a) - copyRank(b) })
	return all, rows.Err()
}

// copiedLast are the tables that others refer to, in the order of copying; every other one comes before.
var copiedLast = []string{"rollups", "rollup_cells", "closing_cells", "closing_seals", "frames", "seals", "cells", "rejects", "orders", "signoffs", "codes", "ledgers", "schema_migrations"}

func copyRank(t Table) int {
	if t.View {
		return len(copiedLast) + 1
	}
	return 1 + slices.Index(copiedLast, t.Name)
}

// Backup copies tables into a directory that is not there yet, on the machine of the store; the store has to allow it
// (the embedded engine does, a server has backups.allowed_path).
func (s *Store) Backup(ctx context.Context, dir string, tables ...string) error {
	return s.copy(ctx, "BACKUP", "TO", dir, tables)
}

// Restore makes tables of a directory that Backup filled. None of them may be there.
func (s *Store) Restore(ctx context.Context, dir string, tables ...string) error {
	return s.copy(ctx, "RESTORE", "FROM", dir, tables)
}

// copyLook is how often a running copy is looked at.
const copyLook = 50 * time.Millisecond

// copy lets the store work beside the connection: a large table takes longer than any request may.
func (s *Store) copy(ctx context.Context, verb, preposition, dir string, tables []string) error {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = "TABLE `" + s.database + "`.`" + t + "`"
	}
	path := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(dir)
	var id, status string
	err := s.conn.QueryRow(ctx, fmt.Sprintf("%s %s %s File('%s') ASYNC", verb, strings.Join(names, ", "), preposition, path)).Scan(&id, &status)
	if err == nil {
		err = s.awaitCopy(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", strings.ToLower(verb), strings.Join(tables, ", "), short(err))
	}
	return nil
}

func (s *Store) awaitCopy(ctx context.Context, id string) error {
	for {
		var status, problem string
		if err := s.conn.QueryRow(ctx, statement("backup_state"), clickhouse.Named("id", id)).Scan(&status, &problem); err != nil {
			return err
		}
		switch status {
		case "BACKUP_CREATED", "RESTORED":
			return nil
		case "CREATING_BACKUP", "RESTORING":
		default:
			return errors.New(status + ": " + problem)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(copyLook):
		}
	}
}
