package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"festival/aggregate/recount"
	"festival/sql"
)

// segmentCells are the stored cells of one segment.
type segmentCells map[recount.CellKey]sql.CellRow

// place names a segment of a partition.
type place struct {
	partition int32
	segment   int64
}

// readDigests reads the digest of every segment's stored cells. Those of finished segments never change.
func (r *run) readDigests(ctx context.Context) error {
	digests, err := r.Store.CellDigests(ctx, r.Ledger.Prefix)
	if err != nil {
		return err
	}
	r.digests = map[place]sql.CellDigest{}
	for _, d := range digests {
		r.digests[place{d.Partition, d.Segment}] = d
		if d.Partition < 0 || int(d.Partition) >= r.rules.Partitions {
			r.found.add(Difference{"cell", fmt.Sprintf("partition %d segment %d", d.Partition, d.Segment),
				fmt.Sprintf("%d cells", d.Cells), "the ledger has no such partition"})
		}
	}
	return nil
}

func (w *worker) keep(row sql.CellRow) {
	cells := w.stored[row.Segment]
	if cells == nil {
		cells = segmentCells{}
		w.stored[row.Segment] = cells
	}
	cells[keyOf(row)] = row
}

// checkBefore reports cells of segments before the ledger's first one.
func (w *worker) checkBefore(ctx context.Context) error {
	for at := range w.digests {
		if at.partition != w.id || at.segment >= w.start/w.rules.Stride {
			continue
		}
		stored, err := w.storedCells(ctx, at.segment)
		if err != nil {
			return err
		}
		w.compareCells(&recount.Segment{Segment: at.segment}, 0, stored)
	}
	return nil
}

// storedCells reads the cells of one segment, which costs a scan of all.
func (w *worker) storedCells(ctx context.Context, segment int64) (segmentCells, error) {
	cells := segmentCells{}
	err := w.Store.Cells(ctx, w.Ledger.Prefix, w.id, segment, segment+1, func(row sql.CellRow) error {
		cells[keyOf(row)] = row
		return nil
	})
	return cells, err
}

// compareFinished compares the segments that the recount has finished since the call before.
func (w *worker) compareFinished(ctx context.Context) error {
	for _, s := range w.p.Finished() {
		if w.sums != nil {
			if err := recount.AddCells(w.sums, s.Cells); err != nil {
				return err
			}
		}
		if err := w.compareSegment(ctx, &s); err != nil {
			return err
		}
		w.compareSeal(&s)
	}
	return nil
}

// compareSegment holds the digest of a segment's cells against that of the stored ones, and looks at the cells
// themselves only where it is not the same. A segment that was finished after the cut has its cells already.
func (w *worker) compareSegment(ctx context.Context, s *recount.Segment) error {
	if stored, there := w.stored[s.Segment]; there || s.Segment >= w.fromCut {
		delete(w.stored, s.Segment)
		w.compareCells(s, s.End, stored)
		return nil
	}
	stored, counted := w.digests[place{w.id, s.Segment}], s.Digest()
	if stored.Cells == counted.Cells && stored.Sums == counted.Sums && stored.Revision <= s.End {
		w.result.Cells += counted.Cells
		return nil
	}
	if w.found.full("cell") {
		w.found.add(Difference{"cell", w.segmentName(s.Segment), fmt.Sprintf("%d cells", stored.Cells),
			fmt.Sprintf("%d cells, with another digest", counted.Cells)})
		return nil
	}
	cells, err := w.storedCells(ctx, s.Segment)
	if err != nil {
		return err
	}
	if w.compareCells(s, s.End, cells) == 0 { // the digests differ and the cells do not: they changed in between
		w.found.add(Difference{"cell", w.segmentName(s.Segment), "a finished segment changed while it was compared", "no change"})
	}
	return nil
}

// compareOpen compares the open segment as of the progress; whatever is stored beyond it is too much.
func (w *worker) compareOpen() {
	s := w.p.Open()
	w.compareCells(&s, w.end, w.stored[s.Segment])
	delete(w.stored, s.Segment)
	for segment, cells := range w.stored {
		w.compareCells(&recount.Segment{Segment: segment}, w.end, cells)
	}
}

// compareCells holds a segment's cells against the stored ones, whose revisions reach at most to `until`, and gives the
// number of differences. They come in the order of their names.
func (w *worker) compareCells(s *recount.Segment, until int64, stored segmentCells) int {
	var differ []recount.CellKey
	for key, m := range s.Cells {
		row, there := stored[key]
		if w.result.Cells++; !there || row.M != m.List() || row.Revision > until {
			differ = append(differ, key)
		}
	}
	for key, row := range stored {
		if _, counted := s.Cells[key]; !counted && row.M != [7]int64{} {
			differ = append(differ, key)
		}
	}
	slices.SortFunc(differ, func(a, b recount.CellKey) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range differ {
		w.differ(s.Segment, key, describe(stored, key, until), recounted(s.Cells, key))
	}
	return len(differ)
}

func (w *worker) differ(segment int64, key recount.CellKey, stored, recounted string) {
	w.found.add(Difference{"cell", w.segmentName(segment) + " " + w.cellName(key), stored, recounted})
}

func (r *run) cellName(key recount.CellKey) string {
	name := fmt.Sprintf("window %s %s %q", r.windowName(key.Window), recount.DimName(key.Dim), key.Key)
	if key.Bucket != 0 {
		name += fmt.Sprintf(" bucket %d", key.Bucket)
	}
	return name
}

func (w *worker) segmentName(segment int64) string {
	return fmt.Sprintf("partition %d segment %d", w.id, segment)
}

func (r *run) windowName(index uint8) string {
	if int(index) < len(r.rules.Windows) {
		return r.rules.Windows[index].ID
	}
	return "none"
}

func keyOf(row sql.CellRow) recount.CellKey {
	return recount.CellKey{Window: row.Window, Dim: row.Dim, Key: row.Key, Bucket: row.Bucket}
}

func describe(stored segmentCells, key recount.CellKey, until int64) string {
	row, there := stored[key]
	if !there {
		return nothing
	}
	text := measureText(row.M)
	if row.Revision > until {
		text += fmt.Sprintf(" revision %d, past %d", row.Revision, until)
	}
	return text
}

func recounted(cells map[recount.CellKey]recount.Measures, key recount.CellKey) string {
	m, there := cells[key]
	if !there {
		return nothing
	}
	return measureText(m.List())
}

// measureText names the measures that are not zero.
func measureText(m [7]int64) string {
	names := [...]string{"orders", "gmv_fen", "mobile_orders", "mobile_gmv_fen", "created", "refunds", "refund_fen"}
	var parts []string
	for i, v := range m {
		if v != 0 {
			parts = append(parts, fmt.Sprintf("%s %d", names[i], v))
		}
	}
	if parts == nil {
		return "zero"
	}
	return strings.Join(parts, " ")
}
