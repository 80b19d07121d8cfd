package query

import (
	"context"
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"

	"festival/aggregate"
	"festival/sql"
)

// merchant answers with a merchant's own totals and the positions they belong to, one cut, straight from the board; of
// one window from stored cells. A merchant without orders has zeros: before the festival all have.
func (s *Server) merchant(c *fiber.Ctx, a args) error {
	var m aggregate.Measures
	var at aggregate.Positions
	if s.viewOf(a) == "" {
		err := s.pub.ask(s.base(), func(b *aggregate.Board) { m, at = b.Merchant(a.text("id")), b.Positions() })
		if err != nil {
			return err
		}
	} else {
		var err error
		if at, err = s.newest(); err != nil {
			return err
		}
		if m, err = s.merchantOf(a.text("id"), s.windowOf(a)); err != nil {
			return err
		}
	}
	positions, err := encode(at)
	if err != nil {
		return err
	}
	body := append([]byte(`{"total":{`), appendMeasures(nil, m)[1:]...)
	body = append(append(body, `},"positions":`...), positions...)
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(append(body, '}'))
}

// newest gives the positions of the newest frame: the one made here or, where that is older, the official one that another
// process made and the screens show. Before the first one an empty answer would be a wrong one: it is a 503.
func (s *Server) newest() (aggregate.Positions, error) {
	st := s.pub.status.Load()
	switch {
	case st.frame != nil && notBelow(st.shown, st.frame.Positions) == nil:
		return st.frame.Positions, nil
	case st.shown != nil:
		return st.shown, nil
	}
	return nil, busy("The board is being loaded. Ask again in a second.")
}

func (s *Server) merchantOf(id string, window uint8) (aggregate.Measures, error) {
	release, err := s.cache.slot(s.base())
	if err != nil {
		return aggregate.Measures{}, err
	}
	defer release()
	ctx, cancel := context.WithTimeout(s.base(), queryWithin)
	defer cancel()
	m, err := s.cfg.Store.MerchantTotal(ctx, s.cfg.prefix(), id, window, s.pub.status.Load().closingMs)
	if err != nil {
		return aggregate.Measures{}, storeFailed(err)
	}
	return measuresOf(m), nil
}

// merchantSeries answers with a merchant's curve from raw orders below the newest frame's positions.
func (s *Server) merchantSeries(c *fiber.Ctx, a args) error {
	step := stepSeconds[a.or("step", "1m")]
	from, to, err := s.span(a, 60)
	if err != nil {
		return err
	}
	if (to-from)/step > mostPoints {
		return badParameter("step", "This span has more than %d buckets. Use step=1h or a shorter span.", mostPoints)
	}
	at, err := s.newest()
	if err != nil {
		return err
	}
	format := a.or("format", "points")
	key := fmt.Sprintf("merchant %q %d %d %d %s %d", a.text("id"), from, to, step, format, s.pub.status.Load().closingMs)
	out, err := s.cache.get(s.base(), key, func(ctx context.Context) (*answer, error) {
		rows, err := s.cfg.Store.MerchantSeries(ctx, s.cfg.prefix(), sql.MerchantQuery{Merchant: a.text("id"),
			Positions: at, Span: sql.Span{From: from, To: to}, Step: step})
		if err != nil {
			return nil, storeFailed(err)
		}
		return curveAnswer(slices.Clip(pointsOf(rows)), format, at)
	})
	if err != nil {
		return err
	}
	return s.sendAnswer(c, out)
}
