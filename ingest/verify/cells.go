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

// readAhead is how many finished segments' cells one SELECT brings: some 25,000 cells each.
const readAhead = 32

func (w *worker) keep(row sql.CellRow) {
	cells := w.stored[row.Segment]
	if cells == nil {
		cells = segmentCells{}
		w.stored[row.Segment] = cells
	}
	cells[recount.CellKey{Window: row.Window, Dim: row.Dim, Key: row.Key, Bucket: row.Bucket}] = row
}

// checkBefore reports cells and seals of segments before the ledger's first one.
func (w *worker) checkBefore(ctx context.Context) error {
	first := w.start / w.rules.Stride
	if first == 0 {
		return nil
	}
	return w.Store.Cells(ctx, w.Ledger.Prefix, w.id, 0, first, func(row sql.CellRow) error {
		w.differ(row.Segment, keyOf(row), valueOf(row), nothing)
		return nil
	})
}

// cellsOf gives a segment's stored cells and forgets them. Segments come in order.
func (w *worker) cellsOf(ctx context.Context, segment int64) (segmentCells, error) {
	if _, there := w.stored[segment]; !there && segment < w.fromCut {
		end := min(segment+readAhead, w.fromCut)
		for k := segment; k < end; k++ {
			w.stored[k] = segmentCells{}
		}
		err := w.Store.Cells(ctx, w.Ledger.Prefix, w.id, segment, end, func(row sql.CellRow) error {
			w.keep(row)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	cells := w.stored[segment]
	delete(w.stored, segment)
	return cells, nil
}

// compareFinished compares the segments that the recount has finished since the call before.
func (w *worker) compareFinished(ctx context.Context) error {
	for _, s := range w.p.Finished() {
		stored, err := w.cellsOf(ctx, s.Segment)
		if err != nil {
			return err
		}
		w.compareCells(&s, s.End, stored)
		w.compareSeal(&s)
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

// compareCells holds a segment's cells against the stored ones, whose revisions reach at most to `until`. Differences
// come in the order of their names.
func (w *worker) compareCells(s *recount.Segment, until int64, stored segmentCells) {
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
}

func (w *worker) differ(segment int64, key recount.CellKey, stored, recounted string) {
	where := fmt.Sprintf("partition %d segment %d window %s %s %q", w.id, segment, w.windowName(key.Window),
		recount.DimName(key.Dim), key.Key)
	if key.Bucket != 0 {
		where += fmt.Sprintf(" bucket %d", key.Bucket)
	}
	w.found.add(Difference{"cell", where, stored, recounted})
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
	text := valueOf(row)
	if row.Revision > until {
		text += fmt.Sprintf(" revision %d, past %d", row.Revision, until)
	}
	return text
}

func valueOf(row sql.CellRow) string { return measureText(row.M) }

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
