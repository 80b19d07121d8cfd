package sql

import (
	"context"
	"encoding/json"
	"fmt"

	"festival/sql/report"
)

// ReportRow is the newest report of one process.
type ReportRow struct {
	Process string // host and process number
	AtMs    int64  // Unix milliseconds
	Report  report.Report
}

// InsertReport stores what a process says of itself; what it wrote last stands, whatever its AtMs.
func (s *Store) InsertReport(ctx context.Context, ledger uint64, r ReportRow) error {
	text, err := json.Marshal(r.Report)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	process, at, body := []string{r.Process}, []uint64{uint64(max(r.AtMs, 0))}, []string{string(text)}
	return s.insert(ctx, "reports_insert", 1, ledgerOf(ledger, 1), textsOf(&process), uint64s(&at), textsOf(&body))
}

// Reports gives the newest report of each process that said something since a moment, by process. What this program
// cannot read (a newer one wrote it) is left out.
func (s *Store) Reports(ctx context.Context, ledger uint64, sinceMs int64) ([]ReportRow, error) {
	var process, body []string
	var at []int64
	var out []ReportRow
	args := []any{named("ledger", ledger), named("since", uint64(max(sinceMs, 0)))}
	err := s.read(ctx, "reports", args, []column{textsOf(&process), int64s(&at), textsOf(&body)}, func(n int) error {
		for i := range n {
			row := ReportRow{Process: process[i], AtMs: at[i]}
			if json.Unmarshal([]byte(body[i]), &row.Report) == nil {
				out = append(out, row)
			}
		}
		return nil
	})
	return out, err
}

// VerifyState sums the verification records up.
type VerifyState struct {
	Verified    int64  // official frames that a recount found right, and none found wrong
	Different   int64  // records of a recount that gave other figures
	Newest      int64  // second of the newest of them, 0 before the first
	NewestHash  string // and its hash
	DifferentMs int64  // when the newest difference was recorded, 0 where there is none
	Detail      string // what it said
}

// VerifyState gives the sums of a ledger's verification records.
func (s *Store) VerifyState(ctx context.Context, ledger uint64) (out VerifyState, err error) {
	var verified, different, newest, differentMs []int64
	var hash, detail []string
	columns := []column{int64s(&verified), int64s(&different), int64s(&newest), textsOf(&hash), int64s(&differentMs), textsOf(&detail)}
	err = s.read(ctx, "verify_state", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			out = VerifyState{verified[i], different[i], newest[i], hash[i], differentMs[i], detail[i]}
		}
		return nil
	})
	return out, err
}
