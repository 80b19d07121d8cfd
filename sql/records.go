package sql

import "context"

// The kinds of milestone records.
const (
	MilestoneOnAir      uint8 = iota + 1 // Second: official frame that first showed it
	MilestoneEvent                       // Second: first second whose cumulative GMV reaches it
	MilestoneCorrection                  // Second: the event second after a move
)

// MilestoneRow is one appended record about a threshold.
type MilestoneRow struct {
	Window       string // window id, "" for the whole festival
	ThresholdFen int64
	Kind         uint8
	Second       int64  // Unix seconds
	FrameHash    string // of the official frame it was known with
	RecordedMs   int64  // Unix milliseconds
}

// InsertMilestone appends a record. Repeating it with the same RecordedMs does no harm.
func (s *Store) InsertMilestone(ctx context.Context, ledger uint64, r MilestoneRow) error {
	windows, thresholds, kinds, seconds := []string{r.Window}, []int64{r.ThresholdFen}, []uint8{r.Kind}, []int64{r.Second}
	frames, recorded := []string{r.FrameHash}, []int64{r.RecordedMs}
	return s.insert(ctx, "milestones_insert", 1, ledgerOf(ledger, 1), textsOf(&windows), int64s(&thresholds), enum8s(&kinds),
		int64s(&seconds), textsOf(&frames), int64s(&recorded))
}

// Milestones gives all records in the order in which they were made.
func (s *Store) Milestones(ctx context.Context, ledger uint64) ([]MilestoneRow, error) {
	var windows, frames []string
	var thresholds, seconds, recorded []int64
	var kinds []uint8
	var out []MilestoneRow
	columns := []column{textsOf(&windows), int64s(&thresholds), uint8s(&kinds), int64s(&seconds), textsOf(&frames), int64s(&recorded)}
	err := s.read(ctx, "milestones", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			out = append(out, MilestoneRow{Window: windows[i], ThresholdFen: thresholds[i], Kind: kinds[i], Second: seconds[i],
				FrameHash: frames[i], RecordedMs: recorded[i]})
		}
		return nil
	})
	return out, err
}

// VerificationRow is one appended record: what a recount said of an official frame.
type VerificationRow struct {
	Second     int64 // of the frame, Unix seconds
	FrameHash  string
	RecordedMs int64
	Source     string // kafka or orders
	Equal      bool   // the recount gave the same figures
	Detail     string // the differences, "" where equal
}

// InsertVerification appends a record. Repeating it with the same RecordedMs does no harm.
func (s *Store) InsertVerification(ctx context.Context, ledger uint64, r VerificationRow) error {
	seconds, frames, recorded := []int64{r.Second}, []string{r.FrameHash}, []int64{r.RecordedMs}
	sources, equal, details := []string{r.Source}, []uint8{0}, []string{r.Detail}
	if r.Equal {
		equal[0] = 1
	}
	return s.insert(ctx, "verifications_insert", 1, ledgerOf(ledger, 1), int64s(&seconds), textsOf(&frames), int64s(&recorded),
		textsOf(&sources), uint8s(&equal), textsOf(&details))
}

// Verifications gives all records in the order in which they were made.
func (s *Store) Verifications(ctx context.Context, ledger uint64) ([]VerificationRow, error) {
	var seconds, recorded []int64
	var frames, sources, details []string
	var equal []uint8
	var out []VerificationRow
	columns := []column{int64s(&seconds), textsOf(&frames), int64s(&recorded), textsOf(&sources), uint8s(&equal), textsOf(&details)}
	err := s.read(ctx, "verifications", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			out = append(out, VerificationRow{Second: seconds[i], FrameHash: frames[i], RecordedMs: recorded[i],
				Source: sources[i], Equal: equal[i] == 1, Detail: details[i]})
		}
		return nil
	})
	return out, err
}
