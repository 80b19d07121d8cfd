package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// commands are all of CONTRACT.md §2 that exist, as words of the command line.
func commands(t *testing.T) (all [][]string) {
	t.Helper()
	out, code := result(t, "--help")
	require.Equal(t, exitDone, code)
	for _, found := range regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)?)  +[A-Z]`).FindAllStringSubmatch(out, -1) {
		all = append(all, strings.Fields(found[1]))
	}
	require.GreaterOrEqual(t, len(all), 10, "%s", out)
	return all
}

// TestHelp: every command explains itself with examples, on standard output, and --help ends with 0.
func TestHelp(t *testing.T) {
	seen := map[string]bool{}
	for _, command := range append(commands(t), []string{"ledger"}, []string{"export"}, []string{"store"}) {
		seen[command[0]] = true
		out, code := result(t, append(command, "--help")...)
		require.Equal(t, exitDone, code, "%v: %s", command, out)
		require.Contains(t, out, "Examples:", "%v", command)
		require.Contains(t, out, "festival "+command[0], "%v", command)
	}
	for _, name := range []string{"demo", "ingest", "serve", "store", "rehearse", "verify", "ledger", "close", "hold", "export", "migrate", "bench", "version"} {
		require.True(t, seen[name], name)
	}
	require.False(t, seen["broker"], "the demo's broker is hidden")
}

// TestBadUsage: exit 2, and every problem at once.
func TestBadUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"demo", "--addr", "here", "--kafka-addr", "0.0.0.0:9092", "--rate=-3"}, []string{"--addr", "--kafka-addr", "--rate"}},
		{[]string{"demo", "--no-such-flag"}, []string{"no-such-flag"}},
		{[]string{"demo", "--rate", "many"}, []string{"rate", "many"}},
		{[]string{"demo", "--profile", "wild"}, []string{"profile", "midnight"}},
		{[]string{"dance"}, []string{"dance"}},
		{[]string{"verify"}, []string{"--data", "--config"}},
		{[]string{"verify", "--config", "/nowhere.yaml"}, []string{"/nowhere.yaml"}},
		{[]string{"verify", "--from", "wall", "--data", "x"}, []string{"from", "kafka"}},
		{[]string{"store", "--data", "x", "--addr", "0.0.0.0:1"}, []string{"--addr", "loopback"}},
		{[]string{"store"}, []string{"--data"}},
		{[]string{"close"}, []string{"--by", "--data", "--config"}},
		{[]string{"hold", "--config", "/nowhere.yaml"}, []string{"--by", "--reason", "/nowhere.yaml"}},
		{[]string{"ledger", "recount"}, []string{"--partition", "--by", "--reason"}},
		{[]string{"ledger", "accept-gap", "--data", "x", "--partition", "0", "--from", "1"}, []string{"--to", "--by", "--reason"}},
		{[]string{"ledger", "recount", "--data", "x", "--partition", "0", "--by", " ", "--reason", "r"}, []string{"--by"}},
		{[]string{"ingest"}, []string{"--config"}},
		{[]string{"serve"}, []string{"--config"}},
		{[]string{"rehearse", "--brokers", "nowhere", "--topic", "x", "--rate", "fast", "--start", "noon"}, []string{"--start"}},
		{[]string{"rehearse", "--brokers", "127.0.0.1:1", "--topic", "x", "--rate", "0", "--duplicates", "2", "--bad=-1"}, []string{"rate", "duplicates", "bad"}},
		{[]string{"demo", "--data", "/proc/x"}, []string{"--data /proc/x cannot be made", "a directory that this user may write"}},
	} {
		out, code := result(t, c.args...)
		require.Equal(t, exitUsage, code, "%v: %s", c.args, out)
		for _, part := range c.says {
			require.Contains(t, out, part, "%v", c.args)
		}
	}
}

// TestExportFlags: what the flags of a series say wrong is said at once, by --check and by the run alike.
func TestExportFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "festival.yaml")
	require.NoError(t, os.WriteFile(file, []byte(newFestival(t).yaml+`clickhouse: {dsn: "clickhouse://127.0.0.1:1/festival"}`+"\n"), 0o600))
	for flags, says := range map[string][]string{
		"--dim merchant --step 7s --from noon --to 5 --window night": {`--dim "merchant" has no curve: one of total, device`,
			"--step 7s: one of 1s, 1m, 1h", `--from "noon": want RFC 3339`, `--to "5": want RFC 3339`, `--window "night": the festival has no such window; it has `},
		"--dim flow --step 1s": {"--key is empty: say which flow", "--step 1s is finer than flow is kept"},
		"--dim total --key RU": {`--key "RU": --dim total has no keys`},
		"--from 2026-11-12T00:00:00+08:00 --to 2026-11-11T00:00:00+08:00": {"is not before --to"},
	} {
		for _, check := range []string{"", " --check"} {
			out, code := result(t, strings.Fields("export series --config "+file+" "+flags+check)...)
			require.Equal(t, exitUsage, code, "%s: %s", flags, out)
			for _, s := range says {
				require.Equal(t, 1, strings.Count(out, s), "%s: %s in %s", flags, s, out)
			}
		}
	}
}

// TestCheck reads everything, connects to nothing, writes nothing, and exits.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "festival.yaml")
	text := newFestival(t).yaml + `clickhouse: {dsn: "clickhouse://127.0.0.1:1/festival"}` + "\n"
	text = strings.Replace(text, "{partitions: 4}", "{partitions: 4, topic: orders, brokers: [\"127.0.0.1:1\"]}", 1)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	for _, command := range []string{"demo", "ingest", "serve", "verify", "migrate", "ledger list", "ledger new", "export series", "rehearse", "close --by Lin", "hold --by Lin --reason test"} {
		args := append(strings.Fields(command), "--check", "--config", file)
		if command == "demo" {
			args = append(args, "--data", filepath.Join(dir, "data"))
		}
		out, code := result(t, args...)
		require.Equal(t, exitDone, code, "%v: %s", args, out)
		require.Contains(t, out, "in order", "%v", args)
	}
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(text, "  rates:", "  rattes:", 1)), 0o600))
	out, code := result(t, "ingest", "--check", "--config", file)
	require.Equal(t, exitUsage, code)
	require.Regexp(t, file+`: line 6: unknown key rattes in section festival`, out)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "--check has made nothing")
}
