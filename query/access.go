package query

import (
	"net"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// audience says who may read a route (CONTRACT.md §4, access; there are no roles yet, only an operators' token).
type audience uint8

const (
	everyone  audience = iota // health and the API's description: public everywhere
	viewers                   // loopback, who has the operators' token, and everybody when the festival is open
	operators                 // loopback and who has the operators' token, open or not
)

// allow refuses a request that a route's audience does not hold.
//
// A request that came through a proxy is never loopback, whoever the peer is: otherwise a proxy on the same machine
// would turn the whole internet into operators. The operators' routes also want a loopback name in Host, so that a
// page of another site cannot read them through a name that resolves to 127.0.0.1 (DNS rebinding). Who sends the
// operators' token needs neither: no other site's page can know it, and no browser sends it by itself.
func (s *Server) allow(c *fiber.Ctx, who audience) error {
	switch {
	case who == everyone, who == viewers && s.cfg.Open:
		return nil
	case s.token.sent(c):
		return nil
	case !fromLoopback(c) && who == operators && s.token.sum != nil && c.Get(fiber.HeaderAuthorization) != "":
		return wrongToken()
	case !fromLoopback(c):
		return forbidden(who)
	case who == operators && !loopbackName(string(c.Context().Host())):
		return newProblem(http.StatusForbidden, "host",
			"This route answers only to a loopback name such as 127.0.0.1 or localhost; the request named another host.")
	}
	return nil
}

func forbidden(who audience) *problem {
	if who == operators {
		return newProblem(http.StatusForbidden, "operators",
			"This route is for operators: ask from the machine itself, not through a proxy, or with the operators' token (http.operator_token_file).")
	}
	return newProblem(http.StatusForbidden, "closed",
		"This festival answers loopback only. Set http.open: true to let everybody read its figures.")
}

// proxyHeaders are the marks of a proxy. The contract names the first two.
var proxyHeaders = [...]string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"}

func fromLoopback(c *fiber.Ctx) bool {
	for _, h := range proxyHeaders {
		if len(c.Context().Request.Header.Peek(h)) > 0 {
			return false
		}
	}
	return c.Context().RemoteIP().IsLoopback()
}

// loopbackName tells whether a Host header (name or address, with or without a port) is this machine's own.
func loopbackName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761 §6.3
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// loopbackAddr tells whether a listen address can be reached from this machine only. An empty host is every address.
func loopbackAddr(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && host != "" && loopbackName(host)
}

// securityHeaders go with every answer, streams included. Pages load scripts, styles, fonts and data from this origin
// only; inline style attributes are allowed because panels set positions that way.
var securityHeaders = [...][2]string{
	{"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
		"img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'self'"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
}
