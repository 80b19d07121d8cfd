package sql

import (
	"context"
	"errors"
	"fmt"
)

// statisticsOnMerge is a setting of tables that is not in every version from the oldest on, which is why no migration has it. It is on
// by itself since the engine keeps statistics of all columns: each merge of raw orders would compute them for 36 columns, though no
// statement here asks orders for anything but ranges of the sort key. Cells keep theirs: reading them was not measured without.
const statisticsOnMerge = "materialize_statistics_on_merge"

// oldPartsLifetime is how many seconds the parts that a merge has replaced stay on disk: a ClickHouse server's own default. A merge that
// a full disk breaks ends as if it had succeeded, and its sources are all that is left of its rows (cmd/festival-engine, bridge/heal.go).
// The embedded engine's default is 0 (26.7.3): sources are gone within a minute, or at its next start.
const oldPartsLifetime = 480

// tune sets what tables do not have from their migrations.
func (s *Store) tune(ctx context.Context) error {
	return errors.Join(s.keepOldParts(ctx), s.tuneOrders(ctx))
}

// keepOldParts sets oldPartsLifetime for every table where this server's own is shorter.
func (s *Store) keepOldParts(ctx context.Context) error {
	var block, names []string
	err := s.read(ctx, "tables_hasty", []any{named("seconds", oldPartsLifetime)}, []column{textsOf(&block)}, func(int) error {
		names = append(names, block...)
		return nil
	})
	for _, name := range names {
		err = errors.Join(err, s.conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s MODIFY SETTING old_parts_lifetime = %d", name, oldPartsLifetime)))
	}
	if err != nil {
		err = fmt.Errorf("keep old parts: %w", short(err))
	}
	return err
}

// tuneOrders turns statisticsOnMerge off for orders where this server knows it and it was not done yet.
func (s *Store) tuneOrders(ctx context.Context) error {
	var lack uint8
	err := s.conn.QueryRow(plain(ctx), statement("orders_untuned"), named("setting", statisticsOnMerge)).Scan(&lack)
	if err == nil && lack == 1 {
		err = s.conn.Exec(ctx, "ALTER TABLE orders MODIFY SETTING "+statisticsOnMerge+" = 0")
	}
	if err != nil {
		err = fmt.Errorf("tune orders: %w", short(err))
	}
	return err
}
