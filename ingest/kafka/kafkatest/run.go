package kafkatest

import (
	"context"
	"errors"
	"os"
	"time"
)

// TB is what Run needs of a *testing.T or *testing.B.
type TB interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	Logf(format string, args ...any)
}

// runTimeout bounds a test's start: formatting, and three nodes on a machine under load.
const runTimeout = 5 * time.Minute

// Need skips the test aloud where Java or the jars are missing, and fails it where the environment says CI.
func Need(t TB) {
	t.Helper()
	err := Find()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatalf("%v", err)
	default:
		t.Skipf("SKIPPED: %v", err)
	}
}

// Run starts a cluster for the length of a test. The directory of a test that failed stays, and the test says where.
func Run(t TB, cfg Config) *Cluster {
	t.Helper()
	Need(t)
	cfg.Keep = true
	ctx, cancel := context.WithTimeoutCause(context.Background(), runTimeout, errors.New("start of a test's cluster"))
	defer cancel()
	c, err := Start(ctx, cfg)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("Kafka's logs stay in %s", c.Dir())
		} else {
			c.cfg.Keep = false
		}
		if err := c.Close(); err != nil {
			t.Logf("close: %v", err)
		}
	})
	return c
}
