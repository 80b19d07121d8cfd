package query

import (
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"festival/aggregate"
)

// route is one row of the table below: the one place where a path, its audience and its parameters are said. The
// router, the refusal of parameters and the test of openapi.json read it.
type route struct {
	path   string // as Fiber writes it, with :id for a part of the path
	method string // "" is GET, and HEAD
	who    audience
	params []param
	free   bool // the query is the page's own business and is not read here
	answer func(*Server, *fiber.Ctx, args) error
}

var (
	atParam     = param{name: "at", kind: kindTime}
	fromParam   = param{name: "from", kind: kindTime}
	toParam     = param{name: "to", kind: kindTime}
	viewParam   = param{name: "view", kind: kindChoice, choices: []string{"full", "total"}}
	windowParam = param{name: "window", kind: kindWindow}
	keyParam    = param{name: "key", kind: kindText}
	idParam     = param{name: "id", kind: kindText, path: true, required: true}
	formatParam = param{name: "format", kind: kindChoice, choices: []string{"points", "columns", "arrow"}}
)

// The dimensions of CONTRACT.md §4. Breakdowns of merchants are the operators' (see Server.breakdown).
var (
	seriesDims    = dimNames(aggregate.DimTotal, aggregate.DimFlow)
	breakdownDims = dimNames(aggregate.DimTotal, aggregate.DimMerchant)
)

func dimNames(first, last aggregate.Dim) []string {
	var out []string
	for d := first; d <= last; d++ {
		out = append(out, d.String())
	}
	return out
}

func (s *Server) routes() []route {
	return []route{
		{path: "/", who: viewers, free: true, answer: (*Server).page},
		{path: "/desk", who: viewers, free: true, answer: (*Server).page},
		{path: "/merchant", who: viewers, free: true, answer: (*Server).page},
		{path: "/ops", who: viewers, free: true, answer: (*Server).page},
		{path: "/assets/*", who: viewers, free: true, answer: (*Server).page},
		{path: "/healthz", who: everyone, answer: (*Server).healthz},
		{path: "/readyz", who: everyone, answer: (*Server).readyz},
		{path: "/metrics", who: viewers, free: true, answer: (*Server).metricsPage},
		{path: "/api/v1/openapi.json", who: everyone, answer: (*Server).openapi},
		{path: "/api/v1/frame", who: viewers, params: []param{atParam, windowParam, viewParam}, answer: (*Server).frame},
		{path: "/api/v1/stream", who: viewers, answer: (*Server).stream, params: []param{
			{name: "live", kind: kindChoice, choices: []string{"1", "0"}}, windowParam, viewParam, {name: "last", kind: kindAny}}},
		{path: "/api/v1/series", who: viewers, answer: (*Server).series, params: []param{
			{name: "dim", kind: kindChoice, required: true, choices: seriesDims}, keyParam, fromParam, toParam,
			{name: "step", kind: kindChoice, choices: []string{"1m", "1s", "1h"}}, formatParam, windowParam}},
		{path: "/api/v1/breakdown", who: viewers, answer: (*Server).breakdown, params: []param{
			{name: "dim", kind: kindChoice, required: true, choices: breakdownDims}, fromParam, toParam,
			{name: "limit", kind: kindCount, min: 1, max: 10_000}, windowParam}},
		{path: "/api/v1/milestones", who: viewers, params: []param{windowParam}, answer: (*Server).milestones},
		{path: "/api/v1/peaks", who: viewers, params: []param{windowParam}, answer: (*Server).peaks},
		{path: "/api/v1/rejects", who: operators, answer: (*Server).rejects, params: []param{
			{name: "limit", kind: kindCount, min: 1, max: 1000}}},
		{path: "/api/v1/merchant/:id", who: viewers, params: []param{idParam, windowParam}, answer: (*Server).merchant},
		{path: "/api/v1/merchant/:id/series", who: viewers, answer: (*Server).merchantSeries, params: []param{
			idParam, fromParam, toParam, {name: "step", kind: kindChoice, choices: []string{"1m", "1h"}}, formatParam}},
		{path: "/api/v1/partitions", who: operators, answer: (*Server).partitions},
		{path: "/api/v1/ops", who: operators, answer: (*Server).ops},
		{path: "/api/v1/festival", who: viewers, answer: (*Server).festival},
		{path: "/api/v1/hold", method: fiber.MethodPost, who: operators, answer: (*Server).hold},
		{path: "/api/v1/hold", method: fiber.MethodDelete, who: operators, answer: (*Server).hold},
		{path: "/api/v1/wall", who: viewers, params: []param{{name: "screen", kind: kindText}}, answer: (*Server).wall},
		{path: "/api/v1/wall", method: fiber.MethodPost, who: operators, answer: (*Server).wallChange},
		{path: "/api/v1/wall/map", who: viewers, answer: (*Server).wallMap},
		{path: "/api/v1/reference", who: viewers, params: []param{windowParam}, answer: (*Server).reference},
	}
}

// The times of ordinary answers. fasthttp's WriteTimeout stays off: it is absolute and would end streams
// (notes/wall.md §4), so each answer gets its own deadline on the connection.
const (
	readLimit   = 10 * time.Second
	idleLimit   = 60 * time.Second
	answerLimit = 30 * time.Second
	bodyLimit   = 4 << 10
	headLimit   = 8 << 10
)

func (s *Server) newApp() *fiber.App {
	app := fiber.New(fiber.Config{
		DisableStartupMessage: true, CaseSensitive: true, ReadTimeout: readLimit, IdleTimeout: idleLimit,
		BodyLimit: bodyLimit, ReadBufferSize: headLimit, Concurrency: s.cfg.MaxConns,
		ErrorHandler: s.failed,
	})
	app.Server().KeepHijackedConns = true // they belong to the hub, see Server.stream
	app.Use(s.prepare)
	for _, r := range s.routes() {
		if r.method == "" {
			app.Get(r.path, s.handler(r))
		} else {
			app.Add(r.method, r.path, s.handler(r))
		}
	}
	return app
}

// prepare runs before every request, known path or not.
func (s *Server) prepare(c *fiber.Ctx) error {
	for _, h := range securityHeaders {
		c.Set(h[0], h[1])
	}
	if conn := c.Context().Conn(); conn != nil {
		conn.SetWriteDeadline(time.Now().Add(answerLimit)) // a dead connection fails at the write
	}
	return c.Next()
}

// handler wraps a route: access, parameters, panics, measurement.
func (s *Server) handler(r route) fiber.Handler {
	seen := s.metrics.route(r.path)
	return func(c *fiber.Ctx) error {
		start := time.Now()
		if err := s.guard(c, r); err != nil {
			if err := s.failed(c, err); err != nil {
				return err
			}
		}
		seen.observe(c.Response().StatusCode(), time.Since(start))
		return nil
	}
}

func (s *Server) guard(c *fiber.Ctx, r route) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = s.panicked(r.path, v)
		}
	}()
	if err := s.allow(c, r.who); err != nil {
		return err
	}
	var a args
	if !r.free {
		if a, err = s.parse(c, r.params); err != nil {
			return err
		}
	}
	return r.answer(s, c, a)
}

// failed answers with a problem, from a handler, the router or fasthttp itself.
func (s *Server) failed(c *fiber.Ctx, err error) error {
	p := asProblem(err)
	if p.Status >= http.StatusInternalServerError && p.cause != nil {
		s.log.Error("request failed", "path", strings.Clone(c.Path()), "status", p.Status, "error", p.cause)
	}
	return p.send(c)
}
