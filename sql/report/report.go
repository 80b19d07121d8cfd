// Package report is what a process tells operators of itself: how long its work takes, how full its bounds are. In:
// durations and numbers of the process. Out: a Report, stored as JSON beside the ledger (sql.Store.InsertReport) and shown by
// the operations page. Nothing is counted from it.
package report

// Report is one process's newest word.
type Report struct {
	Role       string   `json:"role"`       // ingest or serve
	StartedMs  int64    `json:"started_ms"` // Unix milliseconds
	Partitions []int32  `json:"partitions"` // assigned, ascending
	Stopped    bool     `json:"stopped"`    // it was asked to stop, and this is its last word
	Retries    int64    `json:"retries"`    // inserts that failed and were tried again, since the start
	Timings    []Timing `json:"timings"`
	Bounds     []Bound  `json:"bounds"`
}

// Timing is how long one kind of work took in the last ten minutes, milliseconds rounded up; null where nothing was
// measured.
type Timing struct {
	Name   string   `json:"name"`
	N      int64    `json:"n"` // how many
	P50Ms  *int64   `json:"p50_ms"`
	P99Ms  *int64   `json:"p99_ms"`
	LineMs []*int64 `json:"line_ms"` // 99th percentile of each ten seconds, oldest first
}

// Bound is something that may not grow past a limit; docs/operations.md says what happens there.
type Bound struct {
	Name  string `json:"name"`
	Unit  string `json:"unit"` // events, records, cells, bytes, streams
	Used  int64  `json:"used"`
	Limit int64  `json:"limit"`
}
