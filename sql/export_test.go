package sql

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// MigrationFiles gives the embedded schema's file names in order.
func MigrationFiles(t testing.TB) (names []string) {
	files, err := schema.ReadDir("schema")
	require.NoError(t, err)
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

// MigrationNumber reads the number a file begins with.
func MigrationNumber(name string) int {
	n, _ := strconv.Atoi(name[:4])
	return n
}

// Statements gives the names of all statements.
func Statements(t testing.TB) (names []string) {
	files, err := queries.ReadDir("query")
	require.NoError(t, err)
	for _, f := range files {
		names = append(names, f.Name()[:len(f.Name())-len(".sql")])
	}
	return names
}

// Statement gives a statement's text.
func Statement(name string) string { return statement(name) }

// ByRows makes the store use clickhouse-go's batches and row scans, as it does over the native protocol.
func (s *Store) ByRows() { s.http = false }

// Pack gives the same rows as they are written.
func Pack(o *Orders) *OrderBatch {
	b := &OrderBatch{OrderNumbers: o.OrderNumbers}
	texts := [][]string{o.OrderID, o.MerchantID, o.RefundID, o.BuyerID, o.BrandID, o.ProductID, o.StoreID, o.TeamID, o.ShowID, o.Broadcast, o.City}
	for i, to := range b.texts() {
		for _, text := range texts[i] {
			to.Append([]byte(text))
		}
	}
	return b
}

// OfClosing gives a statement over the cells as one over closing cells.
func OfClosing(text string) string { return ofClosing(text) }

// Runs gives the runs of roll-ups that have rows.
func (s *Store) Runs(ctx context.Context) (runs []uint64, err error) {
	err = s.read(ctx, "rollup_runs", nil, []column{uint64s(&runs)}, func(int) error { return nil })
	return runs, err
}

// Elsewhere does what another process does while this one knows only the roll-ups that it read two seconds ago.
func (s *Store) Elsewhere(do func()) {
	s.rolled.mu.Lock()
	lists := s.rolled.lists
	for _, l := range lists {
		l.read = l.read.Add(-2 * rollUpsFor)
	}
	s.rolled.mu.Unlock()
	do()
	s.rolled.mu.Lock()
	defer s.rolled.mu.Unlock()
	s.rolled.lists = lists
}
