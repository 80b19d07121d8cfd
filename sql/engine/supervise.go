package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Waits between restarts: doubled after each failure, back to the first once the
// engine has lived for restartCalm.
const (
	restartFirst = 100 * time.Millisecond
	restartMost  = 5 * time.Second
	restartCalm  = 30 * time.Second
)

// Supervisor keeps an engine up. Address and token stay the same over restarts, so
// a DSN stays good; statements that run when the engine dies fail and are their
// caller's to repeat.
type Supervisor struct {
	cfg      Config
	addr     string
	token    string
	current  atomic.Pointer[Process]
	restarts atomic.Int64
	cancel   context.CancelFunc // ends the loop
	ended    chan struct{}
	stopOnce sync.Once
}

// Supervise starts an engine and starts it again whenever it dies, until Stop. ctx
// bounds the first start only, whose error is returned and not retried.
func Supervise(ctx context.Context, cfg Config) (*Supervisor, error) {
	p, err := Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	cfg.Addr, cfg.Token = p.Addr(), p.Token()
	loop, cancel := context.WithCancel(context.Background())
	s := &Supervisor{cfg: cfg, addr: p.Addr(), token: p.Token(), cancel: cancel, ended: make(chan struct{})}
	s.current.Store(p)
	go s.loop(loop)
	return s, nil
}

// loop owns the process: it alone replaces it.
func (s *Supervisor) loop(ctx context.Context) {
	defer close(s.ended)
	wait, born := restartFirst, time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.current.Load().Done():
		}
		if time.Since(born) > restartCalm {
			wait = restartFirst
		}
		s.cfg.Log.Error("engine is down and will be started again", "error", s.current.Load().Err(), "in", wait)
		if !sleep(ctx, wait) {
			return
		}
		wait = min(2*wait, restartMost)
		born = time.Now()
		s.restart(ctx)
	}
}

// restart tries once; after a failure the dead process stays current, so that the
// loop comes back.
func (s *Supervisor) restart(ctx context.Context) {
	p, err := Start(ctx, s.cfg)
	if err != nil {
		s.cfg.Log.Error("engine does not start", "addr", s.addr, "error", err)
		return
	}
	s.current.Store(p)
	n := s.restarts.Add(1)
	s.cfg.Log.Info("engine answers again", "addr", s.addr, "pid", p.Pid(), "restarts", n)
}

// sleep waits, or reports false when ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Addr is the host:port, the same for as long as the Supervisor lives.
func (s *Supervisor) Addr() string { return s.addr }

// Token is the password of the user default, as lasting as Addr.
func (s *Supervisor) Token() string { return s.token }

// DSN is what clickhouse.ParseDSN takes, as lasting as Addr.
func (s *Supervisor) DSN(database string) string { return DSN(s.addr, s.token, database) }

// Pid is the child's process id; while none lives, the last one's.
func (s *Supervisor) Pid() int { return s.current.Load().Pid() }

// Restarts counts how often the engine was started again.
func (s *Supervisor) Restarts() int64 { return s.restarts.Load() }

// Up reports whether the engine's process lives at this moment.
func (s *Supervisor) Up() bool {
	select {
	case <-s.current.Load().Done():
		return false
	default:
		return true
	}
}

// Done is closed when the Supervisor has ended, which only Stop brings about.
func (s *Supervisor) Done() <-chan struct{} { return s.ended }

// Stop ends watching, then the engine (Process.Stop). It may be called twice.
func (s *Supervisor) Stop(ctx context.Context) error {
	s.stopOnce.Do(s.cancel)
	<-s.ended // a start under way ends with the loop's context
	if err := s.current.Load().Stop(ctx); err != nil {
		return fmt.Errorf("stop supervised engine: %w", err)
	}
	return nil
}
