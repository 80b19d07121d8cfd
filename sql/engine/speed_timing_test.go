package engine_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql/engine/enginetest"
)

// wide is a table of the order's shape: 34 columns, 10 of them String, about 154
// bytes a row, compact parts.
func wide() string {
	var b strings.Builder
	b.WriteString("CREATE TABLE t (")
	for i := range 10 {
		fmt.Fprintf(&b, "s%d String, ", i)
	}
	for i := range 10 {
		fmt.Fprintf(&b, "c%d UInt8, ", i)
	}
	for i := range 14 {
		fmt.Fprintf(&b, "n%d Int64, ", i)
	}
	return strings.TrimSuffix(b.String(), ", ") + ") ENGINE = MergeTree ORDER BY n0 SETTINGS min_bytes_for_wide_part = 1000000000"
}

func wideColumns(n int) []any {
	var columns []any
	for k := range 10 {
		s := make([]string, n)
		for i := range s {
			s[i] = fmt.Sprintf("%c%06d", 'a'+k, i*7919%1000000)[:4+k%4]
		}
		columns = append(columns, s)
	}
	for k := range 10 {
		c := make([]uint8, n)
		for i := range c {
			c[i] = uint8(i * (k + 1) % 29)
		}
		columns = append(columns, c)
	}
	for k := range 14 {
		c := make([]int64, n)
		for i := range c {
			c[i] = int64(i) * int64(k+1)
		}
		columns = append(columns, c)
	}
	return columns
}

// BenchmarkInsert sends batches of 100,000 rows of 34 columns, column by column,
// without compression on the wire. engine-ns/row is the child's CPU, merges included.
func BenchmarkInsert(b *testing.B) {
	const rows = 100_000
	p := enginetest.Start(b)
	conn := connect(b, p.DSN("default"))
	exec(b, conn, wide())
	columns := wideColumns(rows)
	require.NoError(b, send(soon(b), conn, columns...))
	cpu := cpuTime(b, p.Pid())
	b.ResetTimer()
	for range b.N {
		require.NoError(b, send(soon(b), conn, columns...))
	}
	b.StopTimer()
	total := float64(b.N) * rows
	b.ReportMetric(total/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(cpuTime(b, p.Pid())-cpu)/total, "engine-ns/row")
	b.ReportMetric(float64(statusBytes(b, p.Pid(), "VmRSS"))/(1<<20), "engine-MiB")
	b.ReportMetric(float64(statusBytes(b, p.Pid(), "VmHWM"))/(1<<20), "engine-peak-MiB")
}

// BenchmarkSelectOne is one round trip of the smallest statement.
func BenchmarkSelectOne(b *testing.B) {
	conn := connect(b, enginetest.Start(b).DSN("default"))
	for b.Loop() {
		number(b, conn, "SELECT toUInt64(1)")
	}
}

// BenchmarkStart is the time until a fresh engine answers, and until it is stopped.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		require.NoError(b, enginetest.Start(b).Stop(soon(b)))
	}
}

// cpuTime is user and system time of a process, from /proc/PID/stat, whose ticks
// are 10 ms (USER_HZ).
func cpuTime(t testing.TB, id int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + pid(id) + "/stat")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(stat), ") ")
	require.True(t, ok)
	fields := strings.Fields(rest) // from field 3 on: utime is 14, stime 15
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		require.NoError(t, err)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// statusBytes reads a line of /proc/PID/status, whose unit is KiB.
func statusBytes(t testing.TB, id int, name string) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/" + pid(id) + "/status")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(status), name+":")
	require.True(t, ok)
	n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	require.NoError(t, err)
	return n << 10
}
