package recount

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// AddCells adds the cells of one segment to sums over several.
func AddCells(sums, cells map[CellKey]Measures) error {
	for k, m := range cells {
		if err := plus(sums, k, m); err != nil {
			return fmt.Errorf("sum of cell %s: %w", k, err)
		}
	}
	return nil
}

// Closing gives a partition as a close at its progress fixes it (docs/definitions.md, "Closing"): sums are those of each
// cell over all segments up to there. Prev is the last seal of a segment that ends at or below, at first the ledger.
func (p *Partition) Closing(sums map[CellKey]Measures) Segment {
	s := Segment{Segment: p.segment, First: p.start, End: p.progress.Next, Cells: sums, LastMs: p.progress.LastMs,
		MaxEventMs: p.progress.MaxEventMs, Prev: p.prev}
	s.Hash = sha256.Sum256(p.sealText(&s))
	return s
}

// CompareClosing holds the figures of a closing document against the totals of the close. Paths are the document's.
func (t *Totals) CompareClosing(f *Frame) []Mismatch {
	c := comparer{totals: t}
	v := &t.views[t.Whole()]
	c.same("rehearsal", f.members["rehearsal"], fmt.Sprint(t.log["rehearsal"] > 0))
	c.total(place{list: "total"}, object(f.members["total"]), v)
	c.mobile(place{list: "mobile"}, object(f.members["mobile"]), v)
	c.list("devices", f.members["devices"], v.sums[Device], false, 0)
	c.list("countries", f.members["countries"], v.sums[Country], true, 0)
	c.list("provinces", f.members["provinces"], v.sums[Province], false, 0)
	c.windows(f.members["windows"], t.Whole())
	c.spans(f.members["windows"])
	c.rejects(object(f.members["rejects"]))
	return c.found
}

// spans: the windows' start and end are the sealed ones.
func (c *comparer) spans(shown any) {
	list, _ := shown.([]any)
	for i, w := range c.totals.rules.Windows[:min(len(list), len(c.totals.rules.Windows))] {
		row := object(list[i])
		for name, ms := range map[string]int64{"start": w.StartMs, "end": w.EndMs} {
			at, err := time.Parse(time.RFC3339, scalar(row[name]))
			if err != nil || at.UnixMilli() != ms {
				c.found = append(c.found, Mismatch{"windows." + w.ID + "." + name, scalar(row[name]),
					time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)})
			}
		}
	}
}

// rejects: by reason, those that were counted and no others.
func (c *comparer) rejects(shown map[string]any) {
	counted := map[string]int64{}
	for key, n := range c.totals.log {
		if reason, ok := strings.CutPrefix(key, "rejected:"); ok {
			counted[reason] = n
		}
	}
	for reason := range shown {
		counted[reason] += 0 // one that is only shown
	}
	for _, reason := range slices.Sorted(maps.Keys(counted)) {
		c.number(place{list: "rejects"}, reason, shown, counted[reason])
	}
}
