package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// allowed says which top-level folders of ours a folder may import (DESIGN.md §1). The program imports one way, so
// that each part can be read, tested and replaced without those after it.
var allowed = map[string]string{
	"cmd":       "cmd ingest query dashboard sql aggregate",
	"ingest":    "ingest aggregate sql",
	"query":     "query aggregate sql",
	"sql":       "sql",
	"dashboard": "dashboard",
	"aggregate": "aggregate",
}

func TestImportDirections(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "festival/...").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		for _, imported := range words[1:] {
			checkImport(t, words[0], imported)
		}
	}
}

func checkImport(t *testing.T, from, to string) {
	folder := topFolder(from)
	if strings.HasPrefix(to, "festival/") {
		require.Contains(t, strings.Fields(allowed[folder]), topFolder(to), "%s must not import %s", from, to)
		return
	}
	if folder == "aggregate" {
		require.NotContains(t, strings.Split(to, "/")[0], ".", "%s may import the standard library only, not %s", from, to)
	}
}

func topFolder(path string) string {
	return strings.Split(strings.TrimPrefix(path, "festival/"), "/")[0]
}
