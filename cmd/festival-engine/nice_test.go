package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/sql/engine/enginetest"
)

// A thread yields to those that insert and answer while it merges: what is shown now goes before tidying up.
func TestMergesAreNicerThanInserts(t *testing.T) {
	p := enginetest.Start(t)
	must(t, ask(t, p, "", "CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n"))
	for range 2 {
		must(t, ask(t, p, "", "INSERT INTO t SELECT rand64(), toString(rand64()) FROM numbers(1000000)"))
	}
	merged := make(chan answer, 1)
	go func() { merged <- ask(t, p, "", "OPTIMIZE TABLE t FINAL") }()
	seen := map[string]bool{}
	for {
		for _, nice := range niceness(t, p.Pid(), "MergeMutate") {
			seen[nice] = true
		}
		select {
		case a := <-merged:
			must(t, a)
			require.True(t, seen["10"], "niceness of threads that merge, while a merge of 2 M rows ran: %v", seen)
			return
		default:
		}
	}
}

// niceness gives that of each thread of a process with this name.
func niceness(t *testing.T, pid int, wanted string) []string {
	t.Helper()
	var out []string
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	require.NoError(t, err)
	for _, path := range tasks {
		text, err := os.ReadFile(path)
		if err != nil { // a thread that has ended since
			continue
		}
		_, after, _ := strings.Cut(string(text), "(")
		name, rest, found := strings.Cut(after, ") ")
		require.True(t, found, string(text))
		if name == wanted {
			out = append(out, strings.Fields(rest)[16]) // field 19 of proc(5); rest begins at field 3
		}
	}
	return out
}
