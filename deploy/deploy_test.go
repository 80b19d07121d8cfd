// Package deploy holds how Festival runs for real: files for other programs, and these tests that hold them against
// the sources. Nothing here is imported.
package deploy

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// text reads a file; path is seen from this folder.
func text(t *testing.T, path string) string {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

// files lists what lies here with an extension, what npm brought left out.
func files(t *testing.T, ext string) []string {
	var out []string
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err == nil && filepath.Ext(path) == ext {
			out = append(out, path)
		}
		return err
	}))
	require.NotEmpty(t, out, ext)
	return out
}

func TestFilesParse(t *testing.T) {
	for _, path := range files(t, ".yaml") {
		require.NotEmpty(t, readYAML(t, path), path)
	}
	for _, path := range files(t, ".json") {
		var v any
		require.NoError(t, json.Unmarshal([]byte(text(t, path)), &v), path)
	}
}

func readYAML(t *testing.T, path string) map[string]any {
	var v map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text(t, path)), &v), path)
	return v
}

// sectionTypes are the types of Config's sections, by name in the file.
var sectionTypes = map[string]string{"festival": "Festival", "kafka": "Kafka", "clickhouse": "ClickHouse", "http": "HTTP",
	"ingest": "Ingest", "query": "Query", "store": "Store", "wall": "Wall"}

// optional are settings that have no harmless value: the example has them as comments.
var optional = []string{"replication", "tls", "sasl", "password_file", "map_file", "map_approval", "names_file", "operator_token_file"}

// TestExampleIsComplete: the example names every setting that the program reads, and no other.
func TestExampleIsComplete(t *testing.T) {
	settings := structs(t, "../cmd/festival/config.go")
	example := readYAML(t, "festival.example.yaml")
	require.ElementsMatch(t, settings["Config"].keys, keys(example))
	require.Len(t, sectionTypes, len(example))
	for section, name := range sectionTypes {
		given, ok := example[section].(map[string]any)
		require.True(t, ok, section)
		want := slices.DeleteFunc(slices.Clone(settings[name].keys), func(k string) bool {
			return k == "-" || slices.Contains(optional, k)
		})
		require.ElementsMatch(t, want, keys(given), section)
	}
	for _, name := range optional {
		require.Regexp(t, `(?m)^  # `+name+`: \S`, text(t, "festival.example.yaml"))
	}
	for _, w := range example["festival"].(map[string]any)["windows"].([]any) {
		require.ElementsMatch(t, settings["Window"].keys, keys(w.(map[string]any)))
	}
	screens := example["wall"].(map[string]any)["screens"].([]any)
	require.ElementsMatch(t, settings["Screen"].keys, keys(screens[0].(map[string]any)))
}

func keys(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// TestVariablesAreSettings: a variable that the program does not know would be passed over without a word.
func TestVariablesAreSettings(t *testing.T) {
	settings := structs(t, "../cmd/festival/config.go")
	known := []string{"FESTIVAL_ENGINE_LIB"} // sql/engine's own
	for section, name := range sectionTypes {
		for _, key := range settings[name].keys {
			known = append(known, "FESTIVAL_"+strings.TrimPrefix(strings.ToUpper(section+"_"+key), "FESTIVAL_"))
		}
	}
	require.Contains(t, text(t, "../sql/engine/config.go"), `"FESTIVAL_ENGINE_LIB"`)
	variable := regexp.MustCompile(`FESTIVAL_[A-Z_]+[A-Z]\b`)
	places := append(files(t, ".service"), "compose.yaml", "Dockerfile")
	for _, path := range places {
		for _, name := range variable.FindAllString(text(t, path), -1) {
			require.Contains(t, known, name, path)
		}
	}
}

// TestCommandLines: every command line in units and compose.yaml has flags that its command takes.
func TestCommandLines(t *testing.T) {
	for _, path := range files(t, ".service") {
		line := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/festival (.+)$`).FindStringSubmatch(text(t, path))
		require.NotNil(t, line, path)
		requireFlags(t, path, strings.Fields(line[1]))
	}
	services := readYAML(t, "compose.yaml")["services"].(map[string]any)
	for _, name := range []string{"ingest", "serve", "follow", "verify"} {
		var words []string
		for _, w := range services[name].(map[string]any)["command"].([]any) {
			words = append(words, w.(string))
		}
		requireFlags(t, "compose.yaml", words)
	}
}

func requireFlags(t *testing.T, path string, words []string) {
	sources := map[string]string{"ingest": "ingestcmd.go", "serve": "servecmd.go", "store": "storecmd.go", "verify": "verify.go"}
	require.Contains(t, sources, words[0], path)
	types := structs(t, "../cmd/festival/"+sources[words[0]])
	all := append(types[words[0]+"Cmd"].fields, types[words[0]+"RunCmd"].fields...) // of a command with others below it
	if slices.Contains(all, "configFlags") {
		all = append(all, structs(t, "../cmd/festival/common.go")["configFlags"].fields...)
	}
	if slices.Contains(all, "placeFlags") {
		all = slices.Concat(all, structs(t, "../cmd/festival/place.go")["placeFlags"].fields, structs(t, "../cmd/festival/verifyfollow.go")["followFlags"].fields)
	}
	for _, w := range words[1:] {
		if flag, ok := strings.CutPrefix(w, "--"); ok {
			require.True(t, slices.ContainsFunc(all, func(f string) bool { return strings.EqualFold(f, flag) }), "%s: %s", path, w)
		}
	}
}

// TestUnitsAreHardened: the least that each unit keeps to.
func TestUnitsAreHardened(t *testing.T) {
	for _, path := range files(t, ".service") {
		unit := text(t, path)
		for _, line := range []string{"ProtectSystem=strict", "NoNewPrivileges=yes", "Restart=on-failure",
			"RestartPreventExitStatus=2", "CapabilityBoundingSet=", "LimitNOFILE="} {
			require.Contains(t, unit, "\n"+line, path)
		}
		require.Regexp(t, `(?m)^(DynamicUser=yes|User=festival)$`, unit, path)
	}
}
