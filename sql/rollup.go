package sql

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// RollUp says which runs of table rollup_cells count and what they hold: of each partition the segments below its end.
// The partitions are all of the ledger's; one without a sealed segment has end 0.
type RollUp struct {
	MadeMs int64  `json:"-"` // Unix milliseconds
	guard  string // gaps of the ledger when it was made

	Runs []uint64 `json:"runs"`
	Rows []int64  `json:"rows"` // of each run

	Partitions []int32 `json:"partitions"`
	Ends       []int64 `json:"ends"` // first segment that is not rolled up
}

// segments is how many segments are rolled up, counted from 0.
func (r *RollUp) segments() (n int64) {
	for _, end := range r.Ends {
		n += end
	}
	return n
}

// within tells whether all rolled-up segments lie below the given ends.
func (r *RollUp) within(ends map[int32]int64) bool {
	for i, p := range r.Partitions {
		if r.Ends[i] > ends[p] {
			return false
		}
	}
	return true
}

// beyond is the condition on cells that are not rolled up. The second part follows from the first; it is written so that
// the index segments leaves out granules that are rolled up whole. A roll-up that a gap has voided (not same) leaves
// all to the cells.
const beyond = "segment >= if(same, transform(partition, {partitions:Array(Int32)}, {ends:Array(Int64)}, toInt64(0)), toInt64(0)) AND (NOT same OR segment >= {least:Int64})"

// rolledStatement is a statement that reads a roll-up.
func rolledStatement(name string) string {
	return strings.ReplaceAll(statement(name), "{{beyond}}", beyond)
}

// args are the parameters of every statement that reads this roll-up.
func (r *RollUp) args(ledger uint64) []any {
	return []any{named("ledger", ledger), named("guard", r.guard), named("runs", some(r.Runs)), named("partitions", some(r.Partitions)), named("ends", some(r.Ends)),
		named("least", r.least())}
}

// least is the first segment of which some partition's is not rolled up.
func (r *RollUp) least() int64 {
	if len(r.Ends) == 0 {
		return 0
	}
	return slices.Min(r.Ends)
}

// some is a list that is a list where it is empty too: clickhouse-go writes a nil one as NULL.
func some[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

// rollUps are a ledger's roll-ups that are not void, newest first, and the guard of a new one.
type rollUps struct {
	guard string
	all   []RollUp
	read  time.Time

	gapPartitions []int32 // of each gap of the guard
	gapSegments   []int64
}

// count is the era that counts, as view cells_now has it, from the gaps of a list; without gaps it is 0.
const count = "era = arrayCount((p, s) -> p = partition AND s <= segment, {gap_partitions:Array(Int32)}, {gap_segments:Array(Int64)})"

// beyond is a statement over the cells that the newest roll-up does not hold; the second condition on segments follows from
// the first, for the index.
func (l *rollUps) beyond(name string) string {
	era := count
	if len(l.gapPartitions) == 0 {
		era = "era = 0"
	}
	return strings.ReplaceAll(statement(name), "{{beyond}}",
		"segment >= transform(partition, {partitions:Array(Int32)}, {ends:Array(Int64)}, toInt64(0)) AND segment >= {least:Int64} AND "+era)
}

// args are the parameters of a statement that beyond made.
func (l *rollUps) args(ledger uint64) []any {
	r := l.newest()
	return []any{named("ledger", ledger), named("partitions", some(r.Partitions)), named("ends", some(r.Ends)), named("least", r.least()),
		named("gap_partitions", some(l.gapPartitions)), named("gap_segments", some(l.gapSegments))}
}

// readGaps takes the gaps of the guard apart: [(ledger,partition,segment),...].
func (l *rollUps) readGaps() error {
	var gaps [][3]uint64
	if err := json.Unmarshal([]byte(strings.NewReplacer("(", "[", ")", "]").Replace(l.guard)), &gaps); err != nil {
		return fmt.Errorf("gaps %s: %w", l.guard, err)
	}
	for _, g := range gaps {
		l.gapPartitions, l.gapSegments = append(l.gapPartitions, int32(g[1])), append(l.gapSegments, int64(g[2]))
	}
	return nil
}

// rollUpsFor is how long the list of roll-ups is used again without a look whether it is still the newest.
const rollUpsFor = time.Second

// rollUpCache keeps the lists of the ledgers that are asked about.
type rollUpCache struct {
	mu    sync.Mutex
	lists map[uint64]*rollUps
}

// knownRollUps is the list that was read last, however old; nil where none was.
func (s *Store) knownRollUps(ledger uint64) *rollUps {
	s.rolled.mu.Lock()
	defer s.rolled.mu.Unlock()
	return s.rolled.lists[ledger]
}

// forgetRollUps makes the next question read the list.
func (s *Store) forgetRollUps() {
	s.rolled.mu.Lock()
	defer s.rolled.mu.Unlock()
	s.rolled.lists = nil
}

func (s *Store) readRollUps(ctx context.Context, ledger uint64) (*rollUps, error) {
	var made []int64
	var guard, document, now []string
	list := &rollUps{read: time.Now()} // before it is read: what changes meanwhile is newer
	columns := []column{int64s(&made), textsOf(&guard), textsOf(&document), textsOf(&now)}
	err := s.read(ctx, "rollups", []any{named("ledger", ledger)}, columns, func(n int) error {
		for i := range n {
			if list.guard = now[i]; made[i] < 0 || guard[i] != now[i] {
				continue
			}
			r := RollUp{MadeMs: made[i], guard: guard[i]}
			if err := json.Unmarshal([]byte(document[i]), &r); err != nil {
				return fmt.Errorf("of %d: %w", made[i], err)
			}
			list.all = append(list.all, r)
		}
		return nil
	})
	if err == nil {
		err = list.readGaps()
	}
	if err != nil {
		return nil, err
	}
	s.rolled.mu.Lock()
	defer s.rolled.mu.Unlock()
	if s.rolled.lists == nil {
		s.rolled.lists = map[uint64]*rollUps{}
	}
	s.rolled.lists[ledger] = list
	return list, nil
}

// newest gives the newest roll-up, nil where there is none.
func (l *rollUps) newest() *RollUp {
	if len(l.all) == 0 {
		return nil
	}
	return &l.all[0]
}
