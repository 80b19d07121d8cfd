package query

import "github.com/gofiber/fiber/v2"

type windowRow struct {
	ID    string `json:"id"`
	Start string `json:"start"`
	End   string `json:"end"`
}

// festival is what a page needs to know once.
func (s *Server) festival(c *fiber.Ctx, _ args) error {
	windows := make([]windowRow, 0, len(s.cfg.Rules.Windows))
	for _, w := range s.cfg.Rules.Windows {
		windows = append(windows, windowRow{w.ID, s.cfg.timeText(w.StartMs), s.cfg.timeText(w.EndMs)})
	}
	f := s.cfg.Festival
	_, _, rehearsal := s.pub.status.Load().counts()
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return sendJSON(c, map[string]any{
		"id": f.ID, "name": map[string]string{"zh": f.NameZh, "en": f.NameEn}, "timezone": f.Zone,
		"windows": windows, "milestones_cny": orEmpty(s.cfg.MilestonesCN), "reference": len(s.cfg.Reference) > 0,
		"rehearsal": rehearsal, "locales": f.Locales,
		"now": s.cfg.timeText(s.cfg.Clock().UnixMilli())})
}

// referencePoints is how many points a page gets: a minute each over a day.
const referencePoints = 1440

// reference answers with last festival's curve, thinned so that every kept point is a point of the curve and the last
// one is kept.
func (s *Server) reference(c *fiber.Ctx, a args) error {
	curve := s.cfg.curve(a.or("window", s.cfg.Rules.Windows[0].ID))
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return sendJSON(c, map[string]any{"points": thin(curve, referencePoints)})
}

// curve gives the reference of a window.
func (c *Config) curve(window string) []ReferencePoint {
	var out []ReferencePoint
	for _, p := range c.Reference {
		if p.Window == window || p.Window == "" && window == c.Rules.Windows[0].ID {
			out = append(out, p)
		}
	}
	return out
}

func thin(points []ReferencePoint, most int) []ReferencePoint {
	step := (len(points) + most - 1) / most
	if step <= 1 {
		return orEmpty(points)
	}
	out := make([]ReferencePoint, 0, most)
	for i := (len(points) - 1) % step; i < len(points); i += step {
		out = append(out, points[i])
	}
	return out
}
