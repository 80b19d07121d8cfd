package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
)

// Shared is a cluster that the tests of one package share: the first that needs it starts it, Main closes it.
type Shared struct {
	Config Config

	once    sync.Once
	cluster *Cluster
	err     error
}

// Get starts the cluster where that has not been done. The test is skipped, or fails, as by Need.
func (s *Shared) Get(t TB) *Cluster {
	t.Helper()
	Need(t)
	s.once.Do(func() {
		ctx, cancel := context.WithTimeoutCause(context.Background(), runTimeout, errors.New("start of a package's cluster"))
		defer cancel()
		s.Config.Keep = true
		s.cluster, s.err = Start(ctx, s.Config)
	})
	if s.err != nil {
		t.Fatalf("%v", s.err)
	}
	return s.cluster
}

// Main runs the tests and then closes the clusters: give it to goleak.VerifyTestMain, which looks for goroutines afterwards. The
// directories stay where a test failed.
func Main(m interface{ Run() int }, all ...*Shared) interface{ Run() int } {
	return &sharedMain{m: m, all: all}
}

type sharedMain struct {
	m   interface{ Run() int }
	all []*Shared
}

// Run gives the tests' exit code.
func (r *sharedMain) Run() int {
	code := r.m.Run()
	for _, s := range r.all {
		if s.cluster == nil {
			continue
		}
		if s.cluster.cfg.Keep = code != 0; code != 0 {
			fmt.Fprintf(os.Stderr, "Kafka's logs stay in %s\n", s.cluster.Dir())
		}
		if err := s.cluster.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	return code
}
