package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// OneLine says whether a text that is recorded and shown is what it looks like: it has no line end, no other control character and none
// that turns the direction of what follows, so that no record can print as two or as another one.
func OneLine(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) && utf8.ValidString(text)
}
