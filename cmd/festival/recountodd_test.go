package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestRecountOfOddRecords lets an outside reader follow docs/recount.md over a log of the decoder's hostile records, and hands
// it documents of which one figure was changed and the SHA-256 made anew: each is found out, but for those that the page names.
func TestRecountOfOddRecords(t *testing.T) {
	t.Parallel()
	festival := newFestival(t)
	d := newDemo(t, "--rate", "0")
	festival.write(t, d.data)
	d.start(t)
	p := newProducers(t, d.kafka)
	odd := oddRecords(t, newShop(t, festival))
	for _, r := range odd {
		p.send(context.Background(), r)
	}
	p.flush(t)
	d.atEnd()
	document, code := says(t, "close", "--data", d.data, "--by", "Lin Yue", "--anyway", "a test")
	require.Equal(t, exitDone, code, "%s", document)
	document = strings.TrimSuffix(document, "\n")
	records := topicLog(t, d.kafka)
	require.Len(t, records, len(odd))

	o := newOutsider(t)
	figures := recountPage(t, o, recountData(t, records, document))
	for _, f := range figures {
		assert.Equal(t, 1, f.Equal, "%s: the document says %s, the recount %s", f.Figure, f.Said, f.Counted)
	}
	require.Greater(t, len(figures), 100)
	requireForged(t, o, document)
}

// outOfReach are the members that a log cannot tell: docs/recount.md names them.
var outOfReach = regexp.MustCompile(`^(closed_at|closed_ms|by|anyway|unfinished|incomplete|watermark|frame|gaps\.\d+\.(by|reason|hash)|` +
	`partitions\.\d+\.(stable_end|high_watermark|pulse_ms|stopped|chain))(\.|$)`)

// requireForged changes leaves of a document, one at a time, and signs it anew.
func requireForged(t *testing.T, o *outsider, document string) {
	t.Helper()
	page := pageBlocks(t)
	var leaves []string
	walk(parsed(t, document), "", func(path string, _ any) any { leaves = append(leaves, path); return nil })
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed of the forger: %d", seed)
	random.Shuffle(len(leaves), func(i, j int) { leaves[i], leaves[j] = leaves[j], leaves[i] })
	tried := map[string]bool{}
	for _, leaf := range leaves {
		kind := regexp.MustCompile(`\.(\d+|[A-Z]{2})\b`).ReplaceAllString(leaf, ".*") // one of each kind
		if leaf == "sha256" || outOfReach.MatchString(leaf) || tried[kind] || strings.HasPrefix(leaf, "rules.") && len(tried) > 30 {
			continue
		}
		tried[kind] = true
		forged := signedAnew(t, walk(parsed(t, document), "", func(path string, value any) any {
			if path == leaf {
				return changed(value)
			}
			return nil
		}))
		o.ask("TRUNCATE TABLE recount.document", nil)
		o.ask("INSERT INTO recount.document FORMAT LineAsString", forged)
		wrong := 0
		for _, f := range rows[comparedFigure](o, page[len(page)-1]) {
			wrong += 1 - f.Equal
		}
		assert.Positive(t, wrong, "%s was changed", leaf)
	}
	require.Greater(t, len(tried), 30)
}

func parsed(t *testing.T, document string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(document))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	return value
}

// walk gives a JSON value in which each leaf is what put says of it, nil for as it is.
func walk(value any, path string, put func(path string, leaf any) any) any {
	in := func(name string) string { return strings.TrimPrefix(path+"."+name, ".") }
	switch v := value.(type) {
	case map[string]any:
		for name := range v {
			v[name] = walk(v[name], in(name), put)
		}
	case []any:
		for i := range v {
			v[i] = walk(v[i], in(strconv.Itoa(i)), put)
		}
	default:
		if now := put(path, value); now != nil {
			return now
		}
	}
	return value
}

func changed(leaf any) any {
	switch v := leaf.(type) {
	case json.Number:
		n, _ := v.Int64()
		return json.Number(strconv.FormatInt(n+1, 10))
	case string:
		if v == "" {
			return "x"
		}
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.Add(time.Second).Format(time.RFC3339)
		}
		return v[:len(v)-1] + string(v[len(v)-1]^1)
	case bool:
		return !v
	}
	return "x"
}

