package sql

import "context"

// rejectColumns are rejects as columns, in the order of query/rejects_insert.sql.
type rejectColumns struct {
	partition  []int32
	offset     []int64
	kafkaMs    []int64
	reason     []string
	length     []int64
	sha256     [][32]byte
	key, value []string
	rehearsal  []uint8
}

func (c *rejectColumns) columns() []column {
	return []column{int32s(&c.partition), int64s(&c.offset), int64s(&c.kafkaMs), textsOf(&c.reason), int64s(&c.length),
		hashes(&c.sha256), textsOf(&c.key), textsOf(&c.value), uint8s(&c.rehearsal)}
}

func (c *rejectColumns) push(r Reject) {
	c.partition = append(c.partition, r.Partition)
	c.offset = append(c.offset, r.Offset)
	c.kafkaMs = append(c.kafkaMs, r.KafkaMs)
	c.reason = append(c.reason, r.Reason)
	c.length = append(c.length, r.Length)
	c.sha256 = append(c.sha256, r.SHA256)
	c.key = append(c.key, string(r.Key))
	c.value = append(c.value, string(r.Value))
	c.rehearsal = append(c.rehearsal, r.Rehearsal)
}

func (c *rejectColumns) row(i int) Reject {
	return Reject{Partition: c.partition[i], Offset: c.offset[i], KafkaMs: c.kafkaMs[i], Reason: c.reason[i],
		Length: c.length[i], SHA256: c.sha256[i], Key: []byte(c.key[i]), Value: []byte(c.value[i]), Rehearsal: c.rehearsal[i]}
}

// InsertRejects stores rejected records, at most MaxRows. Repeating it does no harm.
func (s *Store) InsertRejects(ctx context.Context, ledger uint64, rejects []Reject) error {
	var c rejectColumns
	for _, r := range rejects {
		c.push(r)
	}
	return s.insert(ctx, "rejects_insert", len(rejects), append([]column{ledgerOf(ledger, len(rejects))}, c.columns()...)...)
}

// Rejects gives the newest limit rejects below the positions, by Kafka time, newest first.
func (s *Store) Rejects(ctx context.Context, ledger uint64, positions map[int32]int64, limit uint64) ([]Reject, error) {
	var c rejectColumns
	var out []Reject
	args := append(positionArgs(ledger, positions), named("limit", limit))
	err := s.read(ctx, "rejects_newest", args, c.columns(), func(n int) error {
		for i := range n {
			out = append(out, c.row(i))
		}
		return nil
	})
	return out, err
}

// RejectsExport streams all rejects below the positions in the order of the log.
func (s *Store) RejectsExport(ctx context.Context, ledger uint64, positions map[int32]int64, row func(Reject) error) error {
	var c rejectColumns
	return s.read(ctx, "rejects_export", positionArgs(ledger, positions), c.columns(), func(n int) error {
		for i := range n {
			if err := row(c.row(i)); err != nil {
				return err
			}
		}
		return nil
	})
}

// RejectCounts gives the number of rejects below the positions by reason.
func (s *Store) RejectCounts(ctx context.Context, ledger uint64, positions map[int32]int64) (map[string]int64, error) {
	var reasons []string
	var records []int64
	out := map[string]int64{}
	err := s.read(ctx, "rejects_counts", positionArgs(ledger, positions), []column{textsOf(&reasons), int64s(&records)}, func(n int) error {
		for i := range n {
			out[reasons[i]] = records[i]
		}
		return nil
	})
	return out, err
}
