package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"festival/aggregate"
	"festival/ingest/rehearsal"
	"festival/query"
)

// maxReference bounds the points of a reference curve: a second each of a season of eleven days.
const maxReference = 11 * 86400

// readReference reads festival.reference: lines n,gmv_fen, cumulative through second n since the window's start, n and
// gmv_fen rising from 0 (CONTRACT.md §3). No reference gives nil.
func (c *Config) readReference() ([]query.ReferencePoint, error) {
	if c.Festival.Reference == "" {
		return nil, nil
	}
	path := c.path(c.Festival.Reference)
	f, err := os.Open(path)
	if err != nil {
		return nil, usageError{fmt.Errorf("festival.reference: %w", err)}
	}
	defer f.Close()
	points, err := parseReference(f)
	if err != nil {
		return nil, usageError{fmt.Errorf("festival.reference %s: %w", path, err)}
	}
	return points, nil
}

func parseReference(r io.Reader) ([]query.ReferencePoint, error) {
	lines := csv.NewReader(r)
	lines.FieldsPerRecord = 2
	var points []query.ReferencePoint
	for n := 1; ; n++ {
		row, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return points, nil
		}
		if err != nil {
			return nil, err
		}
		if n == 1 && row[0] == "n" {
			continue
		}
		second, err1 := strconv.ParseInt(row[0], 10, 64)
		fen, err2 := strconv.ParseInt(row[1], 10, 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if err := rising(points, second, fen); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		points = append(points, query.ReferencePoint{N: second, GmvFen: fen})
	}
}

func rising(points []query.ReferencePoint, second, fen int64) error {
	if len(points) >= maxReference {
		return fmt.Errorf("more than %d points", maxReference)
	}
	if len(points) == 0 {
		if second != 0 || fen < 0 {
			return fmt.Errorf("the first point is n=%d, gmv_fen=%d: n must be 0 and gmv_fen not negative", second, fen)
		}
		return nil
	}
	last := points[len(points)-1]
	if second <= last.N || fen < last.GmvFen {
		return fmt.Errorf("n=%d, gmv_fen=%d after n=%d, gmv_fen=%d: n must rise and the sum not fall", second, fen, last.N, last.GmvFen)
	}
	return nil
}

// writeReference makes the demo's last festival: an earlier seed's curve, a little lower, as it would be.
func (d *demoCmd) writeReference(path string, rules *aggregate.Rules) error {
	c := rehearsal.DefaultConfig()
	c.Seed, c.Rules = uint64(d.Seed)+1<<32, rules
	c.Rate, c.Profile = max(1, int64(d.Rate)), rehearsal.Profile(d.Profile)
	c.StartMs = rules.Windows[0].StartMs
	points, err := rehearsal.Reference(c)
	if err != nil {
		return fmt.Errorf("reference curve: %w", err)
	}
	text := []byte("n,gmv_fen\n")
	for _, p := range points {
		text = strconv.AppendInt(text, p.N, 10)
		text = append(text, ',')
		text = strconv.AppendInt(text, p.GmvFen, 10)
		text = append(text, '\n')
	}
	return writeWhole(path, text)
}
