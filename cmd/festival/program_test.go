package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/ingest/kafka/kafkatest"
	"festival/sql/engine"
	"festival/sql/engine/enginetest"
)

// patience bounds every wait for something that has to happen; nothing waits that long on a quiet machine.
const patience = 3 * time.Minute

// programFile is the program under test: $FESTIVAL_BIN, or one built from this tree, once a test run.
var programFile = sync.OnceValues(func() (string, error) {
	if p := os.Getenv("FESTIVAL_BIN"); p != "" {
		return p, nil
	}
	dir, err := os.MkdirTemp("", "festival-test")
	if err != nil {
		return "", err
	}
	builtIn = dir
	path := filepath.Join(dir, "festival")
	cmd := exec.Command("go", "build", "-o", path, "festival/cmd/festival")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build festival: %w\n%s", err, out)
	}
	return path, nil
})

// builtIn is the directory of a program that was built for this run, removed with it.
var builtIn string

func TestMain(m *testing.M) {
	code := m.Run()
	if builtIn != "" {
		_ = os.RemoveAll(builtIn)
	}
	os.Exit(code)
}

// program is one run of festival as a child process.
type program struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  *buffer
	done chan struct{} // closed once it has ended
}

// launch starts festival with the real engine; further variables win over the environment. Whatever still runs at the
// test's end is killed.
func launch(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	return launchWith(t, nil, env, args...)
}

// launchWith is launch with a standard input, which a child of ours watches for its parent's end.
func launchWith(t *testing.T, stdin io.Reader, env []string, args ...string) *program {
	t.Helper()
	path, err := programFile()
	require.NoError(t, err)
	p := &program{t: t, cmd: exec.Command(path, args...), out: &buffer{}, done: make(chan struct{})}
	p.cmd.Env = append(append(os.Environ(), engine.LibEnv+"="+enginetest.Library(t),
		engine.BinaryEnv+"="+enginetest.Binary(t)), env...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdin, p.out, p.out
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("festival %s said:\n%s", strings.Join(args, " "), p.out)
		}
	})
	return p
}

// result runs festival to its end and gives what it said and its exit code.
func result(t *testing.T, args ...string) (string, int) {
	t.Helper()
	return resultWith(t, nil, args...)
}

func resultWith(t *testing.T, env []string, args ...string) (string, int) {
	t.Helper()
	p := launch(t, env, args...)
	code := p.code()
	return p.out.String(), code
}

// code waits for the end and gives the exit code.
func (p *program) code() int {
	p.t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		require.FailNow(p.t, "festival does not end", "%s\n%s", p.cmd, p.out)
		return -1
	}
}

func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// interrupt asks for a clean stop and says how long it took.
func (p *program) interrupt() time.Duration {
	p.t.Helper()
	begun := time.Now()
	require.NoError(p.t, p.cmd.Process.Signal(os.Interrupt))
	require.Equal(p.t, exitDone, p.code(), "a clean stop: %s", p.out)
	return time.Since(begun)
}

// buffer is an io.Writer that can be read meanwhile.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// demo is a running `festival demo` and where it answers.
type demo struct {
	*program
	data, http, kafka string
	flags             []string
}

// newDemo gives a demo that does not run yet, on free ports; its festival is written before the first start.
func newDemo(t *testing.T, flags ...string) *demo {
	t.Helper()
	d := &demo{data: filepath.Join(t.TempDir(), "data"), http: unused(t), kafka: unused(t), flags: flags}
	require.NoError(t, os.Mkdir(d.data, 0o700))
	return d
}

// start starts it, again after a kill too, and waits until it is ready.
func (d *demo) start(t *testing.T) time.Duration {
	t.Helper()
	return d.startUntil(t, "readiness", func() bool {
		status, _ := d.get("/readyz")
		return status == http.StatusOK
	})
}

func (d *demo) startUntil(t *testing.T, what string, holds func() bool) time.Duration {
	t.Helper()
	_, err := programFile() // built outside the time that is measured
	require.NoError(t, err)
	enginetest.Binary(t)
	begun := time.Now()
	d.program = launch(t, nil, append([]string{"demo", "--data", d.data, "--addr", d.http, "--kafka-addr", d.kafka, "--no-verify"}, d.flags...)...)
	d.await(what, holds)
	return time.Since(begun)
}

// await waits until what holds, while the program runs.
func (d *demo) await(what string, holds func() bool) {
	d.t.Helper()
	for end := time.Now().Add(patience); !holds(); {
		select {
		case <-d.done:
			require.FailNow(d.t, "the demo ended while waiting for "+what, "%s", d.out)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			_, ready := d.get("/readyz")
			require.FailNow(d.t, "no "+what, "readyz: %s\n%s", ready, d.out)
		}
	}
}

// get asks the API, which a busy machine may let wait; status 0 means that nothing answered.
func (d *demo) get(path string) (status int, body []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.http+path, nil)
	require.NoError(d.t, err)
	return ask(req)
}

func ask(req *http.Request) (status int, body []byte) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	if err != nil {
		return 0, nil
	}
	return res.StatusCode, body
}

// json asks the API and demands an answer.
func (d *demo) json(path string, into any) {
	d.t.Helper()
	status, body := d.get(path)
	require.Equal(d.t, http.StatusOK, status, "%s: %s", path, body)
	require.NoError(d.t, json.Unmarshal(body, into))
}

// children are the processes of the demo by the name of their program or, of ours, their command.
func (d *demo) children() map[string]int {
	all := map[string]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if words := strings.Fields(rest); len(words) < 2 || words[1] != strconv.Itoa(d.cmd.Process.Pid) {
			continue
		}
		line, err := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if words := strings.Split(string(line), "\x00"); err == nil && len(words) > 1 {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if name := filepath.Base(words[0]); strings.HasPrefix(name, "festival-engine") {
				all["engine"] = pid
			} else {
				all[words[1]] = pid
			}
		}
	}
	return all
}

// killChild sends kill -9 to a child; one that is just being started anew is no longer there to be killed.
func (d *demo) killChild(name string) {
	d.t.Helper()
	var pid int
	d.await("child "+name, func() bool { pid = d.children()[name]; return pid > 0 })
	if err := syscall.Kill(pid, syscall.SIGKILL); !errors.Is(err, syscall.ESRCH) {
		require.NoError(d.t, err)
	}
}

// unused is a loopback address that nothing listens on.
func unused(t *testing.T) string {
	t.Helper()
	addr, err := kafkatest.FreeAddr()
	require.NoError(t, err)
	return addr
}
