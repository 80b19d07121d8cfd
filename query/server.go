package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"festival/aggregate"
)

// Server answers the HTTP interface of CONTRACT.md §4 and makes the frames. New builds it, Run works until its
// context ends; Apply, ApplyPulse, Ready and Addr may be called from any goroutine at any time after New.
type Server struct {
	cfg     Config
	log     *slog.Logger
	metrics *metrics
	hub     *hub
	cache   *cache
	queue   *queue
	pub     *publisher
	pages   map[string]*page
	api     *page // openapi.json
	app     *fiber.App
	remote  *remote
	mapSum  [32]byte // of the wall's own map
	token   token    // of operators
	ready   *readiness

	mu   sync.Mutex
	ln   net.Listener
	stop context.Context // ends with Run; store queries run under it
}

// New validates the configuration and builds the server. It opens nothing and starts nothing.
func New(cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.defaults()
	s := &Server{cfg: cfg, log: cfg.Log, stop: context.Background()}
	var err error
	if s.metrics, err = newMetrics(cfg.Registry, &cfg); err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	if s.pages, err = loadPages(cfg.Pages); err != nil {
		return nil, err
	}
	if s.api, err = newPage("openapi.json", openapiText); err != nil {
		return nil, err
	}
	s.ready, s.token = newReadiness(), tokenOf(cfg.OperatorToken)
	s.hub = newHub(s.metrics, cfg.views(), cfg.MaxStreams, cfg.MaxStreamsPerIP, s.beat)
	s.remote, s.mapSum = newRemote(&s.cfg, s.hub), sha256.Sum256(cfg.Wall.MapFile)
	s.cache = newCache(cfg.MaxQueries)
	s.queue = newQueue(s.metrics)
	if s.pub, err = newPublisher(&s.cfg, s.metrics, s.hub, s.queue); err != nil {
		return nil, err
	}
	s.app = s.newApp()
	return s, nil
}

// Apply gives the board an update that the store has acknowledged. It does not wait for the board. The caller gives
// up the update's slices; keys may alias memory that stays unchanged.
func (s *Server) Apply(u aggregate.Update) { s.queue.push(u) }

// ApplyPulse gives the board what ingest saw of the partitions' ends.
func (s *Server) ApplyPulse(p []aggregate.Pulse) { s.queue.pulse(p) }

// Ready tells /readyz about a part of the program: a reason why it is not ready, or "" when it is. A part is ready
// until it says otherwise.
func (s *Server) Ready(part, reason string) { s.ready.set(part, reason) }

// Listen opens the address, so that its port is known before Run. Run calls it where it was not called.
func (s *Server) Listen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ln != nil {
		return nil
	}
	ln, err := net.Listen("tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("http.addr %s: %w", s.cfg.Addr, err)
	}
	s.ln = ln
	return nil
}

// Addr gives the address that is listened on, or the configured one before Listen.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ln == nil {
		return s.cfg.Addr
	}
	return s.ln.Addr().String()
}

// shutdownLimit is how long running requests get when the server stops; streams end at once.
const shutdownLimit = 700 * time.Millisecond

// Run listens, loads the board, makes frames and answers until ctx ends; then it returns nil after everything that it
// started has ended. Another error means that the server could not go on.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.mu.Lock()
	s.stop = ctx
	s.mu.Unlock()
	s.lacking()
	s.hub.start()
	var all sync.WaitGroup
	var errs [2]error
	all.Go(func() {
		errs[0] = s.pub.run(ctx)
		cancel(errs[0])
	})
	all.Go(func() { s.remote.run(ctx) })
	all.Go(func() {
		errs[1] = s.app.Listener(s.ln)
		cancel(errs[1])
	})
	<-ctx.Done()
	s.shutdown()
	all.Wait()
	return errors.Join(errs[:]...)
}

// besides are the descriptors that a server needs beside its viewers and other connections: store, broker, files.
const besides = 200

// lacking warns where the process may not open as many files as its limits allow connections: it would refuse them below
// the stated bound.
func (s *Server) lacking() {
	need, have := uint64(s.cfg.MaxStreams+s.cfg.MaxConns+besides), descriptors()
	if have > 0 && have < need {
		s.log.Warn("too few open files are allowed for query.max_streams and query.max_connections: raise ulimit -n (LimitNOFILE), or lower them",
			"allowed", have, "needed", need)
	}
}

func (s *Server) shutdown() {
	began := time.Now()
	s.hub.close()
	err := s.app.ShutdownWithTimeout(shutdownLimit)
	s.ln.Close() // Shutdown does not know a listener that Fiber has not begun to serve
	if err != nil {
		s.log.Warn("requests were cut off", "error", err)
	}
	s.log.Info("http stopped", "took", time.Since(began))
}

// base gives the context that store queries run under.
func (s *Server) base() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop
}

func (s *Server) panicked(where string, v any) *problem {
	s.metrics.panics.Inc()
	s.log.Error("panic", "at", where, "value", v, "stack", string(debug.Stack()))
	return asProblem(fmt.Errorf("panic: %v", v))
}

// views are the frames that are made: the whole festival, and each window where there are several. The frame of an
// only window is the whole one.
func (c *Config) views() []string {
	out := []string{""}
	if len(c.Rules.Windows) > 1 {
		for _, w := range c.Rules.Windows {
			out = append(out, w.ID)
		}
	}
	return out
}

// viewOf gives the view that the parameter window asks for.
func (s *Server) viewOf(a args) string {
	if len(s.cfg.Rules.Windows) == 1 {
		return ""
	}
	return a.text("window")
}

// windowOf gives the index of the window asked for, NoWindow for all together.
func (s *Server) windowOf(a args) uint8 {
	return uint8(a.count("window", int64(aggregate.NoWindow)))
}

// window gives the index of a window's id, -1 where there is none.
func (s *Server) window(id string) int64 {
	return int64(slices.IndexFunc(s.cfg.Rules.Windows, func(w aggregate.Window) bool { return w.ID == id }))
}

func (s *Server) windowIDs() []string {
	var out []string
	for _, w := range s.cfg.Rules.Windows {
		out = append(out, w.ID)
	}
	return out
}

func (c *Config) ledgerHex() string { return hex.EncodeToString(c.Ledger[:]) }

// timeText writes Unix milliseconds as the contract's times: RFC 3339 in the festival's zone, with milliseconds where
// there are any.
func (c *Config) timeText(ms int64) string {
	layout := time.RFC3339
	if ms%1000 != 0 {
		layout = "2006-01-02T15:04:05.000Z07:00"
	}
	return time.UnixMilli(ms).In(c.Zone).Format(layout)
}
