package sql

import "context"

// WallChange is what a director changed on a wall.
type WallChange struct {
	Wall  string
	Field string
	AtMs  int64 // Unix milliseconds
	Who   string
	Value string // "": as each screen has it by itself
}

// InsertWallChanges appends records in one insert. Repeating it does no harm.
func (s *Store) InsertWallChanges(ctx context.Context, ledger uint64, rows []WallChange) error {
	var wall, field, who, value []string
	var at []int64
	for _, r := range rows {
		wall, field, who, value = append(wall, r.Wall), append(field, r.Field), append(who, r.Who), append(value, r.Value)
		at = append(at, r.AtMs)
	}
	return s.insert(ctx, "wall_changes_insert", len(rows), ledgerOf(ledger, len(rows)), textsOf(&wall), textsOf(&field),
		int64s(&at), textsOf(&who), textsOf(&value))
}

// WallChanges gives the newest record of each wall's field, by wall and field.
func (s *Store) WallChanges(ctx context.Context, ledger uint64) ([]WallChange, error) {
	var wall, field, who, value []string
	var at []int64
	var out []WallChange
	columns := []column{textsOf(&wall), textsOf(&field), int64s(&at), textsOf(&who), textsOf(&value)}
	err := s.read(ctx, "wall_changes", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			out = append(out, WallChange{Wall: wall[i], Field: field[i], AtMs: at[i], Who: who[i], Value: value[i]})
		}
		return nil
	})
	return out, err
}
