package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"festival/aggregate"
	"festival/ingest/kafka/kafkatest"
	"festival/sql"
	"festival/sql/engine"
)

// benchHistory is a store full of cells and a serve that answers from it.
type benchHistory struct {
	*bench
	*peer
	dir, config, http string
	database          string
	start             time.Time
	ledger            sql.Ledger
}

// historyRounds are the reads of each kind: more than a second apart, so that no answer is one that is kept for a second.
const (
	historyRounds = 30
	historyBefore = 4 // of those without roll-ups
	historyApart  = 1100 * time.Millisecond
)

// history measures over HTTP what is read of a long day: before and after its sealed segments are rolled up, and the start of
// a serve. Nothing is counted meanwhile.
func (b *bench) history() error {
	dir, done, err := b.dir()
	if err != nil {
		return err
	}
	defer done()
	h := &benchHistory{bench: b, dir: dir}
	if h.peer, err = b.startPeer(dir); err != nil {
		return err
	}
	defer h.store.kill()
	store, err := openStore(b.app.ctx, sql.Config{DSN: engine.DSN(h.addr, h.token, "")})
	if err != nil {
		return err
	}
	defer store.Close()
	h.database = store.Database()
	if err := h.prepare(store); err != nil {
		return err
	}
	if err := h.round("cells", historyBefore); err != nil {
		return err
	}
	if err := h.rollUp(store); err != nil {
		return err
	}
	return h.round("roll-up", historyRounds)
}

// prepare fills the store and writes festival.yaml.
func (h *benchHistory) prepare(store *sql.Store) (err error) {
	if h.http, err = kafkatest.FreeAddr(); err != nil {
		return err
	}
	h.start = time.Now().Add(-historyDay * time.Second).Truncate(24 * time.Hour)
	text, err := demoText(h.start, "127.0.0.1:9092", h.http)
	if err != nil {
		return err
	}
	c, err := demoFestival(h.start, "", h.http)
	if err != nil {
		return err
	}
	rules, err := c.Rules(aggregate.DefaultStride)
	if err != nil {
		return err
	}
	whole := strings.Replace(string(text), `{dsn: ""}`, fmt.Sprintf("{dsn: %q}", engine.DSN(h.addr, h.token, "")), 1)
	h.config = filepath.Join(h.dir, "festival.yaml")
	if err := errors.Join(h.demoFiles(h.dir, []byte(whole), rules), h.openHistory(store, rules, c.Festival.ID)); err != nil {
		return err
	}
	return h.fillHistory()
}

// rollUp rolls the day up as a serve does after thirty seconds.
func (h *benchHistory) rollUp(store *sql.Store) error {
	pid := engineOf(h.store.pid())
	begun, cpu := time.Now(), cpuSeconds(pid)
	r, err := store.RollUp(h.app.ctx, h.ledger.Prefix, historyPartitions, time.Now(), 1)
	if err != nil {
		return err
	}
	if r == nil {
		return errors.New("nothing was rolled up")
	}
	return h.print(benchLine{Bench: "history", Case: "rolling the day up", Seconds: map[string]float64{"at once": time.Since(begun).Seconds()},
		CPUSeconds: map[string]float64{"engine": cpuSeconds(pid) - cpu}, RSSMB: map[string]float64{"engine": residentMB(pid)},
		Note: fmt.Sprintf("%d rows of %d cells; a serve does it every 30 s for what was sealed since", r.Rows[0], h.Cells/2)})
}

// round starts a serve and reads from it.
func (h *benchHistory) round(from string, rounds int) error {
	serve := &benchChild{name: "serve", args: []string{"serve", "--config", h.config}, log: filepath.Join(h.dir, "serve.log")}
	begun := time.Now()
	if err := serve.start(); err != nil {
		return err
	}
	defer serve.kill()
	err := until(h.app.ctx, 10*time.Minute, func() (bool, error) {
		if err := serve.alive(); err != nil {
			return false, err
		}
		_, err := h.get("/api/v1/frame")
		return err == nil, err
	})
	if err != nil {
		return fmt.Errorf("serve: %w\n%s", err, lastBytes([]byte(serve.said()), 2000))
	}
	if err := h.print(benchLine{Bench: "history", Case: "start of serve, " + from, Seconds: map[string]float64{"first frame": time.Since(begun).Seconds()},
		RSSMB: map[string]float64{"serve": residentMB(serve.pid())}, Note: h.size()}); err != nil {
		return err
	}
	return h.reads(from, rounds, serve)
}

