package deploy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// structure is a struct type of a source file: the names of its fields, embedded types too, and its yaml keys.
type structure struct{ fields, keys []string }

// structs reads the struct types of a source file by name.
func structs(t *testing.T, path string) map[string]structure {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	out := map[string]structure{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			out[spec.Name.Name] = structureOf(s)
		}
		return true
	})
	return out
}

func structureOf(s *ast.StructType) (out structure) {
	for _, f := range s.Fields.List {
		if embedded, ok := f.Type.(*ast.Ident); ok && len(f.Names) == 0 {
			out.fields = append(out.fields, embedded.Name)
		}
		for _, name := range f.Names {
			out.fields = append(out.fields, name.Name)
		}
		if f.Tag == nil {
			continue
		}
		if key := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("yaml"); key != "" {
			out.keys = append(out.keys, key)
		}
	}
	return out
}

// makers are how the files that make metrics name what they register.
var makers = map[string]struct {
	prefix string
	name   *regexp.Regexp
}{
	"../ingest/metrics.go": {"festival_ingest_",
		regexp.MustCompile(`(?:"festival_ingest_|\b(?:gauge|bound|counter|histogram)\(")([a-z][a-z_]*)"`)},
	"../cmd/festival/disk.go":           {"festival_disk_", regexp.MustCompile(`\bgauge\("([a-z][a-z_]*)"`)},
	"../ingest/verify/followmetrics.go": {"festival_verify_", regexp.MustCompile(`\b(?:counter|gauge|vector)\("([a-z][a-z_]*)"`)},
	"../query/metrics.go":               {"festival_query_", regexp.MustCompile(`\bb\.(?:counter|gauge|gaugeOf|histogram)s?\("([a-z][a-z_]*)"`)},
}

// metrics gives the names of all metrics of ours.
func metrics(t *testing.T) []string {
	found := map[string]bool{}
	for path, m := range makers {
		names := m.name.FindAllStringSubmatch(text(t, path), -1)
		require.NotEmpty(t, names, path)
		for _, n := range names {
			found[m.prefix+n[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// TestMetricsAreMadeInTheirFiles: metrics that are made elsewhere would escape the tests here.
func TestMetricsAreMadeInTheirFiles(t *testing.T) {
	made := regexp.MustCompile(`prometheus\.(Counter|Gauge|Histogram|Summary|)Opts\{`)
	for _, folder := range []string{"../aggregate", "../ingest", "../query", "../sql", "../cmd"} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			if _, known := makers[filepath.ToSlash(path)]; !known {
				require.NotRegexp(t, made, text(t, path), path)
			}
			return nil
		}))
	}
}

// requireMetrics demands that an expression names metrics, and only such as are made.
func requireMetrics(t *testing.T, where, expression string) {
	all := metrics(t)
	named := regexp.MustCompile(`\bfestival_[a-z_]+`).FindAllString(expression, -1)
	for _, name := range named {
		base := name
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if cut, ok := strings.CutSuffix(name, suffix); ok && !slices.Contains(all, name) {
				base = cut
			}
		}
		require.Contains(t, all, base, where)
	}
	if len(named) == 0 { // what Prometheus and its Go client make by themselves
		require.Regexp(t, `\b(up\{|process_[a-z_]+\{)`, expression, where)
	}
}
