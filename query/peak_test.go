package query

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// The largest second of each window, the first where two are as large; windows without orders have none.
func TestPeaks(t *testing.T) {
	store := newMemoryStore()
	s, url := start(t, testConfig(t, store, 2))
	u := paid(0, 0, 19, 19, 100, dayStart)
	u.Cells = u.Cells[1:]
	for second, orders := range []int64{2, 7, 3, 7} {
		u.Cells = append(u.Cells, paid(0, 0, 19, orders, 100, dayStart+int64(second)).Cells[0])
	}
	u.Progress = append(u.Progress, aggregate.Progress{Partition: 1})
	store.put(u)
	s.Apply(u)
	awaitReady(t, s, url, 19, 0)
	type answer struct{ Peaks []peakRow }
	eventually(t, func() bool {
		both(s, time.Now(), 19, 0)
		rows := getJSON[answer](t, url+"/api/v1/peaks?window=day").Peaks
		return len(rows) == 1 && rows[0].OrdersPerS != nil && *rows[0].OrdersPerS == 7
	}, "peak of seven")
	rows := getJSON[answer](t, url+"/api/v1/peaks").Peaks
	require.Len(t, rows, len(s.cfg.Rules.Windows))
	require.Equal(t, "day", rows[0].Window)
	require.Equal(t, s.cfg.timeText((dayStart+1)*1000), *rows[0].OrdersSecond)
	require.Equal(t, *rows[0].OrdersPerS, *rows[0].CreatedPerS)
	require.Equal(t, peakRow{Window: rows[1].Window}, rows[1])
	require.Contains(t, getProblem(t, url+"/api/v1/peaks?dim=x", 400).Detail, "takes window")
}
