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
	least := int64(0)
	if len(r.Ends) > 0 {
		least = slices.Min(r.Ends)
	}
	return []any{named("ledger", ledger), named("guard", r.guard), named("runs", some(r.Runs)), named("partitions", some(r.Partitions)), named("ends", some(r.Ends)),
		named("least", least)}
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
}

// rollUpsFor is how long the list of roll-ups is used again: runs stay for rollUpKept after nothing names them.
const rollUpsFor = time.Second

// rollUpCache keeps the lists of the ledgers that are asked about.
type rollUpCache struct {
	mu    sync.Mutex
	lists map[uint64]*rollUps
}

func (s *Store) rollUps(ctx context.Context, ledger uint64) (*rollUps, error) {
	s.rolled.mu.Lock()
	list := s.rolled.lists[ledger]
	s.rolled.mu.Unlock()
	if list != nil && time.Since(list.read) < rollUpsFor {
		return list, nil
	}
	return s.readRollUps(ctx, ledger)
}

func (s *Store) readRollUps(ctx context.Context, ledger uint64) (*rollUps, error) {
	var made []int64
	var guard, document, now []string
	list := &rollUps{read: time.Now()}
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
