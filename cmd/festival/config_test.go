package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

const goodYAML = `festival:
  id: "1111-2026"
  name: {zh: 双11, en: Double Eleven}
  timezone: Asia/Shanghai
  windows: [{id: day, start: 2026-11-11T00:00:00+08:00, end: 2026-11-12T00:00:00+08:00}]
  rates: {CNY: "1", USD: "7.1142"}
kafka: {brokers: ["127.0.0.1:9092"], topic: orders}
`

// readText reads a configuration from text and variables.
func readText(t *testing.T, text string, environ ...string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "festival.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return ReadConfig(path, environ)
}

func TestConfigDefaults(t *testing.T) {
	c, err := readText(t, goodYAML)
	require.NoError(t, err)
	require.NoError(t, c.Validate(true))
	require.Equal(t, 2*time.Second, c.Festival.Lateness)
	require.Equal(t, 4, c.Kafka.Partitions)
	require.Equal(t, "festival", c.Kafka.Group)
	require.Equal(t, "127.0.0.1:8080", c.HTTP.Addr)
	require.False(t, c.HTTP.Open)
	require.Empty(t, c.ClickHouse.DSN)
	require.Empty(t, c.Festival.Milestones)
	rules, err := c.Rules(aggregate.DefaultStride)
	require.NoError(t, err)
	require.Len(t, rules.Windows, 1)
	require.EqualValues(t, 1794326400000, rules.Windows[0].StartMs)
	require.Equal(t, "Asia/Shanghai", c.Zone().String())

	c, err = readText(t, strings.Replace(goodYAML, "timezone", "lateness: 0s\n  timezone", 1))
	require.NoError(t, err)
	require.Zero(t, c.Festival.Lateness, "0s is given, not left out")
}

// TestConfigUnknownKeys: all of them at once, each with its line and its section.
func TestConfigUnknownKeys(t *testing.T) {
	text := strings.Replace(goodYAML, "  timezone:", "  colour: red\n  timezone:", 1) + "http: {adress: x}\nshop: {}\n"
	text = strings.Replace(text, "topic: orders", "topics: orders", 1)
	_, err := readText(t, text)
	require.ErrorAs(t, err, &usageError{})
	for _, says := range []string{"line 4: unknown key colour in section festival", "line 8: unknown key topics in section kafka",
		"line 9: unknown key adress in section http", "line 10: unknown key shop"} {
		require.ErrorContains(t, err, says)
	}
	require.NotContains(t, err.Error(), "main.", "no names of our types")
	for name, c := range map[string]struct{ text, says string }{
		"empty":     {"", "empty"},
		"no yaml":   {"festival: [", "line"},
		"type":      {"http: {open: perhaps}\n", "line 1"},
		"window":    {"festival: {windows: [{start: noon}]}\n", "noon"},
		"given two": {"http: {open: true}\nhttp: {open: false}\n", "line 2"},
		"documents": {goodYAML + "---\nfestival: {id: other}\n", "document"},
	} {
		_, err := readText(t, c.text)
		require.ErrorAs(t, err, &usageError{}, name)
		require.ErrorContains(t, err, c.says, name)
		require.NotContains(t, err.Error(), "main.", name)
	}
}

// TestConfigProblems: every problem of a configuration at once.
func TestConfigProblems(t *testing.T) {
	c, err := readText(t, `festival:
  timezone: Mars/Olympus
  lateness: -1s
  windows: [{id: a, start: 2026-11-11T00:00:00+08:00, end: 2026-11-12T00:00:00+08:00}, {id: a, start: 2026-11-11T12:00:00+08:00, end: 2026-11-10T00:00:00+08:00}]
  rates: {USD: "7,1"}
  milestones_cny: [5, 1]
kafka: {partitions: 5000, brokers: [nowhere]}
http: {addr: here}
`)
	require.NoError(t, err)
	err = c.Validate(true)
	require.ErrorAs(t, err, &usageError{})
	for _, says := range []string{"festival.id", "festival.name", "festival.timezone \"Mars/Olympus\"", "festival.lateness", "windows", "CNY", "7,1",
		"festival.milestones_cny", "kafka.partitions 5000", "kafka.brokers \"nowhere\"", "kafka.topic", "http.addr \"here\""} {
		require.ErrorContains(t, err, says)
	}
	require.GreaterOrEqual(t, strings.Count(err.Error(), "\n"), 11, "a line each: %v", err)
}

// TestConfigEnvironment: variables stand over the file; all that cannot be read are named at once.
func TestConfigEnvironment(t *testing.T) {
	c, err := readText(t, goodYAML, "FESTIVAL_KAFKA_BROKERS=a:1,b:2", "FESTIVAL_KAFKA_PARTITIONS=12", "FESTIVAL_HTTP_OPEN=true",
		"FESTIVAL_HTTP_ADDR=0.0.0.0:80", "FESTIVAL_CLICKHOUSE_DSN=clickhouse://x", "FESTIVAL_LATENESS=5s", "FESTIVAL_ID=other", "PATH=/bin")
	require.NoError(t, err)
	require.NoError(t, c.Validate(true))
	require.Equal(t, []string{"a:1", "b:2"}, c.Kafka.Brokers)
	require.Equal(t, 12, c.Kafka.Partitions)
	require.Equal(t, HTTP{Addr: "0.0.0.0:80", Open: true}, c.HTTP)
	require.Equal(t, "clickhouse://x", c.ClickHouse.DSN)
	require.Equal(t, 5*time.Second, c.Festival.Lateness)
	require.Equal(t, "other", c.Festival.ID)

	_, err = readText(t, goodYAML, "FESTIVAL_KAFKA_PARTITIONS=many", "FESTIVAL_HTTP_OPEN=perhaps", "FESTIVAL_RATES=CNY", "FESTIVAL_KAFKA_TOPICS=x",
		"FESTIVAL_ENGINE_LIB=/lib/x.so")
	require.ErrorAs(t, err, &usageError{})
	for _, says := range []string{"FESTIVAL_KAFKA_PARTITIONS=\"many\"", "FESTIVAL_HTTP_OPEN=\"perhaps\"", "FESTIVAL_RATES", "FESTIVAL_KAFKA_TOPICS"} {
		require.ErrorContains(t, err, says)
	}
	require.NotContains(t, err.Error(), "FESTIVAL_ENGINE_LIB", "the engine's own")
}

func TestMilestonesAreWhole(t *testing.T) {
	err := newConfig().decode("f.yaml", []byte("festival:\n  milestones_cny: [1, 1.5, many]\n"))
	require.ErrorContains(t, err, `line 2: festival.milestones_cny "1.5": want a whole number`)
	require.ErrorContains(t, err, `line 2: festival.milestones_cny "many": want a whole number`)
}

func TestLedgerNamesEachDifference(t *testing.T) {
	err := newConfig().ledgerDiffers(`{"rates":{"CNY":"1","USD":"7.1"},"serial":1}`, `{"rates":{"CNY":"1","USD":"7.2"},"serial":1}`, 4)
	require.ErrorContains(t, err, `rates.USD: the ledger has "7.1", the configuration "7.2"`)
	require.NotContains(t, err.Error(), "CNY")

	err = newConfig().ledgerDiffers(`{"cluster":"a","partitions":4}`, `{"cluster":"b","partitions":6}`, 4)
	require.ErrorContains(t, err, "partitions: the ledger has 4, the topic has 6 (kafka.partitions is 4, which only makes a topic)")
	require.ErrorContains(t, err, `cluster: the ledger has "a", the brokers answer as "b"`)
	require.NotContains(t, err.Error(), "the configuration 6")
}
