package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"festival/aggregate"
	"festival/ingest/kafka/kafkatest"
	"festival/sql/engine"
)

// peerQuery groups the paid orders of the same bytes by six keys. The peer does less than the core: no duplicates, no
// windows, no currency conversion, no refunds, no checks of what a record holds, one of seven dimensions. Its keys are of fixed size, its
// second is eight bytes of the text: faster than any parsed time. Records that it cannot read are skipped.
const peerQuery = `SELECT count() AS records, sum(n) AS orders FROM (
  SELECT reinterpretAsUInt64(substring(paid_at, 12, 8)) AS s, buyer_country, device, category, channel, marketplace, count() AS n, sum(amount) AS a
  FROM file('%s', 'JSONEachRow', '%s') WHERE status = 'paid'
  GROUP BY s, buyer_country, device, category, channel, marketplace)
FORMAT TSV`

// peerSettings make it one core's work, or two's: parallel parsing takes a second core even with one thread.
var peerSettings = map[int]string{
	1: "max_threads=1&input_format_parallel_parsing=0",
	2: "max_threads=2&input_format_parallel_parsing=0", // two files, one for each thread
}

// peerRounds: the best of so many is taken, which is fair to the peer.
const peerRounds = 3

// corePeer lets the embedded engine group the same bytes, from files that lie in the page cache.
func (b *bench) corePeer(h *heldRecords, rules *aggregate.Rules) error {
	dir, done, err := b.dir()
	if err != nil {
		return err
	}
	defer done()
	if err := h.files(dir); err != nil {
		return err
	}
	p, err := b.startPeer(dir)
	if err != nil {
		return err
	}
	defer p.store.kill()
	for cores := 1; cores <= 2; cores++ {
		if err := b.peerLine(p, cores, fmt.Sprintf(peerQuery, filepath.Join(dir, "peer-*.json"), peerColumns(rules)), len(h.ms)); err != nil {
			return err
		}
	}
	return nil
}

// files writes the values, one a line, half of them in each of two files.
func (h *heldRecords) files(dir string) error {
	for part := range 2 {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("peer-%d.json", part)))
		if err != nil {
			return err
		}
		w := bufio.NewWriterSize(f, 1<<20)
		for i := part * len(h.ms) / 2; i < (part+1)*len(h.ms)/2; i++ {
			_, value := h.at(i)
			w.Write(value) // Flush tells
			w.WriteByte('\n')
		}
		if err := errors.Join(w.Flush(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// peerColumns are the columns that the query reads, in the narrowest types that hold them.
func peerColumns(rules *aggregate.Rules) string {
	enum := func(names []string) string {
		all := []string{`\'\' = 0`}
		for i, name := range names {
			all = append(all, fmt.Sprintf(`\'%s\' = %d`, name, i+1))
		}
		return "Enum8(" + strings.Join(all, ", ") + ")"
	}
	return "status Enum8(" + `\'created\' = 1, \'paid\' = 2, \'refunded\' = 3` + "), paid_at FixedString(29), amount Decimal(18, 3), " +
		"buyer_country FixedString(2), device " + enum(append([]string{"smart_tv"}, aggregate.Devices.Names()...)) +
		", category " + enum(rules.Categories.Names()) + ", channel " + enum(aggregate.Channels.Names()) +
		", marketplace " + enum(rules.Marketplaces.Names())
}

// peer is an engine of its own, with nothing in it.
type peer struct {
	store       *benchChild
	addr, token string
}

func (b *bench) startPeer(dir string) (*peer, error) {
	addr, err := kafkatest.FreeAddr()
	if err != nil {
		return nil, err
	}
	data := storeDir(dir)
	p := &peer{addr: addr, store: &benchChild{name: "store", args: []string{"store", "--data", data, "--addr", addr}, log: filepath.Join(dir, "store.log")}}
	if err := p.store.start(); err != nil {
		return nil, err
	}
	err = until(b.app.ctx, nightStart, func() (bool, error) {
		if err := p.store.alive(); err != nil {
			return false, err
		}
		token, err := os.ReadFile(filepath.Join(data, "token"))
		if p.token = strings.TrimSpace(string(token)); err != nil || p.token == "" {
			return false, err
		}
		return dials(b.app.ctx, addr)
	})
	if err != nil {
		p.store.kill()
		return nil, fmt.Errorf("the engine: %w\n%s", err, lastBytes([]byte(p.store.said()), 2000))
	}
	return p, nil
}

// ask runs a statement and gives the answer's text.
func (p *peer) ask(query, settings string) (string, error) {
	res, err := http.Post(engine.DSN(p.addr, url.QueryEscape(p.token), "")+"?"+settings, "text/plain", strings.NewReader(query))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("the engine: %s: %s", res.Status, lastBytes(text, 1000))
	}
	return strings.TrimSpace(string(text)), err
}

func (b *bench) peerLine(p *peer, cores int, query string, records int) error {
	settings := peerSettings[cores] + "&input_format_skip_unknown_fields=1&input_format_null_as_default=1&input_format_allow_errors_ratio=0.05" +
		"&group_by_two_level_threshold=0&max_execution_time=600"
	best, used, answer := time.Duration(math.MaxInt64), math.MaxFloat64, ""
	for range peerRounds {
		pid := engineOf(p.store.pid())
		begun, cpu := time.Now(), cpuSeconds(pid)
		var err error
		if answer, err = p.ask(query, settings); err != nil {
			return err
		}
		took, spent := time.Since(begun), cpuSeconds(pid)-cpu
		best, used = min(best, took), min(used, spent)
	}
	groups, orders, _ := strings.Cut(answer, "\t")
	return b.print(benchLine{Bench: "core", Case: "peer: engine, 6 keys", Cores: cores, OrdersPerS: float64(records) / best.Seconds(),
		NsPerOrder: used * 1e9 / float64(records), CPUSeconds: map[string]float64{"engine": used},
		RSSMB: map[string]float64{"engine": residentMB(engineOf(p.store.pid()))},
		Note:  fmt.Sprintf("the same bytes as JSONEachRow files; best of %d; %s groups of %s paid orders", peerRounds, groups, orders)})
}
