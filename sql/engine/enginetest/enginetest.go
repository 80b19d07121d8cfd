// Package enginetest gives tests a real embedded store. In comes a test; out comes
// a running engine with an empty directory, gone when the test ends, or a database of its own in an engine that a package shares.
//
// Without libchdb a test is skipped aloud; with CI=true it fails instead.
package enginetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"festival/sql/engine"
)

// Bounds of a test's engine: its own deadline for the end is 2 s, but the machine may be busy.
const (
	startTimeout = 2 * time.Minute
	stopTimeout  = time.Minute
)

// Start runs an engine on a fresh directory for the length of the test.
func Start(t testing.TB) *engine.Process {
	t.Helper()
	return StartIn(t, t.TempDir())
}

// StartIn runs an engine on dir for the length of the test; a test that stops or
// kills it earlier may start another one there. Further settings are made by the
// given functions.
func StartIn(t testing.TB, dir string, with ...func(*engine.Config)) *engine.Process {
	t.Helper()
	cfg := Config(t, dir)
	for _, f := range with {
		f(&cfg)
	}
	p, err := engine.Start(context.Background(), cfg)
	if err != nil {
		t.Fatalf("start engine: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			t.Errorf("stop engine: %v", err)
		}
	})
	return p
}

// Config is what engine.Start and engine.Supervise need in a test: a binary built
// from this tree, the library, and a log that goes to the test's.
func Config(t testing.TB, dir string) engine.Config {
	t.Helper()
	lib := Library(t)
	return engine.Config{Dir: dir, Addr: freeAddr(t), Binary: Binary(t), LibPath: lib, StartTimeout: startTimeout, Stderr: &testLog{t: t}}
}

// Ports come from below the range that Linux gives to outgoing connections (32768 and up by default,
// net.ipv4.ip_local_port_range): an engine that was stopped must find its port free when it comes back.
const (
	lowestPort  = 12_000
	highestPort = 32_000
)

// freeAddr is a loopback address that nobody listens on at this moment.
func freeAddr(t testing.TB) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", lowestPort+rand.IntN(highestPort-lowestPort)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatalf("no free port between %d and %d", lowestPort, highestPort)
	return ""
}

// Library finds libchdb.so: $FESTIVAL_ENGINE_LIB, or bin/ or
// deploy/engine/node_modules of the module. Without it the test is skipped, or
// fails when CI=true.
func Library(t testing.TB) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{
		os.Getenv(engine.LibEnv),
		filepath.Join(root, "bin", "libchdb.so"),
		filepath.Join(root, "deploy", "engine", "node_modules", "@chdb", "lib-linux-x64-gnu", "libchdb.so"),
	} {
		if _, err := os.Stat(p); p != "" && err == nil {
			return p
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(engine.ErrNoLibrary)
	}
	t.Skipf("SKIPPED: %v", engine.ErrNoLibrary)
	return ""
}

// build is the binary of this test program's run.
var build = sync.OnceValues(compile)

// Binary gives the program festival-engine: $FESTIVAL_ENGINE_BIN, or one built
// from this tree, once for each test program. The file stays in the user's cache
// directory, one for each tree.
func Binary(t testing.TB) string {
	t.Helper()
	if p := os.Getenv(engine.BinaryEnv); p != "" {
		return p
	}
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func compile() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	tree := sha256.Sum256([]byte(root))
	dir := filepath.Join(cache, "festival-enginetest", hex.EncodeToString(tree[:8]))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	// A name of its own and a rename: test programs of several packages build at once.
	next := filepath.Join(dir, fmt.Sprintf("festival-engine.%d", os.Getpid()))
	cmd := exec.Command("go", "build", "-o", next, "festival/cmd/festival-engine")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build festival-engine: %w\n%s", err, out)
	}
	path := filepath.Join(dir, "festival-engine")
	return path, os.Rename(next, path)
}

// moduleRoot walks up from the working directory, which is the package's.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = up
	}
	return "", err
}

// testLog sends the engine's log to the test's, until the test ends.
type testLog struct {
	t  testing.TB
	mu sync.Mutex
}

// Write logs whole chunks; os/exec ends its copying before Stop returns, which is
// before the test ends.
func (l *testLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.t.Logf("engine: %s", bytes.TrimRight(p, "\n"))
	return len(p), nil
}
