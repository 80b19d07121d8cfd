package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// closingOf is what a test reads of a closing document.
type closingOf struct {
	Total     totals           `json:"total"`
	Positions map[string]int64 `json:"positions"`
	Rejects   map[string]int64 `json:"rejects"`
	Countries []sums           `json:"countries"`
	Devices   []sums           `json:"devices"`
	Provinces []sums           `json:"provinces"`
}

// kcatJSON writes records as `kcat -J` does: a JSON object a line, bytes that are no control characters as they are.
func kcatJSON(records []*kgo.Record) []byte {
	var b bytes.Buffer
	text := func(raw []byte) {
		if raw == nil {
			b.WriteString("null")
			return
		}
		b.WriteByte('"')
		for _, c := range raw {
			switch {
			case c == '"' || c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < 0x20:
				b.WriteString(`\u00` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]))
			default:
				b.WriteByte(c)
			}
		}
		b.WriteByte('"')
	}
	for _, r := range records {
		b.WriteString(`{"topic":"orders","partition":` + strconv.Itoa(int(r.Partition)) + `,"offset":` + strconv.FormatInt(r.Offset, 10) + `,"tstype":"create","ts":` +
			strconv.FormatInt(r.Timestamp.UnixMilli(), 10) + `,"key":`)
		text(r.Key)
		b.WriteString(`,"payload":`)
		text(r.Value)
		b.WriteString("}\n")
	}
	return b.Bytes()
}

var sqlBlock = regexp.MustCompile("(?s)```sql\n(.*?)\n```")

// recountPage runs the SQL of docs/recount.md as it stands, each block with its data, and gives the last block's answer.
func recountPage(t *testing.T, o *outsider, data map[string][]byte) (answer []comparedFigure) {
	t.Helper()
	blocks := pageBlocks(t)
	for _, text := range blocks[:len(blocks)-1] {
		if name, statement, ok := strings.Cut(strings.TrimPrefix(text, "-- data: "), "\n"); ok && strings.HasPrefix(text, "-- data: ") {
			require.Contains(t, data, name)
			o.ask(statement, data[name])
			continue
		}
		for statement := range strings.SplitSeq(text, ";\n") {
			o.ask(strings.TrimSuffix(statement, ";"), nil)
		}
	}
	return rows[comparedFigure](o, blocks[len(blocks)-1])
}

// pageBlocks are the SQL blocks of docs/recount.md.
func pageBlocks(t *testing.T) (blocks []string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "recount.md"))
	require.NoError(t, err)
	for _, block := range sqlBlock.FindAllStringSubmatch(string(page), -1) {
		blocks = append(blocks, block[1])
	}
	require.Greater(t, len(blocks), 8)
	return blocks
}

// recountData are the files that the page wants.
func recountData(t *testing.T, records []*kgo.Record, document string) map[string][]byte {
	t.Helper()
	data := map[string][]byte{"log.jsonl": kcatJSON(records), "closing.json": []byte(document)}
	for _, name := range []string{"currencies.csv", "countries.txt", "provinces.csv"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "aggregate", "data", name))
		require.NoError(t, err)
		data[name] = text
	}
	return data
}

// comparedFigure is a line of the page's last answer.
type comparedFigure struct {
	Figure, Said, Counted string
	Equal                 int
}

// requireRecount lets an outside reader with the topic and the document follow docs/recount.md; a document that was changed
// is found out.
func requireRecount(t *testing.T, records []*kgo.Record, document string, doc *closingOf) {
	t.Helper()
	o := newOutsider(t)
	data := recountData(t, records, document)
	figures := map[string]bool{}
	for _, f := range recountPage(t, o, data) {
		figures[f.Figure] = true
		assert.Equal(t, 1, f.Equal, "%s: the document says %s, the recount %s", f.Figure, f.Said, f.Counted)
	}
	for _, figure := range []string{"sha256", "ledger", "rehearsal", "total.gmv_fen", "mobile.share_gmv", "total.gmv_usd_cents", "positions.2", "partitions.1.log_start", "total.duplicates", "total.outside", "total.miskeyed",
		"windows.eve.total.gmv_fen", "windows.day.total.orders", "partitions.0.seal.hash", "partitions.3.seal.hash", "countries.RU.mobile_gmv_fen", "devices.app.orders", "provinces.330000.gmv_fen"} {
		assert.True(t, figures[figure], figure)
	}
	require.GreaterOrEqual(t, len(figures), 20+len(doc.Countries)+len(doc.Devices)+len(doc.Provinces)+len(doc.Rejects))

	data["closing.json"] = []byte(strings.Replace(document, `"gmv_fen":`, `"gmv_fen":1`, 1))
	wrong := 0
	for _, f := range recountPage(t, o, data) {
		wrong += 1 - f.Equal
	}
	require.GreaterOrEqual(t, wrong, 2, "the changed figure and the document's SHA-256")
}
