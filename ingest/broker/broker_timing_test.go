package broker

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/ingest/kafka"
)

// BenchmarkReopen times Start on a log of about 1 GiB, after a clean stop (snapshots) and after a kill (every segment is
// scanned), and says how much memory the filled and the reopened broker hold.
func BenchmarkReopen(b *testing.B) {
	dir := b.TempDir()
	cmd, addr := child(b, dir)
	records := fill(b, client(b, addr), kafka.None, 1040)
	b.Logf("filled: %d records, %d MiB on disk, %s", records, diskUse(b, dir)>>20, resident(b, cmd.Process.Pid))
	kill := func() {
		require.NoError(b, cmd.Process.Kill())
		_ = cmd.Wait()
	}
	kill()
	b.Run("killed", func(b *testing.B) {
		for b.Loop() {
			cmd, _ = child(b, dir)
			b.StopTimer()
			b.Log(resident(b, cmd.Process.Pid))
			kill()
			b.StartTimer()
		}
	})
	b.Run("stopped", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			clean, err := Start(within(b), config(dir))
			require.NoError(b, err)
			clean.Stop()
			b.StartTimer()
			cmd, _ = child(b, dir)
			b.StopTimer()
			b.Log(resident(b, cmd.Process.Pid))
			kill()
			b.StartTimer()
		}
	})
}

func resident(b *testing.B, pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(b, err)
	var out []string
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "VmHWM") || strings.HasPrefix(line, "VmRSS") {
			out = append(out, strings.Join(strings.Fields(line), " "))
		}
	}
	return strings.Join(out, ", ")
}
