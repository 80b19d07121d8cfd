package query

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql"
	"festival/sql/report"
)

// document is the part of OpenAPI 3.1 that the tests read.
type document struct {
	OpenAPI string
	Paths   map[string]map[string]struct {
		OperationID string
		Parameters  []struct {
			Name, In string
			Required bool
			Schema   struct {
				Enum             []string
				Minimum, Maximum int64
			}
		}
		Responses map[string]struct {
			Content map[string]struct{ Schema schema }
		}
	}
	Components struct{ Schemas map[string]schema }
}

type schema map[string]any

func readDocument(t testing.TB) *document {
	var d document
	require.NoError(t, json.Unmarshal(openapiText, &d))
	require.Equal(t, "3.1.0", d.OpenAPI)
	return &d
}

var fiberParam = regexp.MustCompile(`:(\w+)`)

func documented(path string) string {
	return fiberParam.ReplaceAllString(strings.ReplaceAll(path, "*", "{path}"), "{$1}")
}

// Every route is described with exactly its parameters, and nothing else is described.
func TestDocumentIsTheRouteTable(t *testing.T) {
	d, s := readDocument(t), inert(t)
	seen, ids := map[string]bool{}, map[string]bool{}
	for _, r := range s.routes() {
		path := documented(r.path)
		seen[path] = true
		require.Contains(t, d.Paths, path)
		op, ok := d.Paths[path][strings.ToLower(cmp.Or(r.method, "get"))]
		require.True(t, ok, "%s %s", r.method, path)
		require.False(t, ids[op.OperationID], "operation %s twice", op.OperationID)
		ids[op.OperationID] = true
		for _, p := range op.Parameters {
			if path == "/assets/{path}" {
				continue
			}
			i := slices.IndexFunc(r.params, func(q param) bool { return q.name == p.Name && q.path == (p.In == "path") })
			require.GreaterOrEqual(t, i, 0, "%s: %s is described and not known", path, p.Name)
			require.Equal(t, r.params[i].required, p.Required, "%s %s", path, p.Name)
			require.Equal(t, r.params[i].choices, p.Schema.Enum, "%s %s", path, p.Name)
			require.Equal(t, []int64{r.params[i].min, r.params[i].max}, []int64{p.Schema.Minimum, p.Schema.Maximum})
		}
		if !r.free {
			require.Len(t, op.Parameters, len(r.params), path)
		}
		if r.who != everyone {
			require.Contains(t, op.Responses, "403", path)
		}
		if len(r.params) > 0 {
			require.Contains(t, op.Responses, "400", path)
		}
	}
	for path := range d.Paths {
		require.True(t, seen[path], "%s is described and not there", path)
	}
}

