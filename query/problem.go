package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// problem is an answer of RFC 9457. Detail is a whole sentence that names the thing, the value and the fix.
type problem struct {
	Type      string   `json:"type"`
	Title     string   `json:"title"`
	Status    int      `json:"status"`
	Detail    string   `json:"detail"`
	Parameter string   `json:"parameter,omitempty"` // the offending parameter, where there is one
	Reasons   []string `json:"reasons,omitempty"`   // of /readyz
	retryS    int      // Retry-After in seconds, 0 for none
	cause     error    // logged, never shown
}

// Error makes a problem an error, so that a handler can return it.
func (p *problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Title, p.Detail) }

// Unwrap gives what went wrong inside, for the log.
func (p *problem) Unwrap() error { return p.cause }

// problemType is the prefix of every `type`: a name, not an address (RFC 9457 §3.1.1 allows any URI).
const problemType = "urn:festival:problem:"

func newProblem(status int, slug, format string, args ...any) *problem {
	return &problem{Type: problemType + slug, Title: http.StatusText(status), Status: status,
		Detail: fmt.Sprintf(format, args...)}
}

func badParameter(name, format string, args ...any) *problem {
	p := newProblem(http.StatusBadRequest, "parameter", format, args...)
	p.Parameter = name
	return p
}

func notFound(format string, args ...any) *problem {
	return newProblem(http.StatusNotFound, "not-found", format, args...)
}

func busy(format string, args ...any) *problem {
	p := newProblem(http.StatusServiceUnavailable, "busy", format, args...)
	p.retryS = 1
	return p
}

// storeFailed is the answer to a request that the store could not answer. The cause goes to the log only.
func storeFailed(err error) *problem {
	p := newProblem(http.StatusServiceUnavailable, "store",
		"The store did not answer this request. Frames and the stream go on; ask again in a second.")
	p.cause, p.retryS = err, 1
	return p
}

// asProblem turns whatever a handler or the router returned into a problem.
func asProblem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var f *fiber.Error
	if errors.As(err, &f) {
		return routerProblem(f)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return storeFailed(err)
	}
	p = newProblem(http.StatusInternalServerError, "internal",
		"This request failed inside Festival. The log of the server has the cause.")
	p.cause = err
	return p
}

func routerProblem(f *fiber.Error) *problem {
	switch f.Code {
	case http.StatusNotFound:
		return notFound("There is nothing at this path. GET /api/v1/openapi.json lists every path.")
	case http.StatusMethodNotAllowed:
		return newProblem(f.Code, "method", "This path does not answer to this method. GET /api/v1/openapi.json lists every path with its methods.")
	}
	return newProblem(f.Code, "request", "The request could not be read: %s.", f.Message)
}

// send writes the problem. It never fails for a reason of its own.
func (p *problem) send(c *fiber.Ctx) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("problem body: %w", err)
	}
	if p.retryS > 0 {
		c.Set(fiber.HeaderRetryAfter, fmt.Sprint(p.retryS))
	}
	if p.Status == http.StatusMethodNotAllowed && c.GetRespHeader(fiber.HeaderAllow) == "" {
		c.Set(fiber.HeaderAllow, "GET, HEAD")
	}
	if p.Status == http.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return c.Status(p.Status).Send(body)
}
