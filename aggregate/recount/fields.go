package recount

import (
	"encoding/json"
	"strings"
)

// fields are the known members of a record by their line in the contract's table: the first value of each, and how
// often each was given. Values are string, json.Number, bool, nil (null or absent), or nested.
type fields struct {
	value [fieldCount]any
	times [fieldCount]int
}

// nested stands for an object or a list, which no known field may be.
type nested struct{}

// readFields reads the outer object's members; names compare after unescaping and by case. The value is
// wellFormed. ok is false where it is not one object.
//
// encoding/json's Token would read the same (a test holds it against this) at seven times the cost.
func readFields(value string) (f fields, ok bool) {
	rest, ok := strings.CutPrefix(strings.Trim(value, blanks), "{")
	if !ok {
		return f, false
	}
	for rest = strings.TrimLeft(rest, blanks+","); rest != "}"; rest = strings.TrimLeft(rest, blanks+",") {
		end := literalEnd(rest)
		name := unescape(rest[:end])
		rest = strings.TrimLeft(rest[end:], blanks+":")
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

func (f *fields) put(line int, literal string) {
	if f.times[line]++; f.times[line] == 1 {
		f.value[line] = parse(literal)
	}
}

// parse reads the literal of one value, by its first byte: the text is JSON, so that tells the kind.
func parse(literal string) any {
	switch literal[0] {
	case '"':
		return unescape(literal)
	case 't', 'f':
		return literal == "true"
	case 'n':
		return nil
	case '{', '[':
		return nested{}
	}
	return json.Number(literal)
}

// unescape gives what a string literal says.
func unescape(literal string) (s string) {
	if !strings.Contains(literal, `\`) {
		return literal[1 : len(literal)-1]
	}
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
