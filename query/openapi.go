package query

import (
	_ "embed"

	"github.com/gofiber/fiber/v2"
)

// openapiText describes every path. It is written by hand and held against the route table and against real answers
// by openapi_test.go, in both directions.
//
//go:embed openapi.json
var openapiText []byte

func (s *Server) openapi(c *fiber.Ctx, _ args) error { return s.api.send(c) }
