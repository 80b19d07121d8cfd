package sql

import (
	"embed"
	"fmt"
	"strings"
)

// queries are the statements by name.
//
//go:embed query/*.sql
var queries embed.FS

// statement gives the text of query/name.sql without its comment lines (clickhouse-go looks for INSERT at the
// beginning). A name that is not there is a mistake of the program; a test asks for all of them.
func statement(name string) string {
	text, err := queries.ReadFile("query/" + name + ".sql")
	if err != nil {
		panic(fmt.Sprintf("sql: no statement %q", name))
	}
	return withoutComments(string(text))
}

func withoutComments(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			out.WriteString(line)
		}
	}
	return strings.TrimSpace(out.String())
}
