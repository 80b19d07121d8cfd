package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

//go:embed testdata/outsider.sql
var outsiderSQL string

// outsider is someone who has the log, docs/definitions.md and an SQL engine, and nothing else of ours: it puts the raw
// records into a table and counts them with ClickHouse's own JSON functions.
type outsider struct {
	t    *testing.T
	addr string
	key  string
}

// newOutsider starts `festival store` on a directory of its own.
func newOutsider(t *testing.T) *outsider {
	t.Helper()
	return storeOf(t, filepath.Join(t.TempDir(), "store"))
}

// storeOf runs `festival store` on a directory until the test ends; any SQL may be asked of it.
func storeOf(t *testing.T, dir string) *outsider {
	t.Helper()
	o := &outsider{t: t, addr: unused(t)}
	p := launch(t, nil, "store", "--data", dir, "--addr", o.addr)
	require.Eventually(t, func() bool {
		select {
		case <-p.done:
			require.FailNow(t, "festival store ended", "%s", p.out)
		default:
		}
		return strings.Contains(p.out.String(), "answers at")
	}, patience, 20*time.Millisecond)
	o.readToken(dir)
	t.Cleanup(func() { p.interrupt() })
	return o
}

func (o *outsider) readToken(dir string) {
	o.t.Helper()
	token, err := os.ReadFile(filepath.Join(dir, "token"))
	require.NoError(o.t, err)
	o.key = strings.TrimSpace(string(token))
}

// ask sends one statement, with data for an INSERT, and gives the answer's body.
func (o *outsider) ask(statement string, data []byte) []byte {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+o.addr+"/?query="+url.QueryEscape(statement), bytes.NewReader(data))
	require.NoError(o.t, err)
	req.Header.Set("X-ClickHouse-Key", o.key)
	status, body := ask(req)
	require.Equal(o.t, http.StatusOK, status, "%s\n%s", statement, body)
	return body
}

// rows asks for rows and reads them into a slice.
func rows[T any](o *outsider, statement string) []T {
	o.t.Helper()
	var out []T
	dec := json.NewDecoder(bytes.NewReader(o.ask(statement+" FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0", nil)))
	for dec.More() {
		var row T
		require.NoError(o.t, dec.Decode(&row))
		out = append(out, row)
	}
	return out
}

// sums are measures by a key.
type sums struct {
	Key          string `json:"key"`
	GmvFen       int64  `json:"gmv_fen"`
	Orders       int64  `json:"orders"`
	MobileGmvFen int64  `json:"mobile_gmv_fen"`
	MobileOrders int64  `json:"mobile_orders"`
}

// totals are the figures of the whole log, as in a frame's total.
type totals struct {
	GmvFen     int64 `json:"gmv_fen"`
	Orders     int64 `json:"orders"`
	Created    int64 `json:"created"`
	Refunds    int64 `json:"refunds"`
	RefundFen  int64 `json:"refund_fen"`
	NetFen     int64 `json:"net_fen"`
	Duplicates int64 `json:"duplicates"`
	Rejected   int64 `json:"rejected"`
	Outside    int64 `json:"outside"`
	Miskeyed   int64 `json:"miskeyed"`
	UsdCents   int64 `json:"gmv_usd_cents"`
}

// answer is what the outsider found.
type answer struct {
	total                                 totals
	windows                               map[string]sums
	devices, countries, provinces, flows_ map[string]sums
	reasons                               map[string]int64
}

// count puts the whole log of the topic into a table and counts it.
func (o *outsider) count(records []*kgo.Record, f *testFestival) *answer {
	o.t.Helper()
	for statement := range strings.SplitSeq(outsiderSQL, ";\n") {
		switch {
		case strings.Contains(statement, "-- load here"):
			o.load(records)
			o.know(f)
		case strings.TrimSpace(statement) != "":
			o.ask(statement, nil)
		}
	}
	a := &answer{reasons: map[string]int64{}}
	a.total = rows[totals](o, "SELECT * FROM outsider.total")[0]
	a.windows, a.devices = o.by("window"), o.by("device")
	a.countries, a.provinces, a.flows_ = o.by("country"), o.by("province"), o.by("flow")
	for _, r := range rows[struct {
		Key string
		N   int64
	}](o, "SELECT reason AS Key, count() AS N FROM outsider.judged WHERE reason != '' GROUP BY reason") {
		a.reasons[r.Key] = r.N
	}
	return a
}

func (o *outsider) by(column string) map[string]sums {
	all := map[string]sums{}
	for _, s := range rows[sums](o, "SELECT "+column+" AS key, sum(fen) AS gmv_fen, count() AS orders, sumIf(fen, mobile) AS mobile_gmv_fen, "+
		"countIf(mobile) AS mobile_orders FROM outsider.counted WHERE status = 'paid' GROUP BY key") {
		all[s.Key] = s
	}
	return all
}

// load writes the records as they are, in blocks.
func (o *outsider) load(records []*kgo.Record) {
	o.t.Helper()
	var block []byte
	text := func(b []byte) {
		block = binary.AppendUvarint(block, uint64(len(b)))
		block = append(block, b...)
	}
	for i, r := range records {
		block = binary.LittleEndian.AppendUint32(block, uint32(r.Partition))
		block = binary.LittleEndian.AppendUint64(block, uint64(r.Offset))
		block = binary.LittleEndian.AppendUint64(block, uint64(r.Timestamp.UnixMilli()))
		text(r.Key)
		text(r.Value)
		if len(block) > 8<<20 || i == len(records)-1 {
			o.ask("INSERT INTO outsider.log FORMAT RowBinary", block)
			block = block[:0]
		}
	}
}

// know tells the outsider what the festival's configuration and the standards say.
func (o *outsider) know(f *testFestival) {
	o.t.Helper()
	var windows, rates, known strings.Builder
	enc := json.NewEncoder(&windows)
	for i, w := range f.windows {
		_ = enc.Encode(map[string]any{"n": i, "id": w.id, "start_ms": w.startMs, "end_ms": w.endMs})
	}
	enc = json.NewEncoder(&rates)
	for _, r := range f.rates {
		_ = enc.Encode(map[string]any{"currency": r.currency, "rate": r.rate, "minor": r.minor})
	}
	enc = json.NewEncoder(&known)
	for catalogue, names := range f.known {
		for _, n := range names {
			_ = enc.Encode(map[string]any{"catalogue": catalogue, "name": n})
		}
	}
	o.ask("INSERT INTO outsider.windows FORMAT JSONEachRow", []byte(windows.String()))
	o.ask("INSERT INTO outsider.rates FORMAT JSONEachRow", []byte(rates.String()))
	o.ask("INSERT INTO outsider.known FORMAT JSONEachRow", []byte(known.String()))
}
