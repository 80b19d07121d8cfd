package recount

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The limits of a record value (CONTRACT.md §1): 64 KiB, and objects and lists nested at most 64 deep, the outer
// object being 1.
const (
	maxValue   = 64 * 1024
	maxNesting = 64
)

// wellFormed tells whether a value, given as bytes and as text, is JSON in the contract's sense, its outer kind apart. Each check stands alone
// because encoding/json is more tolerant than the contract: it replaces bad UTF-8 and lone surrogates silently and
// allows 10,000 levels. A byte order mark and trailing data it refuses itself.
func wellFormed(value []byte, text string) bool {
	return utf8.Valid(value) && json.Valid(value) && nesting(text) <= maxNesting && !loneSurrogate(text)
}

// jsonString is a string literal of a text that json.Valid has accepted.
var jsonString = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// nesting tells how deep valid JSON nests at most: brackets outside strings. Text with no more brackets than may nest
// needs no closer look.
func nesting(value string) int {
	if some := strings.Count(value, "{") + strings.Count(value, "["); some <= maxNesting {
		return some
	}
	depth, deepest := 0, 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '"':
			i += stringEnd(value[i:]) - 1
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

// loneSurrogate tells whether a \u escape names half of a UTF-16 pair without the other half right behind it.
// Only escapes can: utf8.Valid refuses encoded surrogates. Halves are D800 to DFFF, so most texts are done at once.
func loneSurrogate(value string) bool {
	if at := strings.IndexByte(value, '\\'); at < 0 || !strings.Contains(value[at:], `\ud`) && !strings.Contains(value[at:], `\uD`) {
		return false
	}
	for _, literal := range jsonString.FindAllString(value, -1) {
		if loneIn(literal) {
			return true
		}
	}
	return false
}

// escape is one escape of a JSON string, \uXXXX as a whole.
var escape = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{4}|.)`)

func loneIn(literal string) bool {
	at := escape.FindAllStringIndex(literal, -1)
	for i := 0; i < len(at); i++ {
		unit, isUnit := codeUnit(literal, at[i])
		if !isUnit || !utf16.IsSurrogate(unit) {
			continue
		}
		if i+1 == len(at) || at[i+1][0] != at[i][1] {
			return true // nothing, or another character, follows
		}
		next, _ := codeUnit(literal, at[i+1])
		if utf16.DecodeRune(unit, next) == utf8.RuneError {
			return true
		}
		i++ // the pair is whole
	}
	return false
}

func codeUnit(literal string, at []int) (unit rune, ok bool) {
	text := literal[at[0]:at[1]]
	if text[1] != 'u' {
		return 0, false
	}
	n, _ := strconv.ParseUint(text[2:], 16, 32)
	return rune(n), true
}
