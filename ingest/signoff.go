package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"festival/ingest/kafka"
	"festival/sql"
)

// Desk is where an operator signs off what a log has lost. It writes nothing but by Sign; ingest processes take a record
// up by themselves, at their next attempt.
type Desk struct {
	Kafka  *kafka.Client
	Store  *sql.Store
	Ledger Ledger
	Stride int64 // of the ledger's rules
	Clock  func() time.Time
	// Settle is how long the rows of a new era lie in the store before the record makes them count, so that no reader
	// has looked at the rows before them and at the records after. Default: 1 s.
	Settle time.Duration
}

// ErrRefused says that the world is not as a sign-off has it.
var ErrRefused = errors.New("not signed off")

// Gap prepares the record that offsets [from, to) are not in the ledger's log. It is refused unless from is the stored progress
// and to is where the log begins now, as the partition's stop says.
func (d *Desk) Gap(ctx context.Context, partition int32, from, to int64, by, reason string) (sql.Signoff, error) {
	l, err := d.look(ctx, partition)
	if err != nil {
		return sql.Signoff{}, err
	}
	next := l.next
	for _, s := range l.known {
		next = max(next, s.End) // behind a gap that was signed off a moment ago
	}
	floor := l.known.floor(l.start, l.ends.LogStart)
	switch {
	case l.ends.LogStart > floor && l.ends.LogStart <= next:
		return sql.Signoff{}, fmt.Errorf("%w: nothing that was not counted is lost of partition %d, raw rows hold everything up to %d: it needs `%s`; %s",
			ErrRefused, partition, next, recountCommand(d.Kafka.Config().Place, partition), l.text)
	case l.ends.LogStart <= next || !l.lost:
		return sql.Signoff{}, fmt.Errorf("%w: partition %d does not say that it has lost anything: %s", ErrRefused, partition, l.text)
	case from != next || to != l.ends.LogStart:
		return sql.Signoff{}, fmt.Errorf("%w: the gap of partition %d is not %d to %d now: `%s`; %s", ErrRefused, partition, from, to,
			gapCommand(d.Kafka.Config().Place, partition, next, l.ends.LogStart), l.text)
	case l.known.era() == 255:
		return sql.Signoff{}, fmt.Errorf("%w: partition %d has 255 gaps already; open a new ledger", ErrRefused, partition)
	}
	return d.record(sql.Signoff{Kind: sql.SignoffGap, Partition: partition, Era: l.known.era() + 1, Segment: from / d.Stride,
		First: from, End: to, By: by, Reason: reason, World: l.text})
}

// Recount prepares the record that raw rows stand for the log from the start of the open segment to the stored progress. It is
// refused where the log is still there, and where it begins behind the stored progress: then a recount leads nowhere.
func (d *Desk) Recount(ctx context.Context, partition int32, by, reason string) (sql.Signoff, error) {
	l, err := d.look(ctx, partition)
	if err != nil {
		return sql.Signoff{}, err
	}
	floor := l.known.floor(l.start, l.ends.LogStart)
	switch {
	case l.ends.LogStart <= floor:
		return sql.Signoff{}, fmt.Errorf("%w: partition %d has all that it needs: the open segment begins at %d, the log is read from %d; %s",
			ErrRefused, partition, l.start, floor, l.text)
	case l.ends.LogStart > max(l.next, floor):
		return sql.Signoff{}, fmt.Errorf("%w: partition %d lost offsets that nobody has counted, raw rows end at %d: it needs `%s`; %s", ErrRefused,
			partition, max(l.next, floor), gapCommand(d.Kafka.Config().Place, partition, max(l.next, floor), l.ends.LogStart), l.text)
	}
	return d.record(sql.Signoff{Kind: sql.SignoffRecount, Partition: partition, Segment: l.start / d.Stride, First: l.start,
		End: l.next, By: by, Reason: reason, World: l.text})
}

// Sign writes a record that Gap or Recount gave. For a gap the cells of the open segment are written under its era
// first, and only if the world is still the same does the record make them count: what a paused process stores under the old
// era from then on is not read.
func (d *Desk) Sign(ctx context.Context, r sql.Signoff) error {
	if r.Kind == sql.SignoffGap {
		if err := d.copyCells(ctx, r); err != nil {
			return err
		}
	}
	return d.Store.InsertSignoff(ctx, d.Ledger.Prefix, r)
}

func (d *Desk) copyCells(ctx context.Context, r sql.Signoff) error {
	l, err := d.look(ctx, r.Partition)
	if err != nil {
		return err
	}
	for i := range l.cells {
		l.cells[i].Era = r.Era
	}
	if err := d.Store.InsertCells(ctx, d.Ledger.Prefix, l.cells); err != nil {
		return fmt.Errorf("cells of era %d: %w", r.Era, err)
	}
	wait := d.Settle
	if wait == 0 {
		wait = time.Second
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
	}
	again, err := d.look(ctx, r.Partition)
	if err != nil {
		return err
	}
	if again.next != l.next || again.ends.LogStart != r.End || len(again.known) != len(l.known) {
		return fmt.Errorf("%w: partition %d changed meanwhile: %s", ErrRefused, r.Partition, again.text)
	}
	return nil
}
