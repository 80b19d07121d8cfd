package sql

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// schema are the migrations: NNNN_name.sql, applied once each in their order. Statements end with a semicolon at the
// end of a line and may be repeated (IF NOT EXISTS), because ClickHouse has no transactions for them: a migration that
// was cut off is run again.
//
//go:embed schema/*.sql
var schema embed.FS

// ErrNewerStore says that a newer program has migrated the store.
var ErrNewerStore = errors.New("store is newer than this program")

type migration struct {
	version    int64
	name, text string
}

// Migrate applies what is missing and gives the names of what it applied. Several processes may do it at once. It
// refuses a store that a newer program has migrated.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	if err := s.conn.Exec(ctx, statement("migrations_table")); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	have, err := s.SchemaVersion(ctx)
	if err != nil {
		return nil, err
	}
	var applied []string
	for _, m := range migrations() {
		if m.version <= have {
			continue
		}
		if err := s.apply(ctx, m); err != nil {
			return applied, fmt.Errorf("migrate %s: %w", m.name, err)
		}
		applied = append(applied, m.name)
	}
	return applied, s.tune(ctx)
}

// SchemaVersion is the number of the newest migration in the store; ErrNewerStore where this program does not know it.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) {
	var newest int64
	var versions []int64
	var names []string
	err := s.read(ctx, "migrations", nil, []column{int64s(&versions), textsOf(&names)}, func(n int) error {
		newest = max(newest, versions[n-1])
		return nil
	})
	if err != nil {
		return 0, err
	}
	all := migrations()
	if last := all[len(all)-1].version; newest > last {
		return newest, fmt.Errorf("%w: database %s has schema %d, this festival knows up to %d: run the newer festival",
			ErrNewerStore, s.database, newest, last)
	}
	return newest, nil
}

func (s *Store) apply(ctx context.Context, m migration) error {
	for _, text := range strings.Split(withoutComments(m.text), ";\n") {
		text = strings.TrimSuffix(strings.TrimSpace(text), ";")
		if text == "" {
			continue
		}
		if err := s.conn.Exec(ctx, text); err != nil {
			return err
		}
	}
	versions, names, at := []int64{m.version}, []string{m.name}, []int64{time.Now().UnixMilli()}
	return s.insert(ctx, "migrations_insert", 1, int64s(&versions), textsOf(&names), int64s(&at))
}

// migrations are the embedded files in their order. Their names are checked by a test.
func migrations() []migration {
	files, _ := schema.ReadDir("schema")
	var all []migration
	for _, f := range files {
		text, _ := schema.ReadFile("schema/" + f.Name())
		number, _, _ := strings.Cut(f.Name(), "_")
		version, _ := strconv.ParseInt(number, 10, 64)
		all = append(all, migration{version: version, name: strings.TrimSuffix(f.Name(), ".sql"), text: string(text)})
	}
	return all
}
