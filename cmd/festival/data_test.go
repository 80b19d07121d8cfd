package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPlaceOfDemo: the tools on a data directory read the configuration that its demo had, topic left out or not.
func TestPlaceOfDemo(t *testing.T) {
	dir := t.TempDir()
	read := func() *Config {
		t.Helper()
		c, err := (&placeFlags{Data: dir}).read(&app{})
		require.NoError(t, err)
		return c
	}
	newFestival(t).write(t, dir)
	c := read()
	require.Equal(t, "acceptance", c.Festival.ID)
	require.Equal(t, "orders", c.Kafka.Topic)

	own := filepath.Join(t.TempDir(), "own.yaml")
	require.NoError(t, os.Rename(filepath.Join(dir, "festival.yaml"), own))
	require.NoError(t, (&demoCmd{Data: dir, Config: own, Addr: "127.0.0.1:1", KafkaAddr: "127.0.0.1:2"}).writeRunning())
	require.Equal(t, "acceptance", read().Festival.ID, "the demo's --config is remembered")
	require.Equal(t, []string{"127.0.0.1:2"}, runningBroker(dir, nil))
	require.Equal(t, []string{"otherwise"}, runningBroker(t.TempDir(), []string{"otherwise"}))
}
