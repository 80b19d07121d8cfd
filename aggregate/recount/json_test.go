package recount

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// wellFormed is JSON in the contract's sense by encoding/json, each check alone because encoding/json is more tolerant: it
// replaces bad UTF-8 and lone surrogates silently and allows 10,000 levels.
func wellFormed(value []byte) bool {
	return utf8.Valid(value) && json.Valid(value) && nesting(string(value)) <= maxNesting && !loneSurrogate(string(value))
}

// jsonString is a string literal of a text that json.Valid has accepted.
var jsonString = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// nesting tells how deep valid JSON nests at most: brackets outside strings.
func nesting(value string) (deepest int) {
	depth := 0
	for _, c := range jsonString.ReplaceAllString(value, "") {
		switch c {
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
func loneSurrogate(value string) bool {
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

// readTokens reads fields by encoding/json's own tokens: the same members as values, nested ones as their bracket.
func readTokens(t *testing.T, value []byte) (values [fieldCount]any, times [fieldCount]int, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber()
	if outer, err := dec.Token(); err != nil || outer != json.Delim('{') {
		return values, times, false
	}
	for dec.More() {
		name, err := dec.Token()
		require.NoError(t, err)
		v, err := dec.Token()
		require.NoError(t, err)
		if _, isNested := v.(json.Delim); isNested {
			for depth := 1; depth > 0; {
				token, err := dec.Token()
				require.NoError(t, err)
				depth += map[any]int{json.Delim('{'): 1, json.Delim('['): 1, json.Delim('}'): -1, json.Delim(']'): -1}[token]
			}
		}
		if line, known := lineOf(name.(string)); known {
			if times[line]++; times[line] == 1 {
				values[line] = v
			}
		}
	}
	return values, times, true
}

// meaning is what a literal says, by encoding/json.
func meaning(t *testing.T, literal string) (v any) {
	if literal == "" {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(literal))
	dec.UseNumber()
	v, err := dec.Token()
	require.NoError(t, err)
	if s, isText := text(literal); isText {
		require.Equal(t, v, s)
	}
	return v
}

// FuzzFields holds the reading by the grammar against encoding/json: which values are JSON, and the members of those that
// are objects.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{example, with(), with("x", `{"a":["\ud83d\ude00","]\"}"]}`), `{}`, ` { } `, `[1]`, `7`,
		`{"\u0061mount" :	-0.5e+7 , "amount":null,"city":{},"device":[ ] ,"status":true,"category":false
		}`, `{"order_id":"\\","paid_at":[{"}":"\\\""}],"quantity":[[[]]]}`,
		`{"x":"\ud83d"}`, `{"x":"\ud83d\u0041"}`, `{"x":"\ude00\ud83d"}`, `{"x":"\ud83d\n"}`, `{"x":[01]}`, `{"x":-}`, `{"x":1.}`, `{"x":1e}`,
		`{"x":1E+09}`, `{"x":-0.10e-1}`, `{"x":tru}`, `{"x":nullx}`, `{"x":"\q"}`, `{"x":"\u12g4"}`, "{\"x\":\"\t\"}", "{\"x\":\"\xff\"}",
		`{"x":1,}`, `{,}`, `{"x" 1}`, `{"x":[1,]}`, `{"x":[}`, `{} {}`, "{}\x00", strings.Repeat(`[`, 65) + strings.Repeat(`]`, 65),
		strings.Repeat(`{"x":`, 64) + `{}` + strings.Repeat(`}`, 64), strings.Repeat(`{"x":`, 63) + `{}` + strings.Repeat(`}`, 63)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		var got fields
		ok := got.read(string(value))
		if !wellFormed(value) {
			require.False(t, ok)
			return
		}
		values, times, wantOK := readTokens(t, value)
		require.Equal(t, wantOK, ok)
		if !ok {
			return
		}
		require.Equal(t, times, got.times)
		for i, literal := range got.literal {
			require.Equal(t, values[i], meaning(t, literal), order[i].name)
			require.True(t, literal == "" || json.Valid([]byte(literal)), literal)
		}
	})
}
