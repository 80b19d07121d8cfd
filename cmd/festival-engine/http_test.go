package main_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql/engine"
	"festival/sql/engine/enginetest"
	"festival/sql/leaks"
)

func TestMain(m *testing.M) { leaks.Main(m) }

// answer is what a plain HTTP client sees.
type answer struct {
	status int
	code   string // X-ClickHouse-Exception-Code
	body   string
	err    error // of reading the body
}

// ask sends a statement as curl does: POST with a body, else GET.
func ask(t testing.TB, p *engine.Process, query string, body string, with ...func(*http.Request)) answer {
	t.Helper()
	method, reader := http.MethodGet, io.Reader(nil)
	if body != "" {
		method, reader = http.MethodPost, strings.NewReader(body)
	}
	req, err := http.NewRequest(method, "http://"+p.Addr()+"/?"+query, reader)
	require.NoError(t, err)
	req.Header.Set("X-ClickHouse-Key", p.Token())
	for _, f := range with {
		f(req)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	require.NoError(t, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, res.Body.Close())
	return answer{res.StatusCode, res.Header.Get("X-ClickHouse-Exception-Code"), string(text), err}
}

func sql(statement string) string { return "query=" + url.QueryEscape(statement) }

// must asserts a good answer and gives its body.
func must(t testing.TB, a answer) string {
	t.Helper()
	require.NoError(t, a.err)
	require.Equal(t, 200, a.status, a.body)
	return a.body
}

func TestThreeWaysToGiveTheToken(t *testing.T) {
	p := enginetest.Start(t)
	bare := func(r *http.Request) { r.Header.Del("X-ClickHouse-Key") }
	for name, with := range map[string]func(*http.Request){
		"header": func(*http.Request) {},
		"basic":  func(r *http.Request) { bare(r); r.SetBasicAuth("default", p.Token()) },
		"url":    func(r *http.Request) { bare(r); r.URL.RawQuery += "&password=" + p.Token() },
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, "1\n", must(t, ask(t, p, sql("SELECT 1"), "", with))) })
	}
	for name, with := range map[string]func(*http.Request){
		"none":       bare,
		"wrong":      func(r *http.Request) { r.Header.Set("X-ClickHouse-Key", "x"+p.Token()) },
		"other user": func(r *http.Request) { r.Header.Set("X-ClickHouse-User", "root") },
		"empty":      func(r *http.Request) { bare(r); r.SetBasicAuth("default", "") },
	} {
		t.Run(name, func(t *testing.T) {
			a := ask(t, p, sql("SELECT 1"), "", with)
			require.Equal(t, 403, a.status)
			require.Equal(t, "516", a.code)
			require.Contains(t, a.body, "AUTHENTICATION_FAILED")
		})
	}
	a := ask(t, p, "", "", bare)
	require.Equal(t, "Ok.\n", must(t, a))
}

func TestFormatsAndParameters(t *testing.T) {
	p := enginetest.Start(t)
	for _, c := range []struct{ query, body, want string }{
		{sql("SELECT 1"), "", "1\n"},
		{"", "SELECT 1, 'a' FORMAT CSV", "1,\"a\"\n"},
		{sql("SELECT 1 +"), "1", "2\n"},
		{"default_format=JSONEachRow", "SELECT 1 AS n", "{\"n\":1}\n"},
		{"default_format=JSONEachRow", "SELECT 1 AS n WHERE 0", ""},
		{"default_format=CSVWithNames", "SELECT number AS n FROM numbers(2)", "\"n\"\n0\n1\n"},
		{sql("SELECT {n:UInt8} + 1") + "&param_n=41", "", "42\n"},
		{"max_threads=3", "SELECT getSetting('max_threads')", "3\n"},
		{"database=system", "SELECT currentDatabase();", "system\n"},
		{"wait_end_of_query=1", "-- why\nSELECT ';' /* ; */ ;\n", ";\n"},
		{"", "SHOW DATABASES LIKE 'system'", "system\n"},
		{"", "EXISTS TABLE nowhere", "0\n"},
		{"", "SELECT toDateTime(0)", "1970-01-01 00:00:00\n"},
	} {
		require.Equal(t, c.want, must(t, ask(t, p, c.query, c.body)), "%s %s", c.query, c.body)
	}
	require.Contains(t, must(t, ask(t, p, "", "SELECT 1 AS n FORMAT JSON")), `"rows": 1`)
}

func TestWhatOneRequestMayNotHold(t *testing.T) {
	p := enginetest.Start(t)
	for _, c := range []struct {
		query, body, code string
		status            int
	}{
		{"", "SELECT 1; SELECT 2", "62", 400},
		{sql("SELECT 1;"), "SELECT 2", "62", 400},
		{"session_id=x", "SELECT 1", "48", 501},
		{"", " ", "62", 400},
		{"", "SELECT * FROM nowhere", "60", 404},
		{"database=nowhere", "SELECT 1", "81", 404},
		{"nosuch=1", "SELECT 1", "115", 400},
		{"", "SELECT arraySum(groupArray(number)) FROM numbers(300000000)", "241", 500},
	} {
		a := ask(t, p, c.query, c.body)
		require.Equal(t, c.code, a.code, a.body)
		require.Equal(t, c.status, a.status)
		require.True(t, strings.HasPrefix(a.body, "Code: "+c.code+". DB::Exception: "), a.body)
	}
}

