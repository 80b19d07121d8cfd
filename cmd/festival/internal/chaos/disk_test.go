package chaos

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDiskIsFullAndFreeAgain(t *testing.T) {
	d := mountDisk(t.TempDir())
	if d == nil {
		t.Skip("no mount without root")
	}
	t.Cleanup(func() { require.NoError(t, d.unmount()) })
	file := filepath.Join(d.dir, "held")
	held := bytes.Repeat([]byte("x"), 300_001)
	require.NoError(t, os.WriteFile(file, held, 0o600))

	require.NoError(t, d.fill())
	require.ErrorIs(t, os.WriteFile(filepath.Join(d.dir, "more"), held, 0o600), syscall.ENOSPC)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, held, text, "what was there stays")

	require.NoError(t, d.free())
	require.NoError(t, os.WriteFile(filepath.Join(d.dir, "more"), held, 0o600))
}

func TestDiskLeavesWhatItHeld(t *testing.T) {
	d := mountDisk(filepath.Join(t.TempDir(), "store"))
	if d == nil {
		t.Skip("no mount without root")
	}
	require.NoError(t, os.WriteFile(filepath.Join(d.dir, "held"), []byte("x"), 0o600))
	require.NoError(t, d.fill())
	require.NoError(t, d.leave())
	text, err := os.ReadFile(filepath.Join(d.dir, "held"))
	require.NoError(t, err)
	require.Equal(t, "x", string(text))
	require.Error(t, d.unmount(), "it is no mount any more")
}