func (h *benchHistory) size() string {
	return fmt.Sprintf("%.0f million cells, %d festivals, %d partitions", float64(h.Cells)/1e6, historyOthers+1, historyPartitions)
}

// historyRead is one kind of read.
type historyRead struct{ name, path string }

// historyReads ask for the country of most cells, and for all between two odd seconds.
func (h *benchHistory) historyReads() []historyRead {
	at := func(d time.Duration) string {
		return strings.ReplaceAll(h.start.Add(d).UTC().Format(time.RFC3339), "+", "%2B")
	}
	day := "&from=" + at(0) + "&to=" + at(historyDay*time.Second)
	most := aggregate.Countries.Names()[1]
	return []historyRead{
		{"series of a country, a day, 1 s", "/api/v1/series?dim=country&key=" + most + "&step=1s&format=columns" + day},
		{"series of a country, a day, 1 m", "/api/v1/series?dim=country&key=" + most + "&step=1m&format=columns" + day},
		{"breakdown of countries, a span", "/api/v1/breakdown?dim=country&from=" + at(9*time.Hour+17*time.Minute+23*time.Second) + "&to=" + at(20*time.Hour+41*time.Minute+7*time.Second)},
		{"breakdown of countries, whole", "/api/v1/breakdown?dim=country"},
		{"totals of a window", "/api/v1/frame?window=day"},
	}
}

func (h *benchHistory) reads(from string, rounds int, serve *benchChild) error {
	kinds := h.historyReads()
	took, bytes := make([][]float64, len(kinds)), make([]int64, len(kinds))
	pid := engineOf(h.store.pid())
	used, first := make([]float64, len(kinds)), make([]float64, len(kinds))
	for round := range rounds + 1 {
		next := time.Now().Add(historyApart)
		for i, kind := range kinds {
			begun, cpu := time.Now(), cpuSeconds(pid)+cpuSeconds(serve.pid())
			n, err := h.get(kind.path)
			if err != nil {
				return fmt.Errorf("%s: %w", kind.name, err)
			}
			bytes[i] = n
			if ms := float64(time.Since(begun).Microseconds()) / 1000; round == 0 { // it opens files, and nothing is remembered yet
				first[i] = ms
			} else {
				took[i] = append(took[i], ms)
				used[i] += cpuSeconds(pid) + cpuSeconds(serve.pid()) - cpu
			}
		}
		if !sleep(h.app.ctx, time.Until(next)) && h.app.ctx.Err() != nil {
			return h.app.ctx.Err()
		}
	}
	var errs []error
	for i, kind := range kinds {
		errs = append(errs, h.print(benchLine{Bench: "history", Case: kind.name + ", " + from, P50Ms: percentile(took[i], 50), P99Ms: percentile(took[i], 99), MaxMs: percentile(took[i], 100),
			CPUSeconds: map[string]float64{"engine and serve": used[i]}, RSSMB: map[string]float64{"engine and serve": residentMB(pid) + residentMB(serve.pid())},
			Note: fmt.Sprintf("%d reads, %d kB each, none from the cache, after a first one of %.0f ms; %s", rounds, bytes[i]/1000, first[i], h.size())}))
	}
	return errors.Join(errs...)
}

// get reads an answer to its end and gives its bytes.
func (h *benchHistory) get(path string) (int64, error) {
	req, err := http.NewRequestWithContext(h.app.ctx, http.MethodGet, "http://"+h.http+path, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, res.Status)
	}
	return n, err
}
