package verify

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteText writes the result in words: what was recounted from where, what was compared, and every difference.
func (r *Result) WriteText(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "ledger %s\n", r.Ledger)
	for _, p := range r.Partitions {
		p.write(&b)
	}
	for _, g := range r.Gaps {
		b.WriteString(g.text())
	}
	r.Frames.write(&b)
	listed := r.Split.IDs[:min(len(r.Split.IDs), toldSplit)]
	for _, s := range listed {
		fmt.Fprintf(&b, "order_id %q came in two partitions: %d (offset %d) and %d (offset %d)\n", s.OrderID,
			s.Partitions[0], s.Offsets[0], s.Partitions[1], s.Offsets[1])
	}
	if more := r.Split.Count - int64(len(listed)); more > 0 {
		fmt.Fprintf(&b, "... and %d more ids in two partitions (--json lists the first %d)\n", more, maxSplit)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "DIFFERENT %s: %s\n  stored:    %s\n  recounted: %s\n", d.What, d.Where, d.Stored, d.Recounted)
	}
	if more := r.Count - int64(len(r.Differences)); more > 0 {
		fmt.Fprintf(&b, "... and %d more differences\n", more)
	}
	for _, u := range r.Undecided {
		fmt.Fprintf(&b, "NOT DECIDED %s: %s\n  %s\n", u.What, u.Where, u.Why)
	}
	b.WriteString(r.verdict())
	_, err := io.WriteString(out, b.String())
	return err
}

func (p *PartitionResult) write(b *strings.Builder) {
	var sources []string
	for _, s := range p.Sources {
		sources = append(sources, fmt.Sprintf("%s [%d, %d)", s.Source, s.First, s.End))
	}
	if sources == nil {
		sources = []string{"nothing"}
	}
	fmt.Fprintf(b, "partition %d up to %d, from %s: %d records, %d counted, %d duplicates, %d outside, %d rejected, "+
		"%d miskeyed; %d orders, %d fen\n", p.Partition, p.Position, strings.Join(sources, ", "), p.Records, p.Counted,
		p.Duplicates, p.Outside, p.Rejected, p.Miskeyed, p.Orders, p.GmvFen)
	fmt.Fprintf(b, "  compared %d cells, %d seals (%d segments are not sealed yet), %d raw rows\n", p.Cells, p.Seals,
		p.Unsealed, p.RawRows)
	if p.ClosingCells > 0 {
		fmt.Fprintf(b, "  closed: compared %d closing cells and the closing seal\n", p.ClosingCells)
	}
}

func (f *FramesResult) write(b *strings.Builder) {
	fmt.Fprintf(b, "official frames: %d chained, all figures of %d recounted", f.Chained, f.Compared)
	if f.OfWindows > 0 {
		fmt.Fprintf(b, " and of %d frames of single windows", f.OfWindows)
	}
	fmt.Fprintf(b, "; %d milestone and %d verification records", f.Milestones, f.Verifications)
	if f.Unshown > 0 {
		fmt.Fprintf(b, "; %d frames of single windows were never shown, left by a stop in the middle of a write", f.Unshown)
	}
	if f.Verified != nil {
		fmt.Fprintf(b, "; verified to %s, hash %s", timeText(f.Verified.Second), f.Verified.Hash)
	}
	b.WriteString("\n")
}

func (r *Result) verdict() string {
	took := (time.Duration(r.DurationMs) * time.Millisecond).String()
	if r.Differs() {
		return fmt.Sprintf("%d differences (%s)\n", r.Count, took)
	}
	if n := len(r.Undecided); n > 0 {
		return fmt.Sprintf("no differences, %d not decided (%s)\n", n, took)
	}
	return fmt.Sprintf("no differences (%s)\n", took)
}
