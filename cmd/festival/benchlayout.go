package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"festival/sql"
)

// layoutEvery is how often a bench looks at the store's parts: each look walks a directory and is a query.
const layoutEvery = 10 * time.Second

// layout is how a demo's store and log have lain on disk over a run.
type layout struct {
	from, last sql.Footprint // at the first look and at the last
	most       sql.Footprint // of each figure, at any look
	disk, log  int64         // bytes of the whole directory and of the broker's log, at the last look
	mostDisk   int64
}

// layouts looks until ctx ends.
func (d *benchDemo) layouts(ctx context.Context) (*layout, error) {
	dsn, done, err := openData(ctx, d.dir)
	if err != nil {
		return nil, err
	}
	defer done()
	store, err := sql.Open(ctx, sql.Config{DSN: dsn})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	l := &layout{}
	for {
		if f, err := store.Footprint(ctx); err == nil { // a look that fails is one less
			l.add(f, directoryBytes(d.dir), directoryBytes(brokerDir(d.dir)))
		}
		if !sleep(ctx, layoutEvery) {
			return l, nil
		}
	}
}

// add takes one look in.
func (l *layout) add(f sql.Footprint, disk, log int64) {
	if l.last == (sql.Footprint{}) {
		l.from = f
	}
	m := &l.most
	m.Parts, m.Replaced, m.ReplacedBytes, m.Merges = max(m.Parts, f.Parts), max(m.Replaced, f.Replaced), max(m.ReplacedBytes, f.ReplacedBytes), max(m.Merges, f.Merges)
	l.last, l.disk, l.log, l.mostDisk = f, disk, log, max(l.mostDisk, disk)
}

// line says it; counts go into the note, bytes into MB.
func (l *layout) line(rate int64) benchLine {
	rows := l.last.Rows - l.from.Rows
	note := fmt.Sprintf("%d rows of all tables stored, each merged %.1f times; parts %d at the end, %d at most; merges under way %d at most; replaced parts kept %d at most",
		rows, float64(l.last.MergedRows-l.from.MergedRows)/float64(max(1, rows)), l.last.Parts, l.most.Parts, l.most.Merges, l.most.Replaced)
	return benchLine{Bench: "memory", Case: fmt.Sprintf("disk, %d/s", rate), Note: note, DiskMB: map[string]float64{
		"all": mega(l.disk), "all, most": mega(l.mostDisk), "broker's log": mega(l.log), "parts that are read": mega(l.last.Bytes), "replaced parts, most": mega(l.most.ReplacedBytes)}}
}

func mega(bytes int64) float64 { return float64(bytes) / 1e6 }

// directoryBytes is the size of all files below dir. What is deleted meanwhile does not count.
func directoryBytes(dir string) (sum int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil
	})
	return sum
}