// Real answers have exactly the described members and types.
func TestAnswersAreAsDescribed(t *testing.T) {
	store := newMemoryStore()
	store.reports = []sql.ReportRow{{Process: "a:1", AtMs: time.Now().UnixMilli(), Report: report.Report{Role: "ingest", Partitions: []int32{0},
		Timings: []report.Timing{{Name: "flush", LineMs: []*int64{nil}}}, Bounds: []report.Bound{{Name: "fingerprints", Unit: "events", Limit: 1}}}}}
	store.holds = []sql.HoldRow{{AtMs: 1, Held: true, Who: "Lin", Reason: "a doubt"}}
	store.signoffs = []sql.Signoff{{Kind: sql.SignoffGap}}
	store.rejects = []sql.Reject{{Reason: "not_json", Offset: 1, KafkaMs: 1, Key: []byte("k\xff"), Value: []byte("{")}}
	cfg := testConfig(t, store, 2)
	cfg.Wall = lobbyWall()
	s, base := start(t, cfg)
	u := paid(0, 0, 3, 3, 5000, dayStart)
	store.put(u)
	s.Apply(u)
	both(s, time.Now(), 3, 0)
	eventually(t, func() bool { return s.pub.status.Load().table[mark{"day", 10_000}].onAir != nil }, "milestone on the air")
	d := readDocument(t)
	now := url.QueryEscape(time.Now().Format(time.RFC3339))
	for path, ask := range map[string][]string{
		"/healthz": {""}, "/readyz": {""}, "/api/v1/frame": {"", "?window=night", "?at=" + now, "?nope=1", "?view=total", "?view=total&at=" + now, "?view=some"},
		"/api/v1/series":    {"?dim=total", "?dim=country&key=RU&format=columns", "?dim=country&key=", "?dim=x"},
		"/api/v1/breakdown": {"?dim=flow", "?dim=merchant&window=day", "?dim=city&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"},
		"/api/v1/rejects":   {"", "?limit=1"}, "/api/v1/milestones": {"", "?window=night"}, "/api/v1/peaks": {"", "?window=night", "?window=nope"}, "/api/v1/merchant/{id}": {"", "?window=day"},
		"/api/v1/merchant/{id}/series": {"", "?format=columns"}, "/api/v1/partitions": {""}, "/api/v1/ops": {""}, "/api/v1/festival": {""},
		"/api/v1/reference": {"", "?window=night"}, "/api/v1/wall": {"", "?screen=lobby", "?screen=nope", "?screen="}, "/api/v1/wall/map": {""}} {
		for _, q := range ask {
			status, h, body := get(t, base+strings.ReplaceAll(path, "{id}", "m1")+q)
			res, ok := d.Paths[path]["get"].Responses[fmt.Sprint(status)]
			require.True(t, ok, "%s%s: status %d is not described: %s", path, q, status, body)
			kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
			require.Contains(t, res.Content, kind, path)
			var v any
			require.NoError(t, json.Unmarshal(body, &v))
			require.NoError(t, d.check(res.Content[kind].Schema, v), "%s%s: %s", path, q, body)
		}
	}
}

// check holds a value against a schema, as far as openapi.json uses JSON Schema.
func (d *document) check(s schema, v any) error {
	if name, ok := s["$ref"].(string); ok {
		return d.check(d.Components.Schemas[strings.TrimPrefix(name, "#/components/schemas/")], v)
	}
	if list, ok := s["oneOf"].([]any); ok {
		var errs []error
		for _, one := range list {
			if err := d.check(one.(map[string]any), v); err != nil {
				errs = append(errs, err)
			}
		}
		if len(errs) != len(list)-1 {
			return fmt.Errorf("%d of %d alternatives fit: %v", len(list)-len(errs), len(list), errs)
		}
		return nil
	}
	if list, ok := s["enum"].([]any); ok && !slices.Contains(list, v) {
		return fmt.Errorf("%v is not one of %v", v, list)
	}
	if types := s["type"]; types != nil && !fits(types, v) {
		return fmt.Errorf("%v is not a %v", v, types)
	}
	if pattern, ok := s["pattern"].(string); ok && v != nil && !regexp.MustCompile(pattern).MatchString(v.(string)) {
		return fmt.Errorf("%v does not match %s", v, pattern)
	}
	switch v := v.(type) {
	case []any:
		return d.checkItems(s, v)
	case map[string]any:
		return d.checkMembers(s, v)
	}
	return nil
}

func fits(types, v any) bool {
	list, ok := types.([]any)
	if !ok {
		list = []any{types}
	}
	kind := "null"
	switch v := v.(type) {
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case []any:
		kind = "array"
	case map[string]any:
		kind = "object"
	case float64:
		if v == float64(int64(v)) {
			kind = "integer"
		}
	}
	return slices.Contains(list, any(kind))
}

func (d *document) checkItems(s schema, list []any) error {
	for i, item := range list {
		if err := d.check(s["items"].(map[string]any), item); err != nil {
			return fmt.Errorf("[%d] %w", i, err)
		}
	}
	return nil
}

func (d *document) checkMembers(s schema, object map[string]any) error {
	known, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, ok := object[name.(string)]; !ok {
			return fmt.Errorf("%s is missing", name)
		}
	}
	for name, v := range object {
		one, ok := known[name].(map[string]any)
		if !ok {
			if one, ok = s["additionalProperties"].(map[string]any); !ok {
				return fmt.Errorf("%s is not described", name)
			}
		}
		if err := d.check(one, v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
