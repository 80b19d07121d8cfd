package query

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
)

// kind says how a parameter's text is read.
type kind uint8

const (
	kindText   kind = iota // 1 to 64 bytes of UTF-8, as ids in an order
	kindChoice             // one of param.choices
	kindTime               // RFC 3339 with zone, years 2000 to 2099
	kindCount              // integer from param.min to param.max
	kindWindow             // id of a window of this festival
	kindAny                // accepted and not read
)

// param is one row of a route's parameter table. The table drives the parser and is held against openapi.json.
type param struct {
	name     string
	kind     kind
	path     bool // part of the path, else of the query
	required bool
	choices  []string
	min, max int64
}

// value is a read parameter. Its text is a copy: nothing here aliases the request's memory, which Fiber reuses.
type value struct {
	text string
	n    int64 // kindCount: the number; kindTime: Unix milliseconds; kindWindow: the window's index
}

// args are the parameters that a request gave, by name.
type args map[string]value

func (a args) has(name string) bool    { _, ok := a[name]; return ok }
func (a args) text(name string) string { return a[name].text }

// mayBeEmpty are the parameters that CONTRACT.md §4 writes without a value: then they are not given. Any other one that is
// empty is a bad value.
var mayBeEmpty = []string{"key", "from", "to"}

// or gives the text of a parameter, or a default.
func (a args) or(name, def string) string {
	if v, ok := a[name]; ok {
		return v.text
	}
	return def
}

// count gives the number of a parameter, or a default.
func (a args) count(name string, def int64) int64 {
	if v, ok := a[name]; ok {
		return v.n
	}
	return def
}

// parse reads a request's parameters against a route's table: unknown ones, repeated ones and bad values are refused.
func (s *Server) parse(c *fiber.Ctx, table []param) (args, error) {
	a := args{}
	var bad *problem
	c.Context().QueryArgs().VisitAll(func(k, v []byte) {
		if bad == nil {
			bad = s.take(a, table, string(k), string(v))
		}
	})
	if bad != nil {
		return nil, bad
	}
	for _, p := range table {
		if p.path {
			if bad := s.takePath(a, p, c.Params(p.name)); bad != nil {
				return nil, bad
			}
		}
		if p.required && !a.has(p.name) {
			return nil, badParameter(p.name, "The parameter %s is required. Add %s=%s.", p.name, p.name, p.example())
		}
	}
	return a, nil
}

func (s *Server) take(a args, table []param, name, text string) *problem {
	i := slices.IndexFunc(table, func(p param) bool { return p.name == name && !p.path })
	if i < 0 {
		return badParameter(clip(name), "The parameter %q is not known here. %s", clip(name), known(table))
	}
	if a.has(name) {
		return badParameter(name, "The parameter %s is given twice. Give it once.", name)
	}
	if text == "" && slices.Contains(mayBeEmpty, name) {
		return nil
	}
	v, err := s.read(table[i], text)
	if err != nil {
		return badParameter(name, "%s=%q is not usable: %s.", name, clip(text), err)
	}
	a[name] = v
	return nil
}

func (s *Server) takePath(a args, p param, raw string) *problem {
	text, err := unescape(strings.Clone(raw))
	if err == nil {
		a[p.name], err = s.read(p, text)
	}
	if err != nil {
		return badParameter(p.name, "The path's %s is not usable: %s.", p.name, err)
	}
	return nil
}

// read gives a parameter's value, or a phrase that says what it has to be.
func (s *Server) read(p param, text string) (value, error) {
	v := value{text: text}
	var err error
	switch p.kind {
	case kindText:
		if len(text) < 1 || len(text) > 64 || !utf8.ValidString(text) {
			err = fmt.Errorf("it has to be 1 to 64 bytes of UTF-8")
		}
	case kindChoice:
		if !slices.Contains(p.choices, text) {
			err = fmt.Errorf("it has to be one of %s", strings.Join(p.choices, ", "))
		}
	case kindTime:
		v.n, err = readTime(text)
	case kindCount:
		if v.n, err = strconv.ParseInt(text, 10, 64); err != nil || v.n < p.min || v.n > p.max {
			err = fmt.Errorf("it has to be an integer from %d to %d", p.min, p.max)
		}
	case kindWindow:
		if v.n = s.window(text); v.n < 0 {
			err = fmt.Errorf("this festival's windows are %s", strings.Join(s.windowIDs(), ", "))
		}
	}
	return v, err
}

// readTime reads RFC 3339 with zone and gives Unix milliseconds.
func readTime(text string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil && strings.Contains(text, " ") {
		return 0, fmt.Errorf("it holds a space; a plus sign in a query has to be written %%2B, as in 2026-11-11T00:00:00%%2B08:00")
	}
	if err != nil {
		return 0, fmt.Errorf("it has to be RFC 3339 with zone, as in 2026-11-11T00:00:00%%2B08:00 or 2026-11-10T16:00:00Z")
	}
	if y := t.UTC().Year(); y < 2000 || y > 2099 {
		return 0, fmt.Errorf("the year has to be from 2000 to 2099")
	}
	return t.UnixMilli(), nil
}

func (p param) example() string {
	switch p.kind {
	case kindChoice:
		return p.choices[0]
	case kindTime:
		return "2026-11-11T00:00:00%2B08:00"
	}
	return "..."
}

func known(table []param) string {
	var names []string
	for _, p := range table {
		if !p.path {
			names = append(names, p.name)
		}
	}
	if names == nil {
		return "This path takes no parameters."
	}
	return "This path takes " + strings.Join(names, ", ") + "."
}

// clip bounds what is repeated back to a caller and keeps it valid UTF-8.
func clip(text string) string {
	if len(text) > 80 {
		text = text[:80] + "..."
	}
	return strings.ToValidUTF8(text, "?")
}

// unescape undoes a path's percent encoding.
func unescape(text string) (string, error) {
	out, err := url.PathUnescape(text)
	if err != nil {
		return "", fmt.Errorf("its percent encoding is broken")
	}
	return out, nil
}