// signedAnew writes a document as RFC 8785 would, whose members are plain ASCII here, with the SHA-256 of what it says now.
func signedAnew(t *testing.T, document any) []byte {
	t.Helper()
	members := document.(map[string]any)
	delete(members, "sha256")
	text := func() []byte {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		require.NoError(t, e.Encode(members))
		return []byte(strings.TrimSuffix(b.String(), "\n"))
	}
	sum := sha256.Sum256(text())
	members["sha256"] = hex.EncodeToString(sum[:])
	return text()
}

// oddRecords are the hostile records that the decoder is tested with, each as an order of its own, and those that a
// reader in SQL gets wrong most easily.
func oddRecords(t *testing.T, s *shop) (out []*kgo.Record) {
	t.Helper()
	paid := func() *order {
		for {
			s.made++
			if o := s.order(); o.values["paid_at"] != "" && o.kafkaMs > 0 {
				o.escaped = false
				return o
			}
		}
	}
	with := func(field, value string) {
		o := paid()
		if value == "-" {
			o.names = without(o.names, field)
		} else {
			o.set(field, value)
		}
		out = append(out, o.record(o.text()))
	}
	whole := func(text string) {
		o := paid()
		out = append(out, o.record(strings.ReplaceAll(text, "GOOD", strings.Trim(o.text(), "{}"))))
	}
	for _, c := range goldenLines(t, "fields.txt") {
		with(c[0], c[1])
	}
	for _, c := range goldenLines(t, "records.txt") {
		whole(c[1])
	}
	for _, field := range []string{"paid_at", "created_at"} {
		for _, at := range []string{"2026-11-11T24:00:00Z", "2026-11-11T12:61:00Z", "2026-11-11T12:00:00+24:00", "2026-11-11T12:00:00+08:60", "2026-02-29T12:00:00Z",
			"1999-12-31T23:59:59-08:00", "2100-01-01T00:00:00+08:00", "2026-11-11T12:00:00-00:00", "2026-11-11T12:00:00.1239999Z"} {
			with(field, strconv.Quote(at))
		}
	}
	for _, day := range []string{"0000-02-29", "1899-12-31", "1900-02-29", "2300-01-01", "9999-12-31", "2026-04-31"} {
		with("buyer_since", strconv.Quote(day))
	}
	for _, amount := range []string{`"<>12.50"`, `"12.50>"`, `12.50`, ` 12.50 `, `12.5e0`, `1000000000`, `1000000000.00`, `1000000000.01`, `18446744073709551616`, `"0.00"`, `-0`} {
		with("amount", amount)
		with("red_envelope", amount)
	}
	with("order_id", `">12"`)
	with("new_product", `"true"`)
	whole(`{GOOD,"x":18446744073709551616,"y":1e400,"z":[-99999999999999999999.5]}`)
	whole(`{"x":{"amount":99.99,"status":"created"},GOOD}`)
	whole(`{GOOD,"x":"\\12}`)
	whole(`{GOOD,"x":"a\12"}`)
	whole(`{GOOD,"x":"a" 1}`)
	whole(`{GOOD,"x":1"a"}`)
	return out
}

func without(names []string, name string) (out []string) {
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}

// goldenLines reads a table of the decoder's hostile records: %ff is the byte 0xff, x<n> stands for n times x.
func goldenLines(t *testing.T, name string) (out [][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "ingest", "decode", "testdata", name))
	require.NoError(t, err)
	fields := name == "fields.txt"
	for line := range strings.SplitSeq(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		c := strings.Split(line, "\t")
		if !fields {
			c[1] = hexByte.ReplaceAllStringFunc(c[1], func(m string) string {
				b, _ := hex.DecodeString(m[1:])
				return string(b)
			})
		}
		c[1] = repeated.ReplaceAllStringFunc(c[1], func(m string) string {
			p := repeated.FindStringSubmatch(m)
			n, _ := strconv.Atoi(p[2])
			return strings.Repeat(p[1], n)
		})
		out = append(out, c)
	}
	require.Greater(t, len(out), 50, fmt.Sprint("lines of ", name))
	return out
}

var (
	hexByte  = regexp.MustCompile(`%[0-9a-f]{2}`)
	repeated = regexp.MustCompile(`(.)<(\d+)>`)
)
