package verify

import (
	"sync"
	"time"
)

// The bounds of the lists in a Result; counts go on beyond them.
const (
	maxDifferences = 1000
	maxOfKind      = 500 // so that one kind does not hide the others
	maxSplit       = 100
	toldSplit      = 10  // of them, in words: they are no differences, and must not hide those
	maxText        = 400 // bytes of one side of a difference
)

// Result is what a verification found. Where Count is 0, everything that was compared is equal.
type Result struct {
	Ledger      string            `json:"ledger"` // id, 64 hex digits
	Partitions  []PartitionResult `json:"partitions"`
	Gaps        []Gap             `json:"accepted_gaps"`
	Frames      FramesResult      `json:"frames"`
	Split       SplitResult       `json:"split"`
	Differences []Difference      `json:"differences"` // the first thousand, 500 of a kind
	Count       int64             `json:"difference_count"`
	Undecided   []Undecided       `json:"not_decided"`
	DurationMs  int64             `json:"duration_ms"`
}

// Differs tells whether anything differs: exit code 3 (CONTRACT.md §2).
func (r *Result) Differs() bool { return r.Count > 0 }

// PartitionResult is what was recounted and compared of one partition.
type PartitionResult struct {
	Partition  int32   `json:"partition"`
	Sources    []Range `json:"sources"` // in order; together [recorded log start, Position)
	Position   int64   `json:"position"`
	Records    int64   `json:"records"`
	Counted    int64   `json:"counted"`
	Duplicates int64   `json:"duplicates"`
	Outside    int64   `json:"outside"`
	Rejected   int64   `json:"rejected"`
	Miskeyed   int64   `json:"miskeyed"`
	Orders     int64   `json:"orders"`  // recounted paid orders in windows
	GmvFen     int64   `json:"gmv_fen"` // recounted
	Cells      int64   `json:"cells_compared"`
	Seals      int64   `json:"seals_compared"`
	Unsealed   int64   `json:"segments_not_sealed_yet"`
	RawRows    int64   `json:"raw_rows_compared"`
	// ClosingCells are those of a closed festival, compared with the sums at the closing position; 0 while it is open.
	ClosingCells int64 `json:"closing_cells_compared"`
}

// Range is a stretch of a partition's offsets, [First, End), and where its records were read.
type Range struct {
	Source string `json:"source"` // kafka or orders
	First  int64  `json:"first"`
	End    int64  `json:"end"`
}

// FramesResult is what was compared of the official frames.
type FramesResult struct {
	Chained       int64 `json:"chained"`               // frames whose hash, links and order were checked
	Compared      int64 `json:"compared"`              // frames all of whose figures were recounted
	OfWindows     int64 `json:"compared_of_windows"`   // frames of single windows, beside those
	Milestones    int64 `json:"milestones_compared"`   // records
	Verifications int64 `json:"verifications_checked"` // records, for the frame that they name
	// Unshown are frames of single windows without the whole festival's: a stop in the middle of a write left them. They were
	// never official, and nothing serves them.
	Unshown int64 `json:"unshown_of_windows"`
	// Newest is the newest frame whose figures were recounted; Verified is the same where nothing at all differs, null
	// otherwise.
	Newest   *FrameRef `json:"newest"`
	Verified *FrameRef `json:"verified"`
}

// FrameRef names an official frame.
type FrameRef struct {
	Second int64  `json:"second"` // Unix seconds
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
	Equal  bool   `json:"equal"` // its figures are the recounted ones
}

// SplitResult lists order ids that came in more than one partition, where they escape the duplicate rule: a mistake
// of the producers and not of the count, so it is no difference.
type SplitResult struct {
	Count int64     `json:"count"`
	IDs   []SplitID `json:"ids"` // the first hundred
}

// SplitID is one such order id and one record of it in each of two partitions.
type SplitID struct {
	OrderID    string   `json:"order_id"`
	Partitions [2]int32 `json:"partitions"`
	Offsets    [2]int64 `json:"offsets"`
}

// Difference names one thing that the store says otherwise than the recount.
type Difference struct {
	What      string `json:"what"`  // ledger, cell, seal, progress, raw row, log, frame, milestone, verification, sign-off, closing, closing cell, closing progress, closing seal, name of a code
	Where     string `json:"where"` // partition, segment, offset, second, ...
	Stored    string `json:"stored"`
	Recounted string `json:"recounted"`
}

// Undecided names one thing that is not in the store, and why the store does not tell whether it was taken out. It is no difference.
type Undecided struct {
	What  string `json:"what"` // seal, milestone
	Where string `json:"where"`
	Why   string `json:"why"`
}

// nothing stands for the side of a Difference that is not there.
const nothing = "nothing"

// collector takes differences from all workers.
type collector struct {
	mu    sync.Mutex
	list  []Difference
	count int64
	kinds map[string]int // by Difference.What
	open  []Undecided    // at most one a partition, and one a window and threshold
}

func (c *collector) add(d Difference) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kinds == nil {
		c.kinds = map[string]int{}
	}
	c.kinds[d.What]++
	if c.count++; len(c.list) >= maxDifferences || c.kinds[d.What] > maxOfKind {
		return
	}
	d.Stored, d.Recounted = clip(d.Stored), clip(d.Recounted)
	c.list = append(c.list, d)
}

func (c *collector) leave(u Undecided) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = append(c.open, u)
}

// take gives what was found and forgets it.
func (c *collector) take() (list []Difference, count int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list, count = c.list, c.count
	c.list, c.count, c.kinds = nil, 0, nil
	return list, count
}

// full tells whether further differences of a kind are only counted.
func (c *collector) full(what string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.list) >= maxDifferences || c.kinds[what] >= maxOfKind
}

func clip(s string) string {
	if len(s) > maxText {
		return s[:maxText] + "..."
	}
	return s
}

func (c *collector) len() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// close fills in what the whole run gives.
func (r *Result) close(c *collector, begun time.Time) {
	r.Differences, r.Count, r.Undecided = c.list, c.count, c.open
	if r.Differences == nil {
		r.Differences = []Difference{}
	}
	if r.Undecided == nil {
		r.Undecided = []Undecided{}
	}
	r.DurationMs = time.Since(begun).Milliseconds()
}
