package query

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// readiness holds what other parts of the program say about themselves.
type readiness struct {
	mu      sync.Mutex
	reasons map[string]string
}

func newReadiness() *readiness { return &readiness{reasons: map[string]string{}} }

func (r *readiness) set(part, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if reason == "" {
		delete(r.reasons, part)
	} else {
		r.reasons[part] = reason
	}
}

func (r *readiness) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for part, reason := range r.reasons {
		out = append(out, part+": "+reason)
	}
	slices.Sort(out)
	return out
}

// healthz says that the process answers, whatever the world is like.
func (s *Server) healthz(c *fiber.Ctx, _ args) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return sendJSON(c, map[string]string{"status": "alive"})
}

// readyz is 200 once all partitions are assigned and official frames are made, orders or not. A stopped partition is a
// warning only: frames go on and say incomplete, and a balancer that took the screens away would make it worse. Where all of them
// are stopped for stoppedFor no figure moves, and that is a 503. One that only begins (recovering) is not stopped.
func (s *Server) readyz(c *fiber.Ctx, _ args) error {
	reasons, warnings := s.reasons(s.cfg.Clock())
	if len(reasons) > 0 {
		p := newProblem(http.StatusServiceUnavailable, "not-ready", "Festival is not ready; the reasons are listed.")
		p.Reasons = append(reasons, warnings...)
		return p
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	answer := map[string]any{"status": "ready", "warnings": orEmpty(warnings)}
	if s.cfg.Frames != nil {
		by, held, lag, _ := s.pub.topic.view()
		answer["frames"] = map[string]any{"newest_by": by, "publishing": held, "topic_lag": lag, "instance": s.cfg.Instance}
	}
	return sendJSON(c, answer)
}

// recovering is the reason in the pulse of a partition that somebody has just been given.
const recovering = "recovering"

// stoppedFor is how long every partition is stopped before that is a reason: a store or a broker that starts again stops all of
// them for a moment, and a balancer that took the screens away and gave them back would make more of it than it is.
const stoppedFor = 5 * time.Second

// watchStopped notes since when every partition is stopped; zero where one is not.
func (st *status) watchStopped(partitions int, now time.Time) {
	for p := range int32(partitions) {
		if reason := st.pulses[p].Stopped; reason == "" || reason == recovering {
			st.stopped = time.Time{}
			return
		}
	}
	if st.stopped.IsZero() {
		st.stopped = now
	}
}

// frameAge is how old the newest official frame may be: one a second is due, and a store that takes longer than this
// to acknowledge one is down.
const frameAge = 5 * time.Second

func (s *Server) reasons(now time.Time) (reasons, warnings []string) {
	st := s.pub.status.Load()
	reasons = append(s.ready.list(), st.failures.list()...)
	_, _, _, failures := s.pub.topic.view()
	for _, reason := range failures {
		reasons = append(reasons, "frames: "+reason)
	}
	switch {
	case st.official.IsZero():
		reasons = append(reasons, "frames: no official frame has been made since the start")
	case now.Sub(st.official) > frameAge:
		reasons = append(reasons, fmt.Sprintf("frames: the last official frame was stored %s ago", now.Sub(st.official).Truncate(time.Second)))
	}
	for p := range int32(s.cfg.Partitions) {
		switch row := st.partition(&s.cfg, p, now); row.State {
		case "unassigned":
			reasons = append(reasons, fmt.Sprintf("partition %d: %s", p, *row.Reason))
		case "stopped":
			warnings = append(warnings, fmt.Sprintf("partition %d: stopped: %s", p, *row.Reason))
		}
	}
	if !st.stopped.IsZero() && now.Sub(st.stopped) >= stoppedFor {
		reasons = append(reasons, "every partition is stopped: no figure moves")
	}
	return reasons, warnings
}

// metricsPage is Prometheus's text format of the whole program's registry.
func (s *Server) metricsPage(c *fiber.Ctx, _ args) error {
	return adaptor.HTTPHandler(promhttp.HandlerFor(s.cfg.Registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))(c)
}

// orEmpty makes JSON write [] and not null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
