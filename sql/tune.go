package sql

import (
	"context"
	"fmt"
)

// statisticsOnMerge is a setting of tables that is not in every version from the oldest on, which is why no migration has it. It is on
// by itself since the engine keeps statistics of all columns: each merge of raw orders would compute them for 36 columns, though no
// statement here asks orders for anything but ranges of the sort key. Cells keep theirs: reading them was not measured without.
const statisticsOnMerge = "materialize_statistics_on_merge"

// tune turns statisticsOnMerge off for orders where this server knows it and it was not done yet.
func (s *Store) tune(ctx context.Context) error {
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
