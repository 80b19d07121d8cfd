package recount

import (
	"encoding/json"
	"strings"
)

// fields are the known members of a record by their line in the contract's table: the first value of each, as the
// literal that stands in the text ("" where there is none), and how often each was given.
type fields struct {
	literal [fieldCount]string
	times   [fieldCount]int
}

// put takes a member; names compare after unescaping and by case.
func (f *fields) put(name, literal string) {
	line, known := lineOf(unescape(name))
	if !known {
		return
	}
	if f.times[line]++; f.times[line] == 1 {
		f.literal[line] = literal
	}
}

// lineOf finds a field's line in the table by its name.
func lineOf(name string) (line int, known bool) {
	if len(name) >= len(lines) {
		return 0, false
	}
	for _, line := range lines[len(name)] {
		if order[line].name == name {
			return line, true
		}
	}
	return 0, false
}

// unescape gives what a string literal says.
func unescape(literal string) string {
	if strings.IndexByte(literal, '\\') >= 0 {
		return unquote(literal)
	}
	return literal[1 : len(literal)-1]
}

func unquote(literal string) (s string) {
	if err := json.Unmarshal([]byte(literal), &s); err != nil {
		panic("BUG: a string of valid JSON does not parse: " + err.Error())
	}
	return s
}
