package enginetest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"festival/sql/engine"
)

// Shared is an engine that those tests of one package share that neither stop it nor look at all of it: the first that needs it
// starts it, Main stops it. Each test has a database of its own. A start costs 0.8 s of CPU.
type Shared struct {
	once    sync.Once
	dir     string
	process *engine.Process
	err     error
	said    lockedText

	mu        sync.Mutex
	databases int
}

// DSN starts the engine where that has not been done, and names a database that is not there yet; it is dropped when the test ends.
// A test that fails shows what the engine said meanwhile.
func (s *Shared) DSN(t testing.TB) string {
	t.Helper()
	cfg := Config(t, "")
	s.once.Do(func() { s.start(cfg) })
	if s.err != nil {
		t.Fatalf("start the package's engine: %v", s.err)
	}
	s.mu.Lock()
	s.databases++
	name, from := fmt.Sprintf("test_%d", s.databases), s.said.len()
	s.mu.Unlock()
	t.Cleanup(func() {
		if err := s.drop(name); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
		if t.Failed() {
			t.Logf("engine: %s", s.said.since(from))
		}
	})
	return s.process.DSN(name)
}

func (s *Shared) start(cfg engine.Config) {
	if s.dir, s.err = os.MkdirTemp("", "festival-engine-"); s.err != nil {
		return
	}
	cfg.Dir, cfg.Stderr = s.dir, &s.said
	s.process, s.err = engine.Start(context.Background(), cfg)
}

func (s *Shared) drop(database string) error {
	req, err := http.NewRequest(http.MethodPost, "http://"+s.process.Addr()+"/", strings.NewReader("DROP DATABASE IF EXISTS "+database))
	if err != nil {
		return err
	}
	req.Header.Set("X-ClickHouse-Key", s.process.Token())
	req.Close = true // no goroutine stays
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("answer %s", res.Status)
	}
	return nil
}

// Main runs the tests and then stops the engines: give it to leaks.Main, which looks for goroutines afterwards.
func Main(m interface{ Run() int }, all ...*Shared) interface{ Run() int } { return sharedMain{m, all} }

type sharedMain struct {
	m   interface{ Run() int }
	all []*Shared
}

// Run gives the tests' exit code, 1 where an engine did not stop.
func (r sharedMain) Run() int {
	code := r.m.Run()
	for _, s := range r.all {
		if err := s.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop engine:", err)
			code = max(code, 1)
		}
	}
	return code
}

func (s *Shared) stop() error {
	defer os.RemoveAll(s.dir)
	if s.process == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return s.process.Stop(ctx)
}

// lockedText is an engine's log, of all tests together.
type lockedText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps all of it: an engine says little.
func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Len()
}

func (l *lockedText) since(from int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text.Bytes()[from:])
}
