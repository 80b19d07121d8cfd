package sql

import "context"

// ClosedNote says that a closing stood: its final frame was official.
type ClosedNote struct {
	AtMs      int64 // Closing.AtMs
	Second    int64 // of the final frame, Unix seconds
	FrameHash string
	Who       string // who closed
	There     bool   // read only: the closing and its final frame are both stored still
}

// NoteClosed notes that a closing stands. Repeating it does no harm.
func (s *Store) NoteClosed(ctx context.Context, ledger uint64, c Closing, nowMs int64) error {
	at, second, now := []int64{c.AtMs}, []int64{c.Second}, []int64{nowMs}
	hash, who := []string{c.FrameHash}, []string{c.Who}
	return s.insert(ctx, "closed_insert", 1, ledgerOf(ledger, 1), int64s(&at), int64s(&second), textsOf(&hash), textsOf(&who), int64s(&now))
}

// ClosedNotes gives the closings that stood, oldest first; there is one at most where nobody has altered the store.
func (s *Store) ClosedNotes(ctx context.Context, ledger uint64) (out []ClosedNote, err error) {
	var at, second []int64
	var hash, who []string
	var there []uint8
	columns := []column{int64s(&at), int64s(&second), textsOf(&hash), textsOf(&who), uint8s(&there)}
	err = s.read(ctx, "closed", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			out = append(out, ClosedNote{AtMs: at[i], Second: second[i], FrameHash: hash[i], Who: who[i], There: there[i] == 1})
		}
		return nil
	})
	return out, err
}

// OfferedClosings gives every closing that was ever offered, without seals, oldest first: the one that stands and those that
// came to nothing.
func (s *Store) OfferedClosings(ctx context.Context, ledger uint64) (out []Closing, err error) {
	var at, second []int64
	var who, reason, hash, frame, document []string
	columns := []column{int64s(&at), textsOf(&who), textsOf(&reason), int64s(&second), textsOf(&hash), textsOf(&frame), textsOf(&document)}
	err = s.read(ctx, "closings_offered", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			out = append(out, Closing{AtMs: at[i], Who: who[i], Reason: reason[i], Second: second[i], FrameHash: hash[i], FrameJSON: frame[i],
				Document: document[i]})
		}
		return nil
	})
	return out, err
}
