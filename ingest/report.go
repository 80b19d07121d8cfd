package ingest

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"festival/sql"
	"festival/sql/report"
)

// reportEvery is how many pulses come between two reports: an operator may wait five seconds for a flush time.
const reportEvery = 5

// times is what ingest remembers of its work for operators, beside the counters that Prometheus reads.
type times struct {
	started                              time.Time
	flush, orders, rejects, cells, seals report.Ring
	retries                              atomic.Int64
}

// insert gives the ring of a table.
func (t *times) insert(table string) *report.Ring {
	switch table {
	case "orders":
		return &t.orders
	case "rejects":
		return &t.rejects
	case "cells":
		return &t.cells
	}
	return &t.seals
}

// processName tells the processes of one festival apart: host and process number.
func processName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "ingest"
	}
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}

// report stores what this process says of itself. One that cannot be stored is not tried again: the next one is newer.
func (in *Ingest) report(ctx context.Context, parts []*partition) { in.say(ctx, parts, false) }

// goodbye is the last report of a process that was asked to stop: operators are not warned that it says nothing any more. ctx has
// ended by then; a store that does not answer within a second goes without.
func (in *Ingest) goodbye(ctx context.Context) {
	if ctx.Err() != nil {
		in.say(context.WithoutCancel(ctx), nil, true)
	}
}

func (in *Ingest) say(ctx context.Context, parts []*partition, stopped bool) {
	if !in.cfg.OwnPace {
		in.pace.Follow()
	}
	now := in.cfg.Clock()
	r := report.Report{Role: "ingest", StartedMs: in.times.started.UnixMilli(), Partitions: []int32{}, Stopped: stopped,
		Retries: in.times.retries.Load()}
	var events, rows, dirty int64
	for _, p := range parts {
		r.Partitions = append(r.Partitions, p.id)
		e, w, d := p.load()
		events, rows, dirty = events+e, rows+w, dirty+d
	}
	t := &in.times
	r.Timings = []report.Timing{t.flush.Timing("flush", now), t.orders.Timing("orders", now),
		t.rejects.Timing("rejects", now), t.cells.Timing("cells", now), t.seals.Timing("seals", now)}
	r.Bounds = []report.Bound{{Name: "fingerprints", Unit: "events", Used: events, Limit: in.cfg.Events},
		{Name: "buffered_rows", Unit: "records", Used: rows, Limit: int64(in.cfg.BufferedRows)},
		{Name: "changed_cells", Unit: "cells", Used: dirty, Limit: maxCells}}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	row := sql.ReportRow{Process: in.cfg.Process, AtMs: now.UnixMilli(), Report: r}
	if err := in.cfg.Store.InsertReport(ctx, in.cfg.Ledger.Prefix, row); err != nil {
		in.cfg.Log.Debug("report not stored", "reason", err)
	}
}

// load gives how full the partition's bounds are: events in the duplicate set, records and changed cells that wait.
func (p *partition) load() (events, rows, dirty int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.core != nil {
		events, dirty = p.core.Set().Len(), int64(p.core.Dirty())
	}
	return events, int64(p.filling.rows()), dirty
}
