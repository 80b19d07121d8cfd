package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/sql"
	"festival/sql/engine"
	"festival/sql/engine/enginetest"
)

// oldServer is a ClickHouse of an older version: the real engine behind a proxy that changes what it says of itself.
func oldServer(t *testing.T, e *engine.Process) string {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: e.Addr()})
	proxy.ModifyResponse = func(r *http.Response) error {
		body, err := io.ReadAll(r.Body)
		old := ("23.8" + e.Version()[strings.LastIndex(e.Version(), ".")-2:])[:len(e.Version())] // as long, as the format wants
		r.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(e.Version()), []byte(old))))
		return err
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// TestStartErrors: what cannot be started says in one sentence what it is, which value, and how to mend it.
func TestStartErrors(t *testing.T) {
	t.Parallel()
	e := enginetest.Start(t)
	dir, served := t.TempDir(), t.TempDir()
	enginetest.StartIn(t, served)
	unlock, err := lockDir(filepath.Join(dir, "used"))
	require.NoError(t, err)
	defer unlock() //nolint:errcheck // the test is over
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	taken, free := listener.Addr().String(), unused(t)
	dsn, bare := "http://default:"+e.Token()+"@"+e.Addr(), "http://default@"+e.Addr()
	password := []string{"FESTIVAL_CLICKHOUSE_PASSWORD=" + e.Token()}
	file := filepath.Join(dir, "festival.yaml")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(goodYAML, "127.0.0.1:9092", free, 1)+fmt.Sprintf("clickhouse: {dsn: %q}\n", dsn+"/here")), 0o600))
	poor := filepath.Join(dir, "poor.yaml")
	require.NoError(t, os.WriteFile(poor, []byte(strings.Replace(goodYAML, `CNY: "1", `, "", 1)), 0o600))
	otherRules(t, dsn+"/other")
	newerStore(t, dsn+"/newer")

	for name, c := range map[string]struct {
		command string
		env     []string
		code    int
		says    []string
	}{
		"port of the demo":      {"demo --data " + dir + "/a --kafka-addr " + free + " --addr " + taken, nil, exitFailed, []string{"--addr " + taken, "in use", "another address"}},
		"port of the broker":    {"demo --data " + dir + "/b --addr " + free + " --kafka-addr " + taken, nil, exitFailed, []string{"--kafka-addr " + taken, "in use", "another address"}},
		"port of metrics":       {"ingest --config " + file + " --metrics " + taken, nil, exitFailed, []string{"--metrics " + taken, "in use", "another address"}},
		"port of serve":         {"serve --config " + file + " --addr " + taken, nil, exitFailed, []string{"http.addr " + taken, "in use", "another address"}},
		"port of the store":     {"store --data " + dir + "/c --addr " + taken, nil, exitFailed, []string{"--addr " + taken, "in use", "another address"}},
		"data directory in use": {"demo --data " + dir + "/used --addr " + free, nil, exitFailed, []string{dir + "/used", "in use by another festival", "another --data"}},
		"store in use":          {"store --data " + served + " --addr " + free, nil, exitFailed, []string{"served already", served, "stop it or use that one"}},
		"no engine":             {"store --data " + dir + "/d --addr " + free, []string{"FESTIVAL_ENGINE_LIB=/nowhere/libchdb.so"}, exitFailed, []string{"libchdb", "make"}},
		"no engine's program":   {"store --data " + dir + "/e --addr " + free, []string{"FESTIVAL_ENGINE_BIN=/nowhere/festival-engine"}, exitFailed, []string{"festival-engine", "/nowhere", "FESTIVAL_ENGINE_BIN"}},
		"old ClickHouse":        {"migrate --config " + file + " --dsn http://default@" + oldServer(t, e) + "/old", password, exitFailed, []string{"ClickHouse 23.8 is too old", "24.8 or newer", "upgrade"}},
		"newer store":           {"migrate --config " + file + " --dsn " + bare + "/newer", password, exitFailed, []string{"newer", "9999", "run the newer festival"}},
		"no rate":               {"demo --config " + poor + " --data " + dir + "/f", nil, exitUsage, []string{`rate CNY ""`, `give "1"`}},
		"no rate at start":      {"migrate --config " + poor + " --dsn http://127.0.0.1:1", nil, exitUsage, []string{`rate CNY ""`, `give "1"`}},
		"store away":            {"migrate --config " + file + " --dsn http://" + free + "/x", nil, exitFailed, []string{"open store " + free, "refused", "start it, or mend clickhouse.dsn"}},
		"wrong password":        {"migrate --config " + file + " --dsn " + bare + "/x", []string{"FESTIVAL_CLICKHOUSE_PASSWORD=wrong"}, exitFailed, []string{"refuses user \"default\"", "mend user or password"}},
		"password in a flag":    {"migrate --config " + file + " --dsn http://default:hunter2@" + e.Addr() + "/x", nil, exitUsage, []string{"--dsn holds a password", "FESTIVAL_CLICKHOUSE_PASSWORD", "clickhouse.password_file"}},
		"no ClickHouse":         {"migrate --config " + file + " --dsn clickhouse://" + e.Addr() + "/x", nil, exitFailed, []string{"open store " + e.Addr(), "scheme fit its port"}},
		"kafka away":            {"ingest --config " + file + " --metrics=", nil, exitFailed, []string{"kafka at " + free, "refused", "start it, or mend kafka.brokers"}},
		"no data":               {"verify --data " + dir + "/nowhere", nil, exitUsage, []string{"--data " + dir + "/nowhere is not there", "give the data directory"}},
		"no festival":           {"ledger list --data " + served, nil, exitUsage, []string{"--data " + served + " has no festival", "--config"}},
		"no ledger":             {"serve --config " + file + " --addr 127.0.0.1:0", nil, exitFailed, []string{"no ledger of festival 1111-2026", "start `festival ingest` first"}},
	} {
		out, code := resultWith(t, c.env, strings.Fields(c.command)...)
		require.Equal(t, c.code, code, "%s: %s", name, out)
		for _, s := range c.says {
			require.Contains(t, out, s, name)
		}
		require.Len(t, sentences(out), 1, "%s: one sentence: %s", name, out)
	}
	out, code := resultWith(t, password, "export", "milestones", "--config", file, "--dsn", bare+"/other")
	require.Equal(t, exitUsage, code, out)
	require.Contains(t, out, "other rules than this configuration; mend the configuration, or open a new ledger")
	require.Contains(t, out, `rates.USD: the ledger has "7", the configuration "7.1142"`)
	require.Len(t, sentences(out), 2, "a line for each difference: %s", out)
}

