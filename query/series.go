package query

import (
	"context"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"festival/aggregate"
	"festival/sql"
)

// point is one bucket of a curve: its first Unix second and its sums.
type point struct {
	t int64
	m aggregate.Measures
}

// curveQuery asks for one key's buckets in [from, to), Unix seconds.
type curveQuery struct {
	dim      aggregate.Dim
	key      string
	from, to int64
	step     int64 // seconds
	window   uint8 // NoWindow: all together
}

// mostPoints bounds a curve: more than two days in seconds, 34 years in hours.
const mostPoints = 200_000

var stepSeconds = map[string]int64{"1s": 1, "1m": 60, "1h": 3600}

// series answers with a curve of a dimension.
func (s *Server) series(c *fiber.Ctx, a args) error {
	q, err := s.curveQuery(a)
	if err != nil {
		return err
	}
	format := a.or("format", "points")
	closing := s.pub.status.Load().closingMs
	out, err := s.cache.get(s.base(), fmt.Sprintf("series %v %s %d", q, format, closing), func(ctx context.Context) (*answer, error) {
		rows, err := s.cfg.Store.Series(ctx, s.cfg.prefix(), sql.SeriesQuery{Dim: q.dim.String(), Key: q.key,
			Window: q.window, Span: sql.Span{From: q.from, To: q.to}, Step: q.step, ClosingMs: closing})
		if err != nil {
			return nil, storeFailed(err)
		}
		return curveAnswer(pointsOf(rows), format, nil)
	})
	if err != nil {
		return err
	}
	return s.sendAnswer(c, out)
}

func (s *Server) curveQuery(a args) (curveQuery, error) {
	dim, _ := aggregate.ParseDim(a.text("dim"))
	q := curveQuery{dim: dim, step: stepSeconds[a.or("step", "1m")], window: s.windowOf(a)}
	if q.step < dim.Step() {
		return q, badParameter("step", "step=%s is finer than %s is kept. Use 1m or 1h, or dim total, device or country.", a.text("step"), dim)
	}
	if err := s.key(&q, a); err != nil {
		return q, err
	}
	var err error
	q.from, q.to, err = s.span(a, dim.Step())
	if err == nil && (q.to-q.from)/q.step > mostPoints {
		err = badParameter("step", "This span has more than %d buckets of step=%s. Use a larger step or a shorter span.", mostPoints, a.or("step", "1m"))
	}
	return q, err
}

// key checks a dimension's key. Without a key all are meant, which is the total: every counted event adds to every
// dimension once.
func (s *Server) key(q *curveQuery, a args) error {
	q.key = a.text("key")
	switch {
	case q.key == "":
		q.dim = aggregate.DimTotal
	case q.dim == aggregate.DimTotal:
		return badParameter("key", "dim=total has no keys. Leave key out, or choose another dim.")
	default:
		if set := s.cfg.Rules.Keys(q.dim); set != nil && q.key != aggregate.Unknown && set.Code([]byte(q.key)) == 0 {
			return badParameter("key", "key=%q is not one of the keys of dim=%s. GET /api/v1/breakdown?dim=%s lists those that have figures.",
				clip(q.key), q.dim, q.dim)
		}
	}
	return nil
}

// span reads from and to, Unix seconds, whole buckets of the dimension. The defaults are the window's or the
// festival's bounds, widened to whole buckets.
func (s *Server) span(a args, step int64) (from, to int64, err error) {
	windows := s.cfg.Rules.Windows
	first, last := windows[0], windows[len(windows)-1]
	if a.has("window") {
		first = windows[a["window"].n]
		last = first
	}
	from, to = floorDiv(first.StartMs, step*1000)*step, -floorDiv(-last.EndMs, step*1000)*step
	for _, p := range [...]struct {
		name string
		into *int64
	}{{"from", &from}, {"to", &to}} {
		if !a.has(p.name) {
			continue
		}
		if a[p.name].n%(step*1000) != 0 {
			return 0, 0, badParameter(p.name, "%s=%s is not on a whole %s, and the figures asked for are kept by the %s.",
				p.name, a.text(p.name), unitName(step), unitName(step))
		}
		*p.into = a[p.name].n / 1000
	}
	if to <= from {
		name := "to"
		if !a.has("to") {
			name = "from"
		}
		return 0, 0, badParameter(name, "The span is empty: from is %s and to is %s. Let to be later than from.",
			s.cfg.timeText(from*1000), s.cfg.timeText(to*1000))
	}
	return from, to, nil
}

func unitName(step int64) string {
	if step == 60 {
		return "minute"
	}
	return "second"
}
