package sql

import "context"

// The kinds of sign-offs (schema/0008_signoffs.sql).
const (
	SignoffGap     uint8 = iota + 1 // offsets that are not in the ledger's log
	SignoffRecount                  // raw rows stand for the topic's log
)

// Signoff is an operator's record about a log that lost records. Records are appended and never changed.
type Signoff struct {
	Kind       uint8 // SignoffGap or SignoffRecount
	Partition  int32
	Era        uint8 // of a gap: its number within the partition, from 1; else 0
	Segment    int64 // the segment that was open at First
	First, End int64 // offsets [First, End)
	By, Reason string
	AtMs       int64  // Unix milliseconds
	World      string // what Kafka and the store said at that moment
	Hash       string // SHA-256 of the record's RFC 8785 JSON without hash, 64 hex digits
}

// InsertSignoff appends a record. From then on every read of cells, seals and raw rows follows it.
func (s *Store) InsertSignoff(ctx context.Context, ledger uint64, r Signoff) error {
	var c signoffColumns
	c.push(r)
	defer s.forgetRollUps() // they are void
	return s.insert(ctx, "signoffs_insert", 1, append([]column{ledgerOf(ledger, 1)}, c.columns()...)...)
}

// Signoffs gives the ledger's records in the order in which they were made.
func (s *Store) Signoffs(ctx context.Context, ledger uint64) ([]Signoff, error) {
	var c signoffColumns
	var out []Signoff
	err := s.read(ctx, "signoffs", []any{named("ledger", ledger)}, c.columns(), func(n int) error {
		for i := range n {
			out = append(out, c.row(i))
		}
		return nil
	})
	return out, err
}

// signoffColumns are sign-offs as columns, in the order of query/signoffs_insert.sql.
type signoffColumns struct {
	kind, era               []uint8
	partition               []int32
	segment, first, end, at []int64
	by, reason, world, hash []string
}

func (c *signoffColumns) columns() []column {
	return []column{enum8s(&c.kind), int32s(&c.partition), uint8s(&c.era), int64s(&c.segment), int64s(&c.first), int64s(&c.end),
		textsOf(&c.by), textsOf(&c.reason), int64s(&c.at), textsOf(&c.world), textsOf(&c.hash)}
}

func (c *signoffColumns) push(r Signoff) {
	c.kind, c.era, c.partition = append(c.kind, r.Kind), append(c.era, r.Era), append(c.partition, r.Partition)
	c.segment, c.first, c.end = append(c.segment, r.Segment), append(c.first, r.First), append(c.end, r.End)
	c.by, c.reason, c.at = append(c.by, r.By), append(c.reason, r.Reason), append(c.at, r.AtMs)
	c.world, c.hash = append(c.world, r.World), append(c.hash, r.Hash)
}

func (c *signoffColumns) row(i int) Signoff {
	return Signoff{Kind: c.kind[i], Partition: c.partition[i], Era: c.era[i], Segment: c.segment[i], First: c.first[i], End: c.end[i],
		By: c.by[i], Reason: c.reason[i], AtMs: c.at[i], World: c.world[i], Hash: c.hash[i]}
}

// ReplayReject is what counting needs of a rejected record.
type ReplayReject struct {
	Offset, KafkaMs int64
	Reason          string
	Rehearsal       bool
}

// ReplayRejects gives the rejects of one partition's offsets [from, to), in their order, one per offset, without bytes. Their
// number is that of the offsets at most; an open segment has 65,536.
func (s *Store) ReplayRejects(ctx context.Context, ledger uint64, partition int32, from, to int64) ([]ReplayReject, error) {
	var offset, kafkaMs []int64
	var reason []string
	var rehearsal []uint8
	var out []ReplayReject
	columns := []column{int64s(&offset), int64s(&kafkaMs), textsOf(&reason), uint8s(&rehearsal)}
	err := s.read(ctx, "replay_rejects", rangeArgs(ledger, partition, from, to), columns, func(n int) error {
		for i := range n {
			out = append(out, ReplayReject{Offset: offset[i], KafkaMs: kafkaMs[i], Reason: reason[i], Rehearsal: rehearsal[i] == 1})
		}
		return nil
	})
	return out, err
}
