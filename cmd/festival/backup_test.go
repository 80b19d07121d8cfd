package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// TestBackupWhileItRuns: a store is copied under load, restored into a fresh directory, and recounts to what it says;
// the demo that was copied has lost nothing.
func TestBackupWhileItRuns(t *testing.T) {
	t.Parallel()
	own := filepath.Join(t.TempDir(), "own.yaml") // a festival of one's own goes along, with the file that it names
	d := newDemo(t, "--rate", "3000", "--profile", "flat", "--config", own)
	text, err := demoText(time.Now(), d.kafka, d.http)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(own, text, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(own), "reference.csv"), []byte("0,0\n60,100\n"), 0o600))
	d.start(t)
	d.await("orders in many flushes", func() bool { f := d.frame(); return f.Total.Orders > 3000 })
	dir := t.TempDir()
	to, again := filepath.Join(dir, "backup"), filepath.Join(dir, "again")
	out, code := result(t, "store", "backup", "--check", "--data", d.data, "--to", to)
	require.Equal(t, exitDone, code, out)
	require.NoDirExists(t, to)
	out, code = result(t, "store", "backup", "--data", d.data, "--to", to)
	require.Equal(t, exitDone, code, out)
	t.Log(out)
	after := d.frame().Total.Orders
	d.await("the demo to go on", func() bool { return d.frame().Total.Orders > after })
	d.interrupt()

	out, code = result(t, "store", "backup", "--data", d.data, "--to", to)
	require.Equal(t, exitUsage, code, "a backup is not written over: %s", out)
	out, code = result(t, "store", "restore", "--from", to, "--data", d.data)
	require.Equal(t, exitUsage, code, "nor a store: %s", out)
	out, code = result(t, "store", "restore", "--from", to, "--data", again)
	require.Equal(t, exitDone, code, out)
	t.Log(out)
	require.NoError(t, os.RemoveAll(filepath.Dir(own))) // as on another machine
	out, code = result(t, "verify", "--data", again, "--from", "orders")
	require.Equal(t, exitDone, code, out)
	t.Log(out)
	out, code = result(t, "verify", "--data", d.data, "--config", filepath.Join(again, "festival.yaml"))
	require.Equal(t, exitDone, code, out)

	require.NoError(t, os.Remove(filepath.Join(to, manifestName)))
	out, code = result(t, "store", "restore", "--from", to, "--data", filepath.Join(dir, "third"))
	require.Equal(t, exitUsage, code, out)
	require.Contains(t, out, "no whole backup")
}

// frame is the newest one.
func (d *demo) frame() (f aggregate.Frame) {
	d.t.Helper()
	d.json("/api/v1/frame", &f)
	return f
}
