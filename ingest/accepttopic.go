package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"festival/aggregate"
	"festival/ingest/kafka"
	"festival/sql"
)

// Topic prepares the record that the topic with this id, which was made anew under the ledger's name, holds the ledger's log. It is
// refused where cluster or partition count are others, and where the last batch counted of any partition is not in it, byte for byte.
func (d *Desk) Topic(ctx context.Context, id, by, reason string) (sql.TopicID, error) {
	want := d.Ledger.Identity
	want.TopicID = "" // that it is another one is known
	if err := d.Kafka.CheckIdentity(ctx, want); err != nil {
		return sql.TopicID{}, refuseKind(err)
	}
	ids := want.All()
	ends, err := d.Kafka.Offsets(ctx, ids)
	if err != nil {
		return sql.TopicID{}, err
	}
	rows, err := d.Store.Progress(ctx, d.Ledger.Prefix)
	if err != nil {
		return sql.TopicID{}, err
	}
	counted := map[int32]aggregate.Progress{}
	for _, row := range rows {
		counted[row.Partition] = progressOf(row)
	}
	var found []string
	var others []error
	for i, p := range ids {
		text, err := d.compareEnd(ctx, p, counted[p], ends[i])
		var kind kafka.Kind
		switch {
		case errors.As(err, &kind):
			others = append(others, err)
		case err != nil:
			return sql.TopicID{}, err
		}
		found = append(found, fmt.Sprintf("partition %d: %s", p, text))
	}
	if others != nil {
		return sql.TopicID{}, fmt.Errorf("%w: the topic with id %s does not hold the ledger's log; restore that with the same offsets and bytes, or count this one in a "+
			"new ledger: `festival ledger new %s`\n%w", ErrRefused, id, d.Kafka.Config().Place, errors.Join(others...))
	}
	r := sql.TopicID{ID: id, By: by, Reason: reason, AtMs: d.Clock().UnixMilli(), World: strings.Join(found, "; ")}
	r.Hash, err = hashOf(TopicDocument(d.Ledger.ID, r))
	return r, err
}

// compareEnd holds what was counted of a partition against a topic, and says what was compared.
func (d *Desk) compareEnd(ctx context.Context, partition int32, was aggregate.Progress, now kafka.Offsets) (string, error) {
	switch tail := was.Tail; {
	case was.Next == 0 || tail.BaseOffset < 0:
		return "nothing was counted", nil
	case now.HighWatermark < was.Next:
		return "", &kafka.LogError{Kind: kafka.ErrLogTruncated, Topic: d.Ledger.Identity.Topic, Partition: partition, Offset: was.Next, LogStart: -1,
			Text: fmt.Sprintf("the log ends at %d, %d was counted up to", now.HighWatermark, was.Next)}
	case tail.BaseOffset < now.LogStart:
		return fmt.Sprintf("the last batch counted, at %d, is before the log's start %d: not compared", tail.BaseOffset, now.LogStart), nil
	default:
		return fmt.Sprintf("the last batch counted is at %d, CRC %08x", tail.BaseOffset, tail.CRC), d.Kafka.CheckTail(ctx, partition, kafka.Tail(tail))
	}
}
