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

// readFields reads the outer object's members; names compare after unescaping and by case. The value is
// wellFormed. ok is false where it is not one object.
//
// encoding/json's Token would read the same (a test holds it against this) at seven times the cost.
func readFields(value string) (f fields, ok bool) {
	rest, ok := strings.CutPrefix(strings.Trim(value, blanks), "{")
	if !ok {
		return f, false
	}
	for rest = skip(rest, ','); rest != "}"; rest = skip(rest, ',') {
		end := literalEnd(rest)
		name := unescape(rest[:end])
		rest = skip(rest[end:], ':')
		end = literalEnd(rest)
		if line, isField := lineOf[name]; isField {
			f.put(line, rest[:end])
		}
		rest = rest[end:]
	}
	return f, true
}

// blanks is JSON's white space.
const blanks = " \t\r\n"

// skip leaves out white space and the given mark at the head of a text.
func skip(text string, mark byte) string {
	i := 0
	for i < len(text) && (text[i] == mark || strings.IndexByte(blanks, text[i]) >= 0) {
		i++
	}
	return text[i:]
}

func (f *fields) put(line int, literal string) {
	if f.times[line]++; f.times[line] == 1 {
		f.literal[line] = literal
	}
}

// unescape gives what a string literal says.
func unescape(literal string) string {
	if strings.Contains(literal, `\`) {
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

// literalEnd tells where the value at the head of a text ends. The text is the rest of valid JSON, cut at a value.
func literalEnd(text string) int {
	switch text[0] {
	case '"':
		return stringEnd(text)
	case '{', '[':
		return nestedEnd(text)
	}
	return strings.IndexAny(text, blanks+",]}")
}

func stringEnd(text string) int {
	for i := 1; ; i++ {
		switch text[i] {
		case '\\':
			i++ // the escaped character ends no string
		case '"':
			return i + 1
		}
	}
}

func nestedEnd(text string) int {
	for i, depth := 0, 0; ; i++ {
		switch text[i] {
		case '"':
			i += stringEnd(text[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}
