package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A demo with --config is restored as one with that festival: the tools on the restored directory need no flag more.
func TestBackupTakesTheGivenFestivalAlong(t *testing.T) {
	data, elsewhere, dir := t.TempDir(), t.TempDir(), t.TempDir()
	own := filepath.Join(elsewhere, "own.yaml")
	write := func(path, text string) {
		t.Helper()
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	outside := filepath.Join(t.TempDir(), "map.json")
	newFestival(t).write(t, elsewhere)
	text, err := os.ReadFile(filepath.Join(elsewhere, "festival.yaml"))
	require.NoError(t, err)
	write(own, string(text)+"wall: {names_file: sub/names.yaml, map_file: "+outside+"}\n")
	require.NoError(t, os.Remove(filepath.Join(elsewhere, "festival.yaml")))
	write(filepath.Join(elsewhere, "sub", "names.yaml"), "names")
	require.NoError(t, (&demoCmd{Data: data, Config: own}).writeRunning())

	said := &bytes.Buffer{}
	a := &app{err: said}
	names, err := backupFestival(a, data, filepath.Join(dir, "files"))
	require.NoError(t, err)
	require.Equal(t, []string{"festival.yaml", "sub/names.yaml"}, names)
	require.Contains(t, said.String(), outside+" of "+own+" does not go along")
	again := filepath.Join(dir, "again")
	require.NoError(t, restoreFiles(filepath.Join(dir, "files"), again, names))
	require.FileExists(t, filepath.Join(again, "sub", "names.yaml"))
	path, err := (&placeFlags{Data: again}).file()
	require.NoError(t, err)
	c, _ := ReadConfig(path, nil)
	require.Equal(t, "acceptance", c.Festival.ID)

	require.ErrorContains(t, restoreFiles(dir, again, []string{"../x"}), "no backup of ours")
	require.ErrorContains(t, restoreFiles(dir, again, []string{"x"}), "is not there")

	require.NoError(t, os.Remove(own)) // the festival is gone: the store is copied all the same
	said.Reset()
	names, err = backupFestival(a, data, filepath.Join(dir, "more"))
	require.NoError(t, err)
	require.Empty(t, names)
	require.Contains(t, said.String(), own+", which is not there")

	said.Reset()
	names, err = backupFestival(a, t.TempDir(), filepath.Join(dir, "more"))
	require.NoError(t, err)
	require.Empty(t, names, "the directory of `festival store` has no festival")
	require.Empty(t, said.String())
}
