package query

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"festival/sql"
)

// frame answers with the newest frame, the bytes that the stream carries, or with the official one of a moment.
func (s *Server) frame(c *fiber.Ctx, a args) error {
	if a.has("at") {
		return s.frameAt(c, a)
	}
	e := s.hub.newest(s.viewOf(a), true)
	if e == nil {
		return notFound("No frame has been made yet. GET /readyz says what is missing.")
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	s.setAge(c, e.second)
	body := e.body
	if a.text("view") == "total" {
		body = e.total
	}
	return sendTagged(c, e.etag, fiber.MIMEApplicationJSON, body)
}

// setAge says how old a frame is, in whole seconds (RFC 9110 §5.6.5, RFC 9111 §5.1): a poller need not trust its own clock to see that
// frames stand still. A frame of a second that the clock has not reached is 0 old.
func (s *Server) setAge(c *fiber.Ctx, second int64) {
	c.Set(fiber.HeaderAge, fmt.Sprint(max(0, s.cfg.Clock().Unix()-second)))
}

// frameAt answers with what was on air: the official frame of the second or the last one before it.
func (s *Server) frameAt(c *fiber.Ctx, a args) error {
	second, view := floorDiv(a["at"].n, 1000), s.viewOf(a)
	total := a.text("view") == "total"
	at, err := s.cache.get(s.base(), fmt.Sprintf("frame %s %d %t", view, second, total), func(ctx context.Context) (*answer, error) {
		row, ok, err := s.cfg.Store.FrameAt(ctx, s.cfg.prefix(), view, second)
		if err != nil {
			return nil, storeFailed(err)
		}
		if !ok {
			return nil, notFound("No official frame was made up to %s.", s.cfg.timeText(second*1000))
		}
		if total {
			row.JSON = string(totalView([]byte(row.JSON)))
		}
		return s.withLater(ctx, row)
	})
	if err != nil {
		return err
	}
	return s.sendAnswer(c, at)
}

// withLater adds what became known after a frame was made: when a recount first found it right, and a correction.
func (s *Server) withLater(ctx context.Context, row sql.FrameRow) (*answer, error) {
	records, err := s.cfg.Store.Verifications(ctx, s.cfg.prefix())
	if err != nil {
		return nil, storeFailed(err)
	}
	later := []byte("null")
	i := slices.IndexFunc(records, func(v sql.VerificationRow) bool { return v.Equal && v.FrameHash == row.Hash })
	if i >= 0 {
		later, err = encode(map[string]any{"verified_at": s.cfg.timeText(records[i].RecordedMs), "correction": nil})
		if err != nil {
			return nil, err
		}
	}
	body := append([]byte(strings.TrimSuffix(row.JSON, "}")), `,"later":`...)
	return jsonAnswer(append(append(body, later...), '}')), nil
}

// sendTagged answers with a body, or 304 where the caller has it.
func sendTagged(c *fiber.Ctx, etag, kind string, body []byte) error {
	c.Set(fiber.HeaderETag, etag)
	if matches(c.Get(fiber.HeaderIfNoneMatch), etag) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, kind)
	return c.Send(body)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
