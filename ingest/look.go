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

// look is what the world says of a partition.
type look struct {
	start int64 // of the open segment: behind the last seal
	next  int64 // stored progress
	ends  kafka.Offsets
	known signed
	cells []sql.CellRow // of the segment at next, and the progress
	lost  bool          // the newest pulse says that the log's start has passed the partition
	text  string
}

// look asks Kafka and the store. The tail has to be there: of a log that was replaced nothing can be signed off.
func (d *Desk) look(ctx context.Context, partition int32) (*look, error) {
	if partition < 0 || partition >= d.Ledger.Identity.Partitions {
		return nil, fmt.Errorf("%w: partition %d: the ledger has 0 to %d", ErrRefused, partition, d.Ledger.Identity.Partitions-1)
	}
	if err := d.Kafka.CheckIdentity(ctx, d.Ledger.Identity); err != nil {
		return nil, refuseKind(err)
	}
	l, p := &look{}, d.asPartition(partition)
	asked := p.newSurvey(ctx, []int32{partition})
	seals, err := asked.seals()
	if err != nil {
		return nil, err
	}
	l.start = p.beginning(seals).Start
	if l.known, err = p.readSigned(asked); err != nil {
		return nil, err
	}
	if err := d.readCut(ctx, partition, l); err != nil {
		return nil, err
	}
	ends, err := d.Kafka.Offsets(ctx, []int32{partition})
	if err != nil {
		return nil, err
	}
	l.ends = ends[0]
	return l, d.describe(ctx, partition, l)
}

// asPartition lends the partition's own readings of the store.
func (d *Desk) asPartition(id int32) *partition {
	rules := &aggregate.Rules{Stride: d.Stride}
	return &partition{Ingest: &Ingest{cfg: Config{Kafka: d.Kafka, Store: d.Store, Ledger: d.Ledger, Rules: rules}}, id: id}
}

// readCut takes progress and the open segment's cells in one SELECT, and looks at the tail.
func (d *Desk) readCut(ctx context.Context, partition int32, l *look) error {
	rows, err := d.Store.Progress(ctx, d.Ledger.Prefix)
	if err != nil {
		return err
	}
	l.next = d.Ledger.LogStart[partition]
	for _, r := range rows {
		if r.Partition == partition {
			l.next = r.Revision
		}
	}
	tail := aggregate.Tail{BaseOffset: -1}
	err = d.Store.Cut(ctx, d.Ledger.Prefix, partition, l.next/d.Stride, func(r sql.CellRow) error {
		if aggregate.Dim(r.Dim) == aggregate.DimProgress {
			l.next, tail = r.Revision, progressOf(r).Tail
		}
		l.cells = append(l.cells, r)
		return nil
	})
	if err != nil {
		return err
	}
	if len(l.cells) == 0 { // a partition of which nothing was ever stored
		l.cells = append(l.cells, progressRow(aggregate.Progress{Partition: partition, Next: l.next, Tail: tail}, 0))
	}
	return refuseKind(d.asPartition(partition).checkTail(ctx, tail))
}

// refuseKind makes a log that is another one a refusal.
func refuseKind(err error) error {
	var kind kafka.Kind
	if errors.As(err, &kind) {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}

func (d *Desk) describe(ctx context.Context, partition int32, l *look) error {
	pulses, err := d.Store.Pulses(ctx, d.Ledger.Prefix)
	if err != nil {
		return err
	}
	stopped := "no process has reported"
	for _, p := range pulses {
		if p.Partition == partition {
			stopped = "running"
			if p.Stopped != "" {
				stopped = "stopped: " + p.Stopped
				l.lost = strings.Contains(p.Stopped, string(kafka.ErrOffsetLost))
			}
		}
	}
	l.text = fmt.Sprintf("log start %d, high watermark %d, stored progress %d, open segment from %d; %s", l.ends.LogStart,
		l.ends.HighWatermark, l.next, l.start, stopped)
	id, err := d.Kafka.TopicID(ctx, partition)
	if err != nil {
		return err
	}
	if id != "" { // brokers before Kafka 2.8 do not tell
		l.text += "; topic id " + id
	}
	return nil
}
