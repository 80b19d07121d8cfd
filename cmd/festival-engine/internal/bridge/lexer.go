package bridge

import "strings"

// token is a word, a single sign outside brackets, or a whole bracketed or quoted
// piece (then word is its first byte).
type token struct {
	word  string
	start int
}

// isName reports whether the token can be a format's name.
func (t token) isName() bool { return t.word != "" && isWordByte(t.word[0]) }

// lexer cuts SQL into tokens of depth 0. An unclosed quote or bracket runs to the
// end of the text.
type lexer struct {
	text string
	at   int
}

// next gives the next token outside brackets, false at the end.
func (l *lexer) next() (token, bool) {
	l.skipBlank()
	if l.at >= len(l.text) {
		return token{}, false
	}
	start, c := l.at, l.text[l.at]
	switch {
	case isWordByte(c):
		for l.at < len(l.text) && isWordByte(l.text[l.at]) {
			l.at++
		}
		return token{l.text[start:l.at], start}, true
	case c == '\'' || c == '"' || c == '`':
		l.skipQuoted(c)
	case c == '$':
		l.skipHeredoc()
	case c == '(' || c == '[' || c == '{':
		l.skipBrackets()
	default:
		l.at++
	}
	return token{l.text[start : start+1], start}, true
}

// skipBlank passes white space and comments.
func (l *lexer) skipBlank() {
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			l.at++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "#!"), strings.HasPrefix(rest, "# "):
			l.skipPast("\n")
		case strings.HasPrefix(rest, "/*"):
			l.at += 2
			l.skipPast("*/")
		default:
			return
		}
	}
}

// skipPast moves behind the next end, or to the end of the text.
func (l *lexer) skipPast(end string) {
	i := strings.Index(l.text[l.at:], end)
	if i < 0 {
		l.at = len(l.text)
		return
	}
	l.at += i + len(end)
}

// skipQuoted passes a quoted piece. A doubled quote begins a new piece at once,
// which comes to the same.
func (l *lexer) skipQuoted(quote byte) {
	for l.at++; l.at < len(l.text); l.at++ {
		switch l.text[l.at] {
		case '\\':
			l.at++
		case quote:
			l.at++
			return
		}
	}
	l.at = len(l.text)
}

// skipHeredoc passes $tag$...$tag$; a lone dollar is a sign.
func (l *lexer) skipHeredoc() {
	end := l.at + 1
	for end < len(l.text) && isWordByte(l.text[end]) {
		end++
	}
	if end >= len(l.text) || l.text[end] != '$' {
		l.at++
		return
	}
	tag := l.text[l.at : end+1]
	l.at = end + 1
	l.skipPast(tag)
}

// skipBrackets passes a bracketed piece with all that is in it.
func (l *lexer) skipBrackets() {
	for depth := 0; l.at < len(l.text); {
		l.skipBlank()
		if l.at >= len(l.text) {
			return
		}
		switch c := l.text[l.at]; c {
		case '(', '[', '{':
			depth++
			l.at++
		case ')', ']', '}':
			depth--
			l.at++
			if depth == 0 {
				return
			}
		case '\'', '"', '`':
			l.skipQuoted(c)
		case '$':
			l.skipHeredoc()
		default:
			l.at++
		}
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
