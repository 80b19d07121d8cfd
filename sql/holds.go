package sql

import "context"

// HoldRow is one record of an operator's hold of the shown number, or of its release.
type HoldRow struct {
	AtMs   int64 // Unix milliseconds
	Held   bool  // false: released
	Who    string
	Reason string // of a hold
}

// InsertHold appends a record. Repeating it with the same AtMs does no harm.
func (s *Store) InsertHold(ctx context.Context, ledger uint64, r HoldRow) error {
	at, held, who, reason := []int64{r.AtMs}, []uint8{0}, []string{r.Who}, []string{r.Reason}
	if r.Held {
		held[0] = 1
	}
	return s.insert(ctx, "holds_insert", 1, ledgerOf(ledger, 1), int64s(&at), uint8s(&held), textsOf(&who), textsOf(&reason))
}

// Holds gives all records, oldest first: the last one says whether the number is held.
func (s *Store) Holds(ctx context.Context, ledger uint64) ([]HoldRow, error) {
	var at []int64
	var held []uint8
	var who, reason []string
	var out []HoldRow
	columns := []column{int64s(&at), uint8s(&held), textsOf(&who), textsOf(&reason)}
	err := s.read(ctx, "holds", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			out = append(out, HoldRow{AtMs: at[i], Held: held[i] == 1, Who: who[i], Reason: reason[i]})
		}
		return nil
	})
	return out, err
}
