package decode

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

var hexByte = regexp.MustCompile(`%[0-9a-f]{2}`)

var repeat = regexp.MustCompile(`(.)<(\d+)>`)

// expand writes out <n> repeats.
func expand(s string) string {
	return repeat.ReplaceAllStringFunc(s, func(m string) string {
		p := repeat.FindStringSubmatch(m)
		n, _ := strconv.Atoi(p[2])
		return strings.Repeat(p[1], n)
	})
}

// golden calls f with the two columns after the first or with all; comments are left out.
func golden(t *testing.T, name string, columns int, f func(line int, c []string)) {
	n := 0
	for i, line := range strings.Split(readFile(t, "testdata/"+name), "\n") {
		if c := strings.Split(line, "\t"); line != "" && line[0] != '#' {
			require.Len(t, c, columns, "%s:%d", name, i+1)
			f(i+1, c)
			n++
		}
	}
	require.Greater(t, n, 50)
}

func reason(d *Decoder, value string) string {
	var o aggregate.Order
	if r := d.Decode([]byte(value), kafkaMs, &o); r != aggregate.Accepted {
		return r.String()
	}
	return "ok"
}

// with replaces a field's JSON in the contract's example, or leaves the field out.
func with(field, json string) string {
	members := regexp.MustCompile(`"`+field+`":("[^"]*"|[^,}]*),?`).ReplaceAllString(contractExample, "")
	members = strings.TrimSuffix(members[1:len(members)-1], ",")
	if json == "-" {
		return "{" + members + "}"
	}
	return `{"` + field + `":` + json + `,` + members + "}"
}

func TestGoldenFields(t *testing.T) {
	d := New(testRules())
	covered := map[string]bool{}
	golden(t, "fields.txt", 3, func(line int, c []string) {
		covered[c[0]] = true
		require.Equal(t, c[2], reason(d, with(c[0], expand(c[1]))), "fields.txt:%d %s %s", line, c[0], c[1])
	})
	require.Len(t, covered, int(aggregate.Fields))
}

func TestGoldenRecords(t *testing.T) {
	d := New(testRules())
	golden(t, "records.txt", 2, func(line int, c []string) {
		text := hexByte.ReplaceAllStringFunc(c[1], func(m string) string {
			b, _ := hex.DecodeString(m[1:])
			return string(b)
		})
		value := strings.ReplaceAll(expand(text), "GOOD", contractExample[1:len(contractExample)-1])
		require.Equal(t, c[0], reason(d, value), "records.txt:%d %.200q", line, value)
	})
}

// TestTruncated cuts good records at every byte: each piece is no JSON, and nothing past the cut is read.
func TestTruncated(t *testing.T) {
	d := New(testRules())
	for _, v := range []string{contractExample, with("order_id", `"\uD83D\uDE00中\n"`),
		with("x", `[{"a":[-1.5e+7,true,false,null]},"\\"]`)} {
		require.Equal(t, "ok", reason(d, v))
		for i := range v {
			require.Equal(t, "not_json", reason(d, v[:i]), "cut at %d", i)
		}
	}
}

// TestEveryByte puts every byte value at every place of a good record: whatever comes out, encoding/json's idea of
// JSON must be ours (golden records say where the contract is stricter).
func TestEveryByte(t *testing.T) {
	d := New(testRules())
	v := []byte(contractExample)
	step := 1
	if raceEnabled {
		step = 7
	}
	for i := 0; i < len(v); i += step {
		for c := range 256 {
			was := v[i]
			v[i] = byte(c)
			require.Equal(t, validJSON(v), reason(d, string(v)) != "not_json", "byte %#x at %d", c, i)
			v[i] = was
		}
	}
}
