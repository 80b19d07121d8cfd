package sql

import "context"

// TopicID is a record of which topic a ledger counts, told from others of the same name by its id.
type TopicID struct {
	ID         string // 32 lower hex digits
	By, Reason string // of the operator who signed it off; "" where a program noted it
	AtMs       int64  // Unix milliseconds
	World      string // what was compared with the ledger; "" where a program noted it
	Hash       string // SHA-256 of a signed record's RFC 8785 JSON without hash, 64 hex digits; "" of one signed before schema 0020
}

// InsertTopicID appends a record. The newest one is the ledger's topic.
func (s *Store) InsertTopicID(ctx context.Context, ledger uint64, r TopicID) error {
	id, by, reason, at := []string{r.ID}, []string{r.By}, []string{r.Reason}, []int64{r.AtMs}
	world, hash := []string{r.World}, []string{r.Hash}
	return s.insert(ctx, "topic_ids_insert", 1, ledgerOf(ledger, 1), textsOf(&id), textsOf(&by), textsOf(&reason), int64s(&at),
		textsOf(&world), textsOf(&hash))
}

// TopicIDs gives a ledger's records, oldest first; usually one, none where no broker has told an id yet.
func (s *Store) TopicIDs(ctx context.Context, ledger uint64) (out []TopicID, err error) {
	var id, by, reason, world, hash []string
	var at []int64
	columns := []column{textsOf(&id), textsOf(&by), textsOf(&reason), int64s(&at), textsOf(&world), textsOf(&hash)}
	err = s.read(ctx, "topic_ids", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			out = append(out, TopicID{ID: id[i], By: by[i], Reason: reason[i], AtMs: at[i], World: world[i], Hash: hash[i]})
		}
		return nil
	})
	return out, err
}
