package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"festival/aggregate"
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
			ErrRefused, partition, next, recountCommand(partition), l.text)
	case l.ends.LogStart <= next || !l.lost:
		return sql.Signoff{}, fmt.Errorf("%w: partition %d does not say that it has lost anything: %s", ErrRefused, partition, l.text)
	case from != next || to != l.ends.LogStart:
		return sql.Signoff{}, fmt.Errorf("%w: the gap of partition %d is not %d to %d now: `%s`; %s", ErrRefused, partition, from, to,
			gapCommand(partition, next, l.ends.LogStart), l.text)
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
			partition, max(l.next, floor), gapCommand(partition, max(l.next, floor), l.ends.LogStart), l.text)
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

// look asks Kafka and the store. The tail has to be there: of a log that was replaced nothing can be signed off.
func (d *Desk) look(ctx context.Context, partition int32) (*look, error) {
	if partition < 0 || partition >= d.Ledger.Identity.Partitions {
		return nil, fmt.Errorf("%w: partition %d: the ledger has 0 to %d", ErrRefused, partition, d.Ledger.Identity.Partitions-1)
	}
	if err := d.Kafka.CheckIdentity(ctx, d.Ledger.Identity); err != nil {
		return nil, refuseKind(err)
	}
	l, p := &look{}, d.asPartition(partition)
	seals, err := d.Store.LastSeals(ctx, d.Ledger.Prefix, []int32{partition})
	if err != nil {
		return nil, err
	}
	l.start = p.beginning(seals).Start
	if l.known, err = p.readSigned(ctx); err != nil {
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

// record dates and hashes a record.
func (d *Desk) record(r sql.Signoff) (sql.Signoff, error) {
	r.AtMs = d.Clock().UnixMilli()
	var err error
	r.Hash, err = hashOf(SignoffDocument(d.Ledger.ID, r))
	return r, err
}

// hashOf is the SHA-256 of a document's RFC 8785 JSON without hash.
func hashOf(document map[string]any) (string, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return "", err
	}
	canonical, err := aggregate.Canonical(text, "hash")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

// gapCommand and recountCommand are what an operator copies: FILE, NAME and WHY are his to put in.
func gapCommand(partition int32, from, to int64) string {
	return fmt.Sprintf("festival ledger accept-gap --partition %d --from %d --to %d --config FILE --by NAME --reason WHY", partition, from, to)
}

func recountCommand(partition int32) string {
	return fmt.Sprintf("festival ledger recount --partition %d --config FILE --by NAME --reason WHY", partition)
}

// SignoffDocument gives a record as the JSON that is hashed (without hash) and shown.
func SignoffDocument(ledger [32]byte, r sql.Signoff) map[string]any {
	kind := strings.Fields(" gap recount")[r.Kind-1]
	return map[string]any{"ledger": hex.EncodeToString(ledger[:]), "kind": kind, "partition": r.Partition, "era": r.Era,
		"segment": r.Segment, "from": r.First, "to": r.End, "by": r.By, "reason": r.Reason,
		"at": time.UnixMilli(r.AtMs).UTC().Format("2006-01-02T15:04:05.000Z"), "world": r.World, "hash": r.Hash}
}
