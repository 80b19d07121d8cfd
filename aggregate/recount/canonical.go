package recount

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Canonical gives the RFC 8785 form of a JSON text, without the named members of the outer object: members sorted
// by UTF-16 code units, no spaces, the fewest escapes. Numbers have to be integers within ±(2^53-1), the only ones
// that frames and ledgers hold; any other is an error.
func Canonical(text []byte, without ...string) ([]byte, error) {
	value, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	if object, ok := value.(map[string]any); ok {
		for _, name := range without {
			delete(object, name)
		}
	}
	var out bytes.Buffer
	if err := writeCanonical(&out, value); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// parseJSON reads exactly one JSON value; numbers stay text. A member given twice would be lost in the map, but
// then the text is not what its canonical form says, which the caller's hash finds.
func parseJSON(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not JSON: something follows the value")
	}
	return value, nil
}

func writeCanonical(out *bytes.Buffer, value any) error {
	switch v := value.(type) {
	case nil:
		out.WriteString("null")
	case bool:
		out.WriteString(strconv.FormatBool(v))
	case string:
		writeString(out, v)
	case json.Number:
		return writeInteger(out, v.String())
	case []any:
		return writeList(out, v)
	case map[string]any:
		return writeObject(out, v)
	}
	return nil
}

var integer = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

func writeInteger(out *bytes.Buffer, text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !integer.MatchString(text) || n > MaxSum || n < -MaxSum {
		return fmt.Errorf("number %.40s is not an integer within 2^53-1", text)
	}
	out.WriteString(text)
	return nil
}

func writeList(out *bytes.Buffer, list []any) error {
	out.WriteByte('[')
	for i, v := range list {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeCanonical(out, v); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return nil
}

func writeObject(out *bytes.Buffer, object map[string]any) error {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool { return utf16Less(names[i], names[j]) })
	out.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		writeString(out, name)
		out.WriteByte(':')
		if err := writeCanonical(out, object[name]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

// utf16Less orders names as RFC 8785 §3.2.3 wants: as arrays of UTF-16 code units.
func utf16Less(a, b string) bool {
	x, y := utf16.Encode([]rune(a)), utf16.Encode([]rune(b))
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return len(x) < len(y)
}

// writeString writes a string with the escapes of RFC 8785 §3.2.2.2: only what JSON forces.
func writeString(out *bytes.Buffer, s string) {
	const short = "\b\t\n\f\r\"\\"
	out.WriteByte('"')
	for _, r := range s {
		switch i := strings.IndexRune(short, r); {
		case i >= 0:
			out.WriteByte('\\')
			out.WriteByte(`btnfr"\`[i])
		case r < 0x20:
			fmt.Fprintf(out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
}
