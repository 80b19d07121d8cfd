package sql

import "context"

// FrameTopics gives the frames topics by which the official frames of a ledger have been made, oldest first; usually none
// or one.
func (s *Store) FrameTopics(ctx context.Context, ledger uint64) (out []string, err error) {
	var topics []string
	var recorded []int64
	err = s.read(ctx, "frame_topics", []any{named("ledger", ledger)}, []column{textsOf(&topics), int64s(&recorded)}, func(n int) error {
		out = append(out, topics[:n]...)
		return nil
	})
	return out, err
}

// InsertFrameTopic records that a ledger's official frames are made by a topic. Repeating it does no harm.
func (s *Store) InsertFrameTopic(ctx context.Context, ledger uint64, topic string, nowMs int64) error {
	topics, recorded := []string{topic}, []int64{nowMs}
	return s.insert(ctx, "frame_topics_insert", 1, ledgerOf(ledger, 1), textsOf(&topics), int64s(&recorded))
}
