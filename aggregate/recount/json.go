package recount

import (
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

// jsonText reads a text from left to right by the grammar of RFC 8259, one method a rule. Each tells whether its rule
// was kept; where it was not, the text is no JSON and nothing more is asked. Besides the grammar it knows the
// contract's two bounds, the nesting and no half of a UTF-16 pair.
//
// encoding/json would read the same (a test holds it against this), but it would have to be asked twice, because it
// replaces lone surrogates silently and allows 10,000 levels: five times the cost.
type jsonText struct {
	text  string
	at    int // the next byte
	depth int // objects and lists that are open
}

// read reads a record value: the members of its one outer object. It tells false where the value is not JSON in the
// contract's sense, which is UTF-8 throughout, or no object.
func (f *fields) read(value string) bool {
	j := jsonText{text: value}
	return utf8.ValidString(value) && j.next() == '{' && j.object(f) && j.next() == 0 && j.at == len(value)
}

// blanks is JSON's white space.
const blanks = " \t\r\n"

// next passes white space and gives the byte behind it, without taking it; 0 at the end.
func (j *jsonText) next() byte {
	for ; j.at < len(j.text); j.at++ {
		if c := j.text[j.at]; c > ' ' || strings.IndexByte(blanks, c) < 0 {
			return c
		}
	}
	return 0
}

// take takes a mark behind white space.
func (j *jsonText) take(mark byte) bool {
	if j.next() != mark {
		return false
	}
	j.at++
	return true
}

// value = false / null / true / object / array / number / string
func (j *jsonText) value() bool {
	switch j.next() {
	case '"':
		return j.str()
	case '{':
		return j.object(nil)
	case '[':
		return j.array()
	case 't':
		return j.word("true")
	case 'f':
		return j.word("false")
	case 'n':
		return j.word("null")
	}
	return j.number()
}

func (j *jsonText) word(w string) bool {
	begin := j.at
	j.at = min(begin+len(w), len(j.text))
	return j.text[begin:j.at] == w
}

// object = { [ member *( , member ) ] }; members are put into f where it is given.
func (j *jsonText) object(f *fields) bool {
	if j.depth++; j.depth > maxNesting || !j.take('{') {
		return false
	}
	if j.next() != '}' {
		for more := true; more; more = j.take(',') {
			if !j.member(f) {
				return false
			}
		}
	}
	j.depth--
	return j.take('}')
}

// member = string : value
func (j *jsonText) member(f *fields) bool {
	if j.next() != '"' {
		return false
	}
	name := j.at
	if !j.str() {
		return false
	}
	end := j.at
	if !j.take(':') {
		return false
	}
	j.next()
	literal := j.at
	if !j.value() {
		return false
	}
	if f != nil {
		f.put(j.text[name:end], j.text[literal:j.at])
	}
	return true
}

// array = [ [ value *( , value ) ] ]
func (j *jsonText) array() bool {
	if j.depth++; j.depth > maxNesting || !j.take('[') {
		return false
	}
	if j.next() != ']' {
		for more := true; more; more = j.take(',') {
			if !j.value() {
				return false
			}
		}
	}
	j.depth--
	return j.take(']')
}

// number = [ - ] int [ . digits ] [ e [ + / - ] digits ], int = 0 / a digit from 1 and any more
func (j *jsonText) number() bool {
	j.one("-")
	if !j.one("0") && !j.digits() {
		return false
	}
	if j.one(".") && !j.digits() {
		return false
	}
	if j.one("eE") {
		j.one("+-")
		return j.digits()
	}
	return true
}

// one takes one of some bytes, where it stands there.
func (j *jsonText) one(of string) bool {
	if j.at == len(j.text) || strings.IndexByte(of, j.text[j.at]) < 0 {
		return false
	}
	j.at++
	return true
}

// digits takes at least one.
func (j *jsonText) digits() bool {
	begin := j.at
	for j.at < len(j.text) && '0' <= j.text[j.at] && j.text[j.at] <= '9' {
		j.at++
	}
	return j.at > begin
}

// str = " *char ", char = any but control characters, " and \ / an escape
func (j *jsonText) str() bool {
	for j.at++; j.at < len(j.text); {
		switch c := j.text[j.at]; {
		case c == '"':
			j.at++
			return true
		case c < ' ':
			return false
		case c != '\\':
			j.at++
		case !j.escape():
			return false
		}
	}
	return false
}

// escape = \ and one of "\/bfnrt, or u and four hexadecimal digits: a UTF-16 code unit. The first half of a pair has its
// other half right behind it, which stands nowhere else.
func (j *jsonText) escape() bool {
	j.at++
	if j.one(`"\/bfnrt`) {
		return true
	}
	unit, ok := j.unit()
	if !ok || !utf16.IsSurrogate(unit) {
		return ok
	}
	if !j.one(`\`) {
		return false
	}
	half, ok := j.unit()
	return ok && utf16.DecodeRune(unit, half) != utf8.RuneError
}

// unit reads the rest of \uXXXX.
func (j *jsonText) unit() (unit rune, ok bool) {
	if !j.one("u") {
		return 0, false
	}
	for range 4 {
		begin := j.at
		if !j.one("0123456789abcdefABCDEF") {
			return 0, false
		}
		unit = unit<<4 | hexDigit(j.text[begin])
	}
	return unit, true
}

func hexDigit(c byte) rune {
	switch {
	case c >= 'a':
		return rune(c-'a') + 10
	case c >= 'A':
		return rune(c-'A') + 10
	}
	return rune(c - '0')
}
