package query

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"festival/aggregate"
)

// peakRow is a window's largest seconds as they are answered; null before the first order.
type peakRow struct {
	Window        string  `json:"window"`
	CreatedPerS   *int64  `json:"created_per_s"`
	CreatedSecond *string `json:"created_second"`
	OrdersPerS    *int64  `json:"orders_per_s"`
	OrdersSecond  *string `json:"orders_second"`
}

// peaks answers with the most orders placed and paid in one event second of each window so far, as of a second ago at most.
func (s *Server) peaks(c *fiber.Ctx, a args) error {
	asked := s.windowOf(a)
	out, err := s.cache.get(s.base(), "peaks "+a.text("window"), func(ctx context.Context) (*answer, error) {
		rows := []peakRow{}
		err := s.pub.ask(ctx, func(b *aggregate.Board) {
			for i, w := range s.cfg.Rules.Windows {
				if asked == aggregate.NoWindow || int(asked) == i {
					rows = append(rows, s.cfg.peakRow(w.ID, b, uint8(i)))
				}
			}
		})
		if err != nil {
			return nil, err
		}
		body, err := encode(map[string]any{"peaks": rows})
		return jsonAnswer(body), err
	})
	if err != nil {
		return err
	}
	return s.sendAnswer(c, out)
}

func (c *Config) peakRow(id string, b *aggregate.Board, window uint8) peakRow {
	row := peakRow{Window: id}
	placed, paid := b.Peaks(window, c.Clock().UnixMilli())
	if placed.PerS > 0 {
		row.CreatedPerS, row.CreatedSecond = &placed.PerS, ref(c.timeText(placed.Second*1000))
	}
	if paid.PerS > 0 {
		row.OrdersPerS, row.OrdersSecond = &paid.PerS, ref(c.timeText(paid.Second*1000))
	}
	return row
}