func TestInsertsOfEverySpelling(t *testing.T) {
	p := enginetest.Start(t)
	must(t, ask(t, p, "", "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a"))
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, err := zip.Write([]byte("6\tsix\n"))
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	insert := "INSERT INTO t FORMAT "
	must(t, ask(t, p, "", "INSERT INTO t (a, s) VALUES (1, 'SELECT'), (2, ');')"))
	must(t, ask(t, p, "", insert+"JSONEachRow\n{\"a\":3,\"s\":\"three\"}"))
	must(t, ask(t, p, sql(insert+"JSONEachRow"), "{\"a\":4,\"s\":\"four\"}\n"))
	must(t, ask(t, p, sql("INSERT INTO t (s, a) SETTINGS max_threads = 1 FORMAT CSV"), "\"five\",5\r\n"))
	must(t, ask(t, p, sql(insert+"TSV"), packed.String(), func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }))
	must(t, ask(t, p, "", "INSERT INTO t SELECT 7, 'seven' FORMAT Null"))
	must(t, ask(t, p, sql("INSERT INTO t VALUES"), "(8,'eight')"))
	must(t, ask(t, p, sql(insert+"JSONEachRow")+"&async_insert=0", "\n"))
	require.Equal(t, "1,SELECT 2,); 3,three 4,four 5,five 6,six 7,seven 8,eight\n",
		must(t, ask(t, p, "", "SELECT arrayStringConcat(groupArray(concat(a, ',', s)), ' ') FROM (SELECT toString(a) AS a, s FROM t ORDER BY t.a)")))

	a := ask(t, p, sql(insert+"JSONEachRow"), "{\"a\":9,\"s\":\"nine\"}\n{\"a\":\"x\"}")
	require.NotEmpty(t, a.code)
	require.Equal(t, "8\n", must(t, ask(t, p, "", "SELECT count() FROM t")))
}

func TestARefusedInsertOfManyBytesKeepsItsCode(t *testing.T) {
	p := enginetest.Start(t)
	must(t, ask(t, p, "", "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a"))
	rows := strings.Repeat("{\"a\":1}\n", 4_000_000)
	require.Equal(t, "60", ask(t, p, sql("INSERT INTO nowhere FORMAT JSONEachRow"), rows).code)
	a := ask(t, p, sql("INSERT INTO t FORMAT JSONEachRow"), "{\"a\":\"x\"}\n"+rows)
	require.NotEmpty(t, a.code, a.body)
	require.Equal(t, "0\n", must(t, ask(t, p, "", "SELECT count() FROM t")))
}

func TestABodyThatBreaksOffLeavesNothing(t *testing.T) {
	p := enginetest.Start(t)
	must(t, ask(t, p, "", "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a"))
	for name, head := range map[string]string{"length": "Content-Length: 5000000", "chunks": "Transfer-Encoding: chunked"} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", p.Addr())
			require.NoError(t, err)
			rows := strings.Repeat("{\"a\":1}\n", 300_000)
			if name == "chunks" {
				rows = fmt.Sprintf("%x\r\n%s\r\n", len(rows), rows)
			}
			_, err = fmt.Fprintf(c, "POST /?%s HTTP/1.1\r\nHost: x\r\nX-ClickHouse-Key: %s\r\n%s\r\n\r\n%s",
				sql("INSERT INTO t FORMAT JSONEachRow"), p.Token(), head, rows)
			require.NoError(t, err)
			require.NoError(t, c.(*net.TCPConn).CloseWrite())
			text, err := io.ReadAll(c)
			require.NoError(t, err)
			require.NoError(t, c.Close())
			require.NotContains(t, string(text), "200 OK")
			require.Eventually(t, func() bool {
				return must(t, ask(t, p, "", "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO t%'")) == "0\n"
			}, time.Minute, 10*time.Millisecond)
			require.Equal(t, "0\n", must(t, ask(t, p, "", "SELECT count() FROM t")))
		})
	}
}

func TestALateExceptionBreaksTheAnswerOff(t *testing.T) {
	p := enginetest.Start(t)
	a := ask(t, p, "default_format=JSONEachRow", "SELECT throwIf(number = 500000) FROM numbers(1000000) SETTINGS max_threads = 1")
	require.Equal(t, 200, a.status)
	require.ErrorIs(t, a.err, io.ErrUnexpectedEOF)
	require.Contains(t, a.body, "\r\n__exception__\r\n")
	require.Contains(t, a.body, "Code: 395. DB::Exception")
}

func TestFlagsAreRefusedAllAtOnce(t *testing.T) {
	enginetest.Library(t)
	out := run(t, "--addr", "192.0.2.1:1", "--max-memory", "1", "--merge-threads", "0", "rest")
	for _, part := range []string{"--data is missing", "192.0.2.1:1", "--max-memory 1", "--merge-threads 0", `"rest"`} {
		require.Contains(t, out, part)
	}
}

// run starts the program with bad flags and gives what it says.
func run(t testing.TB, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	r, w, err := os.Pipe()
	require.NoError(t, err)
	proc, err := os.StartProcess(enginetest.Binary(t), append([]string{"festival-engine"}, args...), &os.ProcAttr{Files: []*os.File{nil, w, w}})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, err = io.Copy(&out, r)
	require.NoError(t, err)
	state, err := proc.Wait()
	require.NoError(t, err)
	require.Equal(t, 2, state.ExitCode(), out.String())
	return out.String()
}
