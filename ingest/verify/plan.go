package verify

import (
	"context"
	"fmt"

	"festival/aggregate/recount"
	"festival/sql"
)

// dimProgress is the number of the dimension under which a partition's progress is stored (sql.CellRow).
const dimProgress = 12

// plan makes the workers, each of which knows its cut, what it reads where, and the seals; and it knows where the
// frames stand.
func (r *run) plan(ctx context.Context) ([]*worker, error) {
	var workers []*worker
	for _, p := range r.Partitions {
		w, err := r.newWorker(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("partition %d: %w", p, err)
		}
		workers = append(workers, w)
	}
	if err := r.readDigests(ctx); err != nil { // after the cuts: it has all segments that were finished by then
		return nil, err
	}
	if err := r.planFrames(ctx, workers); err != nil {
		return nil, err
	}
	if len(r.Kafka) > 0 && r.From != FromOrders {
		var err error
		if r.kafka, err = r.askKafka(ctx); err != nil { // after the cuts: the log reaches at least as far
			return nil, err
		}
	}
	for _, w := range workers {
		if err := w.chooseSources(); err != nil {
			return nil, err
		}
	}
	return workers, nil
}

// planFrames reads the records that name frames, then where the frames stand.
func (r *run) planFrames(ctx context.Context, workers []*worker) error {
	if err := r.readRecords(ctx); err != nil {
		return err
	}
	if err := r.readClosing(ctx); err != nil { // before the frames, so that its own is among them
		return err
	}
	if err := r.readOffers(ctx); err != nil {
		return err
	}
	if err := r.readStands(ctx, workers); err != nil {
		return err
	}
	if r.closedFrom() != nil && r.closing == nil { // closed in between, or the closing is gone
		if err := r.readClosing(ctx); err != nil {
			return err
		}
	}
	r.checkNames()
	r.checkOffers()
	if len(workers) == r.rules.Partitions && r.Until == 0 {
		r.sheet = newSheet(len(workers), maxHeld)
		for _, w := range workers {
			if at := r.closedFrom(); at != nil && at.compared {
				w.sums = map[recount.CellKey]recount.Measures{}
			}
		}
	}
	return nil
}

// newWorker takes a partition's seals, then its cut. Seals first: each of them is of a segment that the cut has.
func (r *run) newWorker(ctx context.Context, partition int32) (*worker, error) {
	start := r.Ledger.LogStart[partition]
	w := &worker{run: r, id: partition, start: start, end: start, seals: map[int64]sql.SealRow{},
		stored: map[int64]segmentCells{}, p: recount.NewPartition(r.rules, partition, start),
		result: PartitionResult{Partition: partition}}
	w.position.Store(start)
	if err := w.readSeals(ctx); err != nil {
		return nil, err
	}
	if err := w.readCut(ctx); err != nil {
		return nil, err
	}
	if r.Until > w.end {
		return nil, fmt.Errorf("--until %d: only %d is stored", r.Until, w.end)
	}
	if r.Until > 0 {
		w.end = r.Until
	}
	w.result.Position = w.end
	return w, nil
}

// readCut reads the progress, and then in one SELECT the progress again with all cells that can still have changed:
// those of segments that were not finished the first time. Cells of finished segments are read later, in pieces.
func (w *worker) readCut(ctx context.Context) error {
	rows, err := w.Store.Progress(ctx, w.Ledger.Prefix)
	if err != nil {
		return err
	}
	w.fromCut = w.start / w.rules.Stride
	for _, row := range rows {
		if row.Partition == w.id {
			w.fromCut = max(w.fromCut, row.Revision/w.rules.Stride)
		}
	}
	return w.Store.Cut(ctx, w.Ledger.Prefix, w.id, w.fromCut, func(row sql.CellRow) error {
		if row.Dim == dimProgress {
			w.progress, w.end = &row, max(row.Revision, w.start)
			return nil
		}
		w.keep(row)
		return nil
	})
}

// chooseSources says where each stretch is read: Kafka where the log is there, raw rows before it and, where the log
// ends before the stored progress, after it.
func (w *worker) chooseSources() error {
	if w.kafka == nil {
		w.result.Sources = ranges(Range{FromOrders, w.start, w.end})
		return nil
	}
	begins, ends := w.kafka.begins[w.id], w.kafka.ends[w.id]
	first := w.gaps.past(w.id, w.start) // before it the ledger's log has no record
	if w.From == FromKafka && begins > first {
		return fmt.Errorf("--from kafka: the log of partition %d begins at %d, the ledger at %d: leave --from out to read "+
			"the rest from raw orders", w.id, begins, w.start)
	}
	if ends < w.end {
		w.found.add(Difference{"log", fmt.Sprintf("partition %d", w.id), fmt.Sprintf("counted up to %d", w.end),
			fmt.Sprintf("the log ends at %d", ends)})
	}
	low := min(max(begins, w.start), w.end)
	high := min(max(ends, low), w.end)
	w.result.Sources = ranges(Range{FromOrders, min(first, low), low}, Range{FromKafka, low, high}, Range{FromOrders, high, w.end})
	return nil
}

// ranges leaves out the empty ones.
func ranges(all ...Range) []Range {
	out := []Range{}
	for _, r := range all {
		if r.First < r.End {
			out = append(out, r)
		}
	}
	return out
}
