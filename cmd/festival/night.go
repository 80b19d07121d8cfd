package main

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"festival/aggregate"
	"festival/dashboard"
	"festival/ingest"
	"festival/ingest/frames"
	"festival/ingest/kafka"
	"festival/query"
	"festival/sql"
)

// nightParts wires the parts that demo, ingest and serve share.
type nightParts struct {
	app    *app
	config *Config
	kafka  *kafka.Client
	store  *sql.Store
	log    *slog.Logger
	alone  bool        // one process: ingest takes all partitions and feeds the board itself
	follow bool        // another process makes the official frames
	frames *frames.Log // several serves agree on the official frames by this topic; nil: this one makes them alone, or follows

	children func() map[string]int64 // restarts of each child process, nil without children

	rules    *aggregate.Rules
	ledger   ingest.Ledger
	registry *prometheus.Registry
	server   *query.Server
	ingest   *ingest.Ingest
}

// wire opens the ledger and builds API and ingest; nothing runs yet.
func (n *nightParts) wire(addr string) (err error) {
	if err := n.open(); err != nil {
		return err
	}
	if n.server, err = n.newServer(addr); err != nil {
		return err
	}
	return n.newIngest(ingest.Config{Alone: n.alone, Acked: n.server.Apply, Pulsed: n.server.ApplyPulse})
}

// newIngest makes an ingest of what was opened, with the configuration's bounds.
func (n *nightParts) newIngest(c ingest.Config) (err error) {
	limits := n.config.Ingest
	c.Kafka, c.Store, c.Rules, c.Ledger, c.Log, c.Registry = n.kafka, n.store, n.rules, n.ledger, n.log, n.registry
	c.Clock = n.app.clock()
	c.OwnPace = n.app.ownPace()
	c.Flush, c.BufferedRows, c.Events = limits.Flush, limits.BufferedRows, limits.Events
	n.ingest, err = ingest.New(c)
	return asUsage(err)
}

// open finds the ledger of the configured festival.
func (n *nightParts) open() (err error) {
	n.registry = newRegistry()
	if n.rules, err = n.config.Rules(aggregate.DefaultStride); err != nil {
		return usageError{err}
	}
	n.ledger, err = openLedger(n.app.ctx, n.store, n.kafka, n.config, n.rules)
	return err
}

func (n *nightParts) newServer(addr string) (*query.Server, error) {
	reference, err := n.config.readReference()
	if err != nil {
		return nil, err
	}
	wall, err := n.config.wallSettings()
	if err != nil {
		return nil, usageError{err}
	}
	h := &n.config.HTTP
	token, err := n.config.secretOf("http.operator_token", h.OperatorToken, h.OperatorTokenFile)
	if err != nil {
		return nil, usageError{err}
	}
	f, limits := &n.config.Festival, n.config.Query
	cfg := query.Config{
		Addr: addr, Open: h.Open, OperatorToken: token, Pages: dashboard.Files(), Store: n.store, Rules: n.rules,
		Ledger: n.ledger.ID, Partitions: int(n.ledger.Identity.Partitions), Zone: n.config.Zone(),
		LatenessMs: f.Lateness.Milliseconds(), MilestonesCN: f.Milestones, Reference: reference,
		Festival:   query.Festival{ID: f.ID, NameZh: f.Name.ZH, NameEn: f.Name.EN, Zone: f.Timezone},
		Wall:       wall,
		MaxStreams: limits.MaxStreams, MaxStreamsPerIP: limits.MaxStreamsPerIP, MaxConns: limits.MaxConnections, MaxQueries: limits.MaxQueries,
		Tail: !n.alone, Follow: n.follow, Registry: n.registry, Log: n.log, Children: n.children, Clock: n.app.clock(),
		KeepFree: n.config.keepFree(),
	}
	if n.frames != nil {
		cfg.Frames, cfg.Instance = n.frames, instance(addr)
	}
	server, err := query.New(cfg)
	return server, asUsage(err)
}

// newRegistry has what every Go process tells of itself.
func newRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}