// sentences are the lines that a command says, its log apart.
func sentences(out string) (all []string) {
	for line := range strings.Lines(out) {
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "time=") {
			all = append(all, line)
		}
	}
	return all
}

// otherRules makes a store whose ledger has another rate.
func otherRules(t *testing.T, dsn string) {
	t.Helper()
	ctx := context.Background()
	store, err := openStore(ctx, sql.Config{DSN: dsn})
	require.NoError(t, err)
	defer store.Close()
	c, err := readText(t, strings.Replace(goodYAML, "7.1142", "7", 1))
	require.NoError(t, err)
	rules, err := c.Rules(aggregate.DefaultStride)
	require.NoError(t, err)
	l, err := newLedger(rules.Document("cluster", "orders", 4, 1), 1, c.Festival.ID, rules)
	require.NoError(t, err)
	l.LogStart = make([]int64, 4)
	require.NoError(t, store.CreateLedger(ctx, l))
}

// newerStore makes one that a later program has migrated.
func newerStore(t *testing.T, dsn string) {
	t.Helper()
	store, err := openStore(context.Background(), sql.Config{DSN: dsn})
	require.NoError(t, err)
	require.NoError(t, store.Close())
	at, err := url.Parse(dsn)
	require.NoError(t, err)
	password, _ := at.User.Password()
	req, err := http.NewRequest(http.MethodPost, "http://"+at.Host+"/", strings.NewReader("INSERT INTO newer.schema_migrations SELECT 9999, 'later', 1"))
	require.NoError(t, err)
	req.Header.Set("X-ClickHouse-Key", password)
	status, body := ask(req)
	require.Equal(t, http.StatusOK, status, "%s", body)
}
