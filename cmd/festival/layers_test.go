package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// brokenYAML has a problem of each kind that a file can have; what could be read is looked at all the same.
const brokenYAML = `festival:
  id: "1111-2026"
  name: {zh: 双11}
  timezone: Mars/Olympus
  colour: red
  windows: [{id: day, start: 2026-11-11T00:00:00, end: 2026-11-12T00:00:00+08:00}]
  lateness: 5
  rates: {CNY: "2"}
kafka:
  brokers: nowhere
  topics: orders
  tls: {ca: nowhere.pem, cert: mine.pem}
  sasl: {mechanism: DIGEST, user: festival, password: hunter2}
http: {addr: "127.0.0.1:8080", open: perhaps}
`

// TestAllLayersAtOnce: flags, variables, the file's form and its meaning are reported by one run, each once, each with
// its name, value and fix.
func TestAllLayersAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "festival.yaml")
	require.NoError(t, os.WriteFile(file, []byte(brokenYAML), 0o600))
	says := []string{
		`unknown flag --no-such-flag`,                           // flags
		`FESTIVAL_KAFKA_PARTITIONS="many": want a whole number`, // variables
		`FESTIVAL_KAFKA_TOPICS: there is no such setting; did you mean FESTIVAL_KAFKA_TOPIC?`,
		`FESTIVAL_CLICKHUOSE_DSN: there is no such setting; did you mean FESTIVAL_CLICKHOUSE_DSN?`,
		`FESTIVAL_RATES="CNY": cannot be set by a variable`,
		`line 5: unknown key colour in section festival`, // the file's form
		`line 6: festival.windows[0].start "2026-11-11T00:00:00": want RFC 3339 with zone, such as`,
		`line 7: festival.lateness "5": want a duration with its unit, such as`,
		`line 10: kafka.brokers "nowhere": want a list`,
		`line 11: unknown key topics in section kafka; did you mean topic?`,
		`line 13: kafka.sasl.password does not belong into this file: give password_file, or the variable FESTIVAL_KAFKA_SASL_PASSWORD`,
		`line 14: http.open "perhaps": want true or false`,
		`festival.name needs both zh and en`, // its meaning
		`festival.timezone "Mars/Olympus"`,
		`rate CNY "2"`,
		`kafka.topic is missing`,
		`kafka.tls.ca: open `, `nowhere.pem`, `kafka.tls needs cert and key together`,
		`kafka.sasl.mechanism "DIGEST": one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512`,
	}
	env := []string{"FESTIVAL_KAFKA_PARTITIONS=many", "FESTIVAL_KAFKA_TOPICS=x", "FESTIVAL_CLICKHUOSE_DSN=x", "FESTIVAL_RATES=CNY"}
	for _, command := range []string{"ingest", "serve", "rehearse --rate 0 --duplicates 2", "verify --until many", "migrate", "export series --step 5", "demo --rate many"} {
		out, code := resultWith(t, env, append(strings.Fields(command), "--config", file, "--no-such-flag", "1")...)
		require.Equal(t, exitUsage, code, "%s: %s", command, out)
		for _, s := range says {
			if strings.HasPrefix(s, "kafka.topic is") && !strings.HasPrefix(command, "ingest") && !strings.HasPrefix(command, "serve") && !strings.HasPrefix(command, "rehearse") {
				continue // others need no Kafka
			}
			if strings.HasPrefix(command, "demo") && strings.HasPrefix(s, "kafka.") || strings.HasPrefix(command, "demo") && s == "nowhere.pem" {
				continue // a demo has a broker of its own
			}
			require.Equal(t, 1, strings.Count(out, s), "%s: %s\nin %s", command, s, out)
		}
		require.NotContains(t, out, "hunter2", "no password in an error")
		require.NotContains(t, out, "window \"", command+": what could not be read is not called wrong as well", "%s", out)
	}
	for command, says := range map[string][]string{
		"rehearse --rate fast --duplicates 2 --start noon --answer /nowhere/sheet.json": {"--rate", "duplicates", "--start", "--answer /nowhere/sheet.json: directory /nowhere is not there"},
		"verify --partition x --until y --from wall":                                    {`--partition "x": want a whole number`, `--until "y"`, `--from "wall": want one of kafka, orders`},
		"bench cores --records many --for 5 --rate 0 --check":                           {`bench "cores"`, `--records "many"`, `--for "5": want a duration`, "--rate 0"},
		"store --addr 0.0.0.0:1 --config " + file:                                       {"missing flags: --data", "--addr", "unknown key colour"},
		"serve --addr here --foo --bar 5 -x":                                            {"no configuration", "--foo", "--bar", "-x", `http.addr "here"`},
	} {
		out, code := resultWith(t, env[:1], strings.Fields(command)...)
		require.Equal(t, exitUsage, code, "%s: %s", command, out)
		for _, s := range says {
			require.Contains(t, out, s, command)
		}
	}
}

