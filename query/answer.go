package query

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// answer is the whole body of an answer that several requests share. It is not changed after it was made, except for
// the packed form, which is made when the first caller wants it.
type answer struct {
	kind string
	body []byte

	once   sync.Once
	packed []byte
}

// packFrom is the size from which an answer is worth packing: below, it fits into two or three packets anyway.
const packFrom = 4 << 10

func jsonAnswer(body []byte) *answer { return &answer{kind: fiber.MIMEApplicationJSON, body: body} }

// encode writes JSON as frames have it: flow keys hold ">", which is not escaped.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func (s *Server) sendAnswer(c *fiber.Ctx, a *answer) error {
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderContentType, a.kind)
	if len(a.body) < packFrom || !acceptsGzip(c.Get(fiber.HeaderAcceptEncoding)) {
		return c.Send(a.body)
	}
	a.once.Do(func() { a.packed = packAll(a.body) })
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(a.packed)
}

// packAll deflates for speed: curves shrink to a tenth even so.
func packAll(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		panic(err) // cannot happen: the level is a constant and valid
	}
	w.Write(body) // a bytes.Buffer takes every write
	w.Close()
	return b.Bytes()
}

// sendJSON answers with a value that is made for this request.
func sendJSON(c *fiber.Ctx, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(body)
}
