package verify

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// tellEvery is how often long work says how far it is.
const tellEvery = 5 * time.Second

// tell writes a line every few seconds until done is closed.
func (r *run) tell(workers []*worker, done <-chan struct{}) {
	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			var read, all int64
			for _, w := range workers {
				read, all = read+w.position.Load()-w.start, all+w.end-w.start
			}
			fmt.Fprintf(r.Progress, "verify: %d of %d offsets recounted (%d %%), %d differences\n", read, all,
				100*read/max(all, 1), r.found.len())
		}
	}
}

func (c *collector) len() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// WriteText writes the result in words: what was recounted from where, what was compared, and every difference.
func (r *Result) WriteText(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "ledger %s\n", r.Ledger)
	for _, p := range r.Partitions {
		p.write(&b)
	}
	r.Frames.write(&b)
	for _, s := range r.Split.IDs {
		fmt.Fprintf(&b, "order_id %q came in two partitions: %d (offset %d) and %d (offset %d)\n", s.OrderID,
			s.Partitions[0], s.Offsets[0], s.Partitions[1], s.Offsets[1])
	}
	if more := r.Split.Count - int64(len(r.Split.IDs)); more > 0 {
		fmt.Fprintf(&b, "... and %d more ids in two partitions\n", more)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "DIFFERENT %s: %s\n  stored:    %s\n  recounted: %s\n", d.What, d.Where, d.Stored, d.Recounted)
	}
	if more := r.Count - int64(len(r.Differences)); more > 0 {
		fmt.Fprintf(&b, "... and %d more differences\n", more)
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
}

func (f *FramesResult) write(b *strings.Builder) {
	fmt.Fprintf(b, "official frames: %d chained, %d recounted", f.Chained, len(f.Compared))
	if f.Verified != nil {
		fmt.Fprintf(b, ", verified to %s, hash %s", time.Unix(f.Verified.Second, 0).UTC().Format(time.RFC3339), f.Verified.Hash)
	}
	b.WriteString("\n")
}

func (r *Result) verdict() string {
	took := (time.Duration(r.DurationMs) * time.Millisecond).String()
	if r.Differs() {
		return fmt.Sprintf("%d differences (%s)\n", r.Count, took)
	}
	return fmt.Sprintf("no differences (%s)\n", took)
}