// TestSettingsByVariable: nested settings too; a section that was left out is made.
func TestSettingsByVariable(t *testing.T) {
	c, err := readText(t, goodYAML, "FESTIVAL_KAFKA_TLS_SERVER_NAME=kafka", "FESTIVAL_KAFKA_SASL_MECHANISM=PLAIN", "FESTIVAL_KAFKA_SASL_USER=u",
		"FESTIVAL_KAFKA_SASL_PASSWORD=secret", "FESTIVAL_INGEST_EVENTS=7", "FESTIVAL_STORE_KEEP_FREE=1GiB", "FESTIVAL_QUERY_MAX_STREAMS=5", "FESTIVAL_TEST_ANYTHING=1")
	require.NoError(t, err)
	require.NoError(t, c.Validate(true))
	require.Equal(t, "kafka", c.Kafka.TLS.ServerName)
	require.Equal(t, &SASL{Mechanism: "PLAIN", User: "u", Password: "secret"}, c.Kafka.SASL)
	require.EqualValues(t, 7, c.Ingest.Events)
	require.EqualValues(t, 1<<30, *c.Store.KeepFree)
	require.Equal(t, 5, c.Query.MaxStreams)
	require.Nil(t, c.ClickHouse.TLS)
}

// TestSettingsOfTheFile: sections, sizes, null, anchors; what is written twice or upside down is refused.
func TestSettingsOfTheFile(t *testing.T) {
	c, err := readText(t, goodYAML+"ingest: {flush: 100ms, buffered_rows: 1000, events: 5}\nquery: {max_queries: 2}\nstore: {keep_free: 500MiB, max_memory: 2GiB}\nhttp: {addr: null}\n")
	require.NoError(t, err)
	require.NoError(t, c.Validate(true))
	require.EqualValues(t, 500<<20, *c.Store.KeepFree)
	require.Equal(t, "127.0.0.1:8080", c.HTTP.Addr)
	for text, says := range map[string]string{
		"kafka: {tls: }":                           "line 1: kafka.tls is empty",
		"kafka: &k {sasl: {user: u}, topic: *k}":   "want one value",
		"http: {addr: x, addr: y}":                 "key http.addr is given already on line 1",
		"ingest: {flush: 1ms, buffered_rows: 5}":   "ingest.flush 1ms: from 10ms to 10s\ningest.buffered_rows 5: from 1000",
		"store: {keep_free: lots, max_memory: 1}":  `store.keep_free "lots": want bytes`,
		"kafka: {session_timeout: 1s}":             "kafka.session_timeout 1s: from 6s",
		"query: {max_streams: -1}":                 "query.max_streams -1",
		"clickhouse: {tls: {ca: x.pem}}":           "clickhouse.dsn is empty",
		"clickhouse: {dsn: 'http://h:1', tls: {}}": "clickhouse.dsn is not secure",
		"kafka: {brokers: ['kafka:9092'], topic: o, sasl: {mechanism: PLAIN, user: u, password_file: festival.yaml}}": "PLAIN without kafka.tls sends the password readable to kafka:9092",
		"- a": "want a section",
	} {
		c, err := readText(t, text)
		require.ErrorContains(t, both(err, c.Validate(true)), says, text)
	}
}

// TestNeighboursOfUnreadableWindow: what could not be read hides nothing of the windows around it.
func TestNeighboursOfUnreadableWindow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "festival.yaml")
	text := newFestival(t).yaml
	from := strings.Index(text, "  windows:")
	require.Positive(t, from)
	rest := text[from:]
	text = text[:from] + `  windows:
    - {id: a, start: 2026-11-11T00:00:00+08:00, end: 2026-11-12T00:00:00+08:00}
    - {id: b, start: soon, end: 2026-11-13T00:00:00+08:00}
    - {id: a, start: 2026-11-11T12:00:00+08:00, end: 2026-11-11T06:00:00+08:00}
` + rest[strings.Index(rest, "\n")+1:]
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	out, code := result(t, "migrate", "--check", "--config", file)
	require.Equal(t, exitUsage, code)
	for _, says := range []string{`festival.windows[1].start "soon"`, `window "a": the id is given twice`, `window "a": its end `, `window "a": begins at `} {
		require.Equal(t, 1, strings.Count(out, says), "%s in %s", says, out)
	}
	require.NotContains(t, out, `window "b"`)
}
