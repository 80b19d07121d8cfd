package aggregate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Canonical gives the RFC 8785 form of a JSON document, without the named members of its outermost object. It is
// how a frame is hashed, and how a stored one is checked again. Numbers are integers within ±MaxSum; all
// documents of Festival keep to that, and an error names the first number that does not.
func Canonical(document []byte, without ...string) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("canonical JSON: more than one value")
	}
	if err := integers(v); err != nil {
		return nil, err
	}
	if o, ok := v.(map[string]any); ok {
		for _, name := range without {
			delete(o, name)
		}
	}
	return appendCanonical(nil, v), nil
}

// integers demands that every number is one that RFC 8785 writes as its own digits.
func integers(v any) error {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Int64()
		if err != nil || n > MaxSum || n < -MaxSum || strconv.FormatInt(n, 10) != v.String() {
			return fmt.Errorf("canonical JSON: number %s: only integers within 2^53-1 are canonical here", v)
		}
	case []any:
		for _, e := range v {
			if err := integers(e); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, e := range v {
			if err := integers(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendCanonical writes nil, bool, string, int64, json.Number, []any and map[string]any; nothing else is given.
func appendCanonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case json.Number:
		return append(b, v...)
	case string:
		return appendText(b, v)
	case []any:
		return appendList(b, v)
	case map[string]any:
		return appendObject(b, v)
	}
	panic(fmt.Sprintf("BUG: %T in a canonical document", v))
}

func appendList(b []byte, list []any) []byte {
	b = append(b, '[')
	for i, e := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendCanonical(b, e)
	}
	return append(b, ']')
}

func appendObject(b []byte, object map[string]any) []byte {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.SortFunc(names, compareUTF16)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, name), ':')
		b = appendCanonical(b, object[name])
	}
	return append(b, '}')
}

// compareUTF16 orders names by UTF-16 code units (RFC 8785 §3.2.3). It differs from byte order only above U+FFFF.
func compareUTF16(a, b string) int {
	if strings.IndexFunc(a+b, func(r rune) bool { return r > 0xffff }) < 0 {
		return strings.Compare(a, b)
	}
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

// appendText writes a string as ECMAScript does (RFC 8785 §3.2.2.2): only quotes, backslashes and controls are
// escaped.
func appendText(b []byte, s string) []byte {
	const short = "btn\x00fr" // for U+0008 to U+000D
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= 0x20:
			b = append(b, c)
		case c >= '\b' && c <= '\r' && c != '\v':
			b = append(b, '\\', short[c-'\b'])
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return append(b, '"')
}
