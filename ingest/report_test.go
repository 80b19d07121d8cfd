package ingest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql/report"
)

// TestReport: what operators see of a process is in the store: its partitions, how long its work takes, its bounds.
func TestReport(t *testing.T) {
	w := newWorld(t)
	run := w.start()
	w.produce(2000)
	w.counted()
	var r report.Report
	require.Eventually(t, func() bool {
		rows, err := w.store.Reports(context.Background(), w.ledger.Prefix, 0)
		if err != nil || len(rows) != 1 {
			return false
		}
		require.NotEmpty(t, rows[0].Process)
		r = rows[0].Report
		return len(r.Timings) > 0 && r.Timings[0].N > 0 && r.Bounds[0].Used > 0
	}, patience, 100*time.Millisecond)
	require.Equal(t, "ingest", r.Role)
	require.Equal(t, []int32{0, 1, 2}, r.Partitions)
	names := []string{}
	for _, timing := range r.Timings {
		names = append(names, timing.Name)
	}
	require.Equal(t, []string{"flush", "orders", "rejects", "cells", "seals"}, names)
	require.Positive(t, *r.Timings[0].P99Ms)
	for _, b := range r.Bounds {
		require.Positive(t, b.Limit, b.Name)
		require.LessOrEqual(t, b.Used, b.Limit, b.Name)
	}
	require.Less(t, time.Since(time.UnixMilli(r.StartedMs)), 2*patience)
	require.False(t, r.Stopped)

	run.stop() // it says goodbye
	rows, err := w.store.Reports(context.Background(), w.ledger.Prefix, 0)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.True(t, rows[0].Report.Stopped)
	require.Empty(t, rows[0].Report.Partitions)
}
