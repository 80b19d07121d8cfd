package bridge

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"festival/cmd/festival-engine/internal/libchdb"
)

// maxQueries bounds the statements that run at once; more get code 202. Each
// holds an engine session and at least one thread.
const maxQueries = 64

// Config is what a Server needs.
type Config struct {
	Library *libchdb.Library
	Path    string   // the engine's data path
	Args    []string // further server options of the engine: --name=value
	Token   string   // password of the user default
	Disk    DiskFunc // of the data path; nil: it is never too full
	Log     *slog.Logger
}

// Server is the HTTP interface of one engine. It owns the engine from New to Close.
type Server struct {
	lib           *libchdb.Library
	root          *libchdb.Conn // keeps the engine up; never runs a statement after New
	killer        *killer
	path, token   string
	version, zone string
	slots         chan struct{}
	disk          DiskFunc
	full          fullness
	doubted       chan struct{} // a statement met broken data or a full disk
	log           *slog.Logger
}

// sessionArgs are settings of every session. Inserts are written before they are
// answered; statements without SELECT are no queries, as in a server.
var sessionArgs = []string{"--async_insert=0", "--implicit_select=0"}

// New starts the engine. Its error says if another process has the data path open.
func New(cfg Config) (*Server, error) {
	s := &Server{lib: cfg.Library, path: cfg.Path, token: cfg.Token, disk: cfg.Disk, full: fullness{disk: cfg.Disk}, log: cfg.Log, slots: make(chan struct{}, maxQueries),
		doubted: make(chan struct{}, 1)}
	root, err := s.lib.Connect(append([]string{"--path=" + s.path}, cfg.Args...)...)
	if err != nil {
		return nil, fmt.Errorf("open engine at %s: %w", s.path, err)
	}
	s.root = root
	if err := s.readFacts(); err != nil {
		root.Close()
		return nil, err
	}
	conn, err := s.session()
	if err != nil {
		root.Close()
		return nil, err
	}
	s.killer = &killer{conn: conn}
	return s, nil
}

func (s *Server) readFacts() error {
	r, err := s.root.Query("SELECT version(), timezone()", "TabSeparated", nil)
	if err != nil {
		return fmt.Errorf("ask engine for its version: %w", err)
	}
	defer r.Free()
	version, zone, ok := strings.Cut(strings.TrimSpace(string(r.Bytes())), "\t")
	if !ok {
		return fmt.Errorf("ask engine for its version: got %q", r.Bytes())
	}
	s.version, s.zone = version, zone
	return nil
}

// Version is the engine's version, such as "26.7.2.1".
func (s *Server) Version() string { return s.version }

// session opens an engine session with our defaults.
func (s *Server) session(args ...string) (*libchdb.Conn, error) {
	conn, err := s.lib.Connect(append(append([]string{"--path=" + s.path}, sessionArgs...), args...)...)
	if err != nil {
		return nil, fmt.Errorf("open session: %w", err)
	}
	return conn, nil
}

// Close stops the engine. No request may be running.
func (s *Server) Close() {
	s.killer.close()
	s.root.Close()
}

// KillAll ends every running statement.
func (s *Server) KillAll() error { return s.killer.all() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/ping" || r.URL.Path == "/" && r.Method == http.MethodGet && !r.URL.Query().Has("query") {
		fmt.Fprintln(w, "Ok.")
		return
	}
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	if err := s.authorized(r); err != nil {
		fail(w, err)
		return
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		fail(w, exception(codeTooMany, fmt.Sprintf("%d statements run already", maxQueries)))
		return
	}
	s.serve(w, r)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	req, err := parse(r)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("X-ClickHouse-Query-Id", req.queryID)
	w.Header().Set("X-ClickHouse-Timezone", s.zone)
	s.tellGuard(w)
	if s.handshake(w, r, req) {
		return
	}
	if err := s.run(w, r, req); err != nil {
		s.doubt(err)
		drain(r)
		fail(w, err)
	}
}

// drainBytes bounds what is read of a body that nobody wants any more.
const drainBytes = 1 << 30

// drain reads the rest of the body: a client that still sends when the connection
// closes sees a broken pipe instead of the exception.
func drain(r *http.Request) { _, _ = io.CopyN(io.Discard, r.Body, drainBytes) }
