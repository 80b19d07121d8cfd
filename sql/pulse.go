package sql

import "context"

// InsertPulse stores what ingest saw of its partitions' ends; of a partition what was written last stands, whatever its AtMs: that is
// the time of a clock that may have been ahead and set back.
func (s *Store) InsertPulse(ctx context.Context, ledger uint64, rows []PulseRow) error {
	var partition []int32
	var stable, high []int64
	var at []uint64
	var stopped []string
	for _, r := range rows {
		partition = append(partition, r.Partition)
		stable, high = append(stable, r.StableEnd), append(high, r.HighWatermark)
		at, stopped = append(at, uint64(max(r.AtMs, 0))), append(stopped, r.Stopped)
	}
	return s.insert(ctx, "pulse_insert", len(rows), ledgerOf(ledger, len(rows)), int32s(&partition), int64s(&stable),
		int64s(&high), uint64s(&at), textsOf(&stopped))
}

// Pulses gives the pulse of each partition that was written last, by partition.
func (s *Store) Pulses(ctx context.Context, ledger uint64) ([]PulseRow, error) {
	var partition []int32
	var stable, high, at []int64
	var stopped []string
	var out []PulseRow
	columns := []column{int32s(&partition), int64s(&stable), int64s(&high), int64s(&at), textsOf(&stopped)}
	err := s.read(ctx, "pulse_newest", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			out = append(out, PulseRow{Partition: partition[i], StableEnd: stable[i], HighWatermark: high[i], AtMs: at[i], Stopped: stopped[i]})
		}
		return nil
	})
	return out, err
}
