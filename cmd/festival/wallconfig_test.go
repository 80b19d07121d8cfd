package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const wallYAML = goodYAML + `wall:
  map: file
  map_file: map.json
  map_approval: GS(2026)0001号
  currency: USD
  broadcast_delay: 7s
  freeze_at: [2026-11-11T23:55:00+08:00]
  names_file: names.yaml
  screens: [{name: lobby, panel: left, window: day, celebrate: off}, {name: stage}]
`

// readWall reads a configuration with files beside it.
func readWall(t *testing.T, text string, files map[string]string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	path := filepath.Join(dir, "festival.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	c, err := ReadConfig(path, nil)
	return c, both(err, c.Validate(true))
}

func TestWallConfig(t *testing.T) {
	good := map[string]string{"map.json": `{"type":"Topology"}`, "names.yaml": "countries: {RU: {zh: 俄国}}\nmerge: {MO: HK}\n"}
	c, err := readWall(t, wallYAML, good)
	require.NoError(t, err)
	w, err := c.wallSettings()
	require.NoError(t, err)
	require.Equal(t, 7*time.Second, w.BroadcastDelay)
	require.Equal(t, "俄国", w.Names.Countries["RU"].Zh)
	require.Equal(t, "HK", w.Names.Merge["MO"])
	require.Equal(t, "off", w.Screens[0].Celebrate)
	var said bytes.Buffer
	c.printWall(&said)
	for _, says := range []string{"map file map.json (GS(2026)0001号)", "currency USD", "on the air 7s later", "held from 2026-11-11T23:55:00+08:00",
		"/?screen=lobby: wall main, panel left, window day, scene all, celebrations off", "/?screen=stage"} {
		require.Contains(t, said.String(), says)
	}
	c, err = readText(t, goodYAML)
	require.NoError(t, err)
	said.Reset()
	c.printWall(&said)
	require.Equal(t, "Wall: map dots, currency CNY\n", said.String())
}

// Files that are not there or not right, and settings that do not fit, are all said at once.
func TestWallConfigProblems(t *testing.T) {
	_, err := readWall(t, wallYAML, map[string]string{"names.yaml": "countries: {RU: {zh: 俄国, fr: Russie}}\n"})
	require.ErrorAs(t, err, &usageError{})
	require.ErrorContains(t, err, "wall.map_file")
	require.ErrorContains(t, err, "wall.names_file")
	require.ErrorContains(t, err, "fr")
	require.NotContains(t, err.Error(), "query.", "no names of our types")
	_, err = readWall(t, goodYAML+"wall: {map: file, map_approval: ' ', freeze_at: [2026-11-12T00:00:01+08:00], colour: red, screens: [{name: left, light: on}]}\n", nil)
	require.ErrorAs(t, err, &usageError{})
	for _, says := range []string{"wall.map_file is missing", "wall.map_approval is missing", "wall.freeze_at[0]", "unknown key colour in section wall", "unknown key light"} {
		require.ErrorContains(t, err, says)
	}
	_, err = readWall(t, "festival: {windows: 5, rates: {CNY: \"1\"}}\nwall: {currency: USD, freeze_at: [2026-11-12T00:00:01+08:00], screens: [{name: a, window: x}]}\n", nil)
	require.ErrorContains(t, err, "wall.currency USD: festival.rates has no USD")
	require.NotContains(t, err.Error(), "freeze_at", "there are no windows to hold it against")
	require.NotContains(t, err.Error(), "screens[0]")
	_, err = readWall(t, goodYAML+"wall: {map_file: m.json, currency: EUR, broadcast_delay: 11m, freeze_at: [2026-11-11T23:55:00+08:00, x], screens: [{name: a, panel: top}, {name: [1]}, {name: b, scene: ops}]}\n", nil)
	for _, says := range []string{"wall.freeze_at \"x\"", "wall.currency \"EUR\"", "wall.broadcast_delay 11m", "wall.map_file", "wall.screens[0].panel \"top\"",
		"wall.screens[1].name", "wall.screens[2].scene \"ops\""} {
		require.ErrorContains(t, err, says, "one setting that cannot be read leaves the others to be judged")
	}
	require.NotContains(t, err.Error(), "unread", "what could not be read is said once")
	require.NotContains(t, err.Error(), "wall.freeze_at[0]")
}
