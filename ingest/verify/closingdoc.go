package verify

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"festival/aggregate/recount"
	"festival/sql"
)

// closingDocument is what docs/definitions.md says that a closing document has. Figures stay text: recount reads them.
type closingDocument struct {
	Format     string            `json:"format"`
	Festival   string            `json:"festival"`
	Ledger     string            `json:"ledger"`
	Rules      json.RawMessage   `json:"rules"`
	ClosedAt   string            `json:"closed_at"`
	ClosedMs   int64             `json:"closed_ms"`
	By         string            `json:"by"`
	Anyway     *string           `json:"anyway"`
	Unfinished []string          `json:"unfinished"`
	Incomplete []json.RawMessage `json:"incomplete"`
	Watermark  *string           `json:"watermark"`
	Rehearsal  json.RawMessage   `json:"rehearsal"`
	Total      json.RawMessage   `json:"total"`
	Mobile     json.RawMessage   `json:"mobile"`
	Windows    json.RawMessage   `json:"windows"`
	Devices    json.RawMessage   `json:"devices"`
	Countries  json.RawMessage   `json:"countries"`
	Provinces  json.RawMessage   `json:"provinces"`
	Rejects    json.RawMessage   `json:"rejects"`
	Positions  map[string]int64  `json:"positions"`
	Partitions []closedPartition `json:"partitions"`
	Gaps       []closedGap       `json:"gaps"`
	Frame      struct {
		Second string `json:"second"`
		Seq    int64  `json:"seq"`
		Prev   string `json:"prev"`
		Hash   string `json:"hash"`
	} `json:"frame"`
	SHA256 string `json:"sha256"`
}

type closedPartition struct {
	Partition  int32 `json:"partition"`
	LogStart   int64 `json:"log_start"`
	Position   int64 `json:"position"`
	LastMs     int64 `json:"last_ms"`
	MaxEventMs int64 `json:"max_event_ms"`
	// What ingest saw of the log's end is in no log: only the document's hash holds it.
	StableEnd     int64  `json:"stable_end"`
	HighWatermark int64  `json:"high_watermark"`
	PulseMs       int64  `json:"pulse_ms"`
	Stopped       string `json:"stopped"`
	Chain         *struct {
		Segment int64  `json:"segment"`
		End     int64  `json:"end"`
		Hash    string `json:"hash"`
	} `json:"chain"`
	Seal struct {
		Segment int64  `json:"segment"`
		First   int64  `json:"first"`
		End     int64  `json:"end"`
		Cells   int64  `json:"cells"`
		Prev    string `json:"prev"`
		Hash    string `json:"hash"`
	} `json:"seal"`
}

type closedGap struct {
	Partition int32  `json:"partition"`
	First     int64  `json:"first"`
	End       int64  `json:"end"`
	By        string `json:"by"`
	Reason    string `json:"reason"`
	Hash      string `json:"hash"`
}

// checkDocument holds every member of the closing document against the recount, the chain, or the ledger.
func (r *run) checkDocument(workers []*worker) {
	text := []byte(r.closing.Document)
	figures, err := recount.ReadFrame(text)
	var d closingDocument
	if err == nil {
		decode := json.NewDecoder(bytes.NewReader(text))
		decode.DisallowUnknownFields() // a member that is not known here could not be recounted
		err = decode.Decode(&d)
	}
	final, err2 := recount.ReadFrame([]byte(r.closing.FrameJSON))
	if err != nil || err2 != nil {
		r.closingDiffers(comparison{[]string{"document or final frame cannot be read"}, []string{fmt.Sprint(err, " ", err2)}})
		return
	}
	var c comparison
	r.documentItself(&c, &d, text)
	r.documentFrame(&c, &d, final)
	for _, name := range figures.Differs(final, "watermark", "incomplete") {
		same(&c, name, "of the document", "as in the final frame")
	}
	for _, m := range r.closed.CompareClosing(figures) {
		same(&c, m.Path, m.Shown, m.Recounted)
	}
	r.documentPartitions(&c, &d, workers)
	r.documentGaps(&c, &d)
	r.closingDiffers(c)
}

// documentItself: what it says of itself, of who closed, and the rules.
func (r *run) documentItself(c *comparison, d *closingDocument, text []byte) {
	canonical, err := recount.Canonical(text)
	same(c, "document is RFC 8785 JSON", err == nil && bytes.Equal(canonical, text), true)
	same(c, "sha256 of the document", d.SHA256, documentHash(r.closing.Document))
	same(c, "format", d.Format, "festival-closing 1")
	same(c, "festival", d.Festival, r.rules.Festival)
	same(c, "ledger", d.Ledger, r.Ledger.ID)
	same(c, "rules are the ledger's", string(d.Rules) == r.Ledger.Document, true)
	same(c, "closed_ms", d.ClosedMs, r.closing.AtMs)
	at, _ := time.Parse(time.RFC3339, d.ClosedAt)
	same(c, "closed_at", at.UnixMilli(), r.closing.AtMs)
	same(c, "by", d.By, r.closing.Who)
	anyway := ""
	if d.Anyway != nil {
		anyway = *d.Anyway
	}
	same(c, "anyway", anyway, r.closing.Reason)
	same(c, "unfinished: sentences", len(d.Unfinished), len(d.Incomplete)+r.openWindows(d.Watermark))
	same(c, "unfinished without anyway", len(d.Unfinished) > 0 && anyway == "", false)
}

// openWindows counts the windows whose end is not complete at a watermark, as the document writes it.
func (r *run) openWindows(watermark *string) (n int) {
	var at time.Time
	known := watermark != nil
	if known {
		at, _ = time.Parse(time.RFC3339, *watermark)
	}
	for _, w := range r.rules.Windows {
		if !known || at.UnixMilli() < w.EndMs {
			n++
		}
	}
	return n
}

func (r *run) documentFrame(c *comparison, d *closingDocument, final *recount.Frame) {
	seq, _ := final.Number("seq")
	same(c, "frame.second", d.Frame.Second, final.Text("second"))
	same(c, "frame.seq", d.Frame.Seq, seq)
	same(c, "frame.prev", d.Frame.Prev, final.Text("prev"))
	same(c, "frame.hash", d.Frame.Hash, r.closing.FrameHash)
}

func (r *run) documentPartitions(c *comparison, d *closingDocument, workers []*worker) {
	told, at := 0, 0
	for _, w := range workers {
		name := strconv.Itoa(int(w.id))
		position, there := d.Positions[name]
		i := slices.IndexFunc(d.Partitions, func(p closedPartition) bool { return p.Partition == w.id })
		if i < 0 && !there && w.unread() {
			continue
		}
		same(c, "positions."+name, position, w.sealed.End)
		if at++; i < 0 {
			same(c, "partitions."+name, nothing, sealText(w.sealed))
			continue
		}
		told++
		w.documentPartition(c, "partitions."+name+".", &d.Partitions[i])
	}
	same(c, "number of partitions", len(d.Partitions), told)
	same(c, "number of positions", len(d.Positions), at)
}

func (w *worker) documentPartition(c *comparison, at string, p *closedPartition) {
	same(c, at+"log_start", p.LogStart, w.start)
	same(c, at+"position", p.Position, w.sealed.End)
	same(c, at+"last_ms", p.LastMs, w.sealed.LastMs)
	same(c, at+"max_event_ms", p.MaxEventMs, w.sealed.MaxEventMs)
	seal := sql.SealRow{Partition: w.id, Segment: p.Seal.Segment, First: p.Seal.First, End: p.Seal.End, Cells: p.Seal.Cells,
		LastMs: p.LastMs, MaxEventMs: p.MaxEventMs}
	hex.Decode(seal.Prev[:], []byte(p.Seal.Prev[:min(64, len(p.Seal.Prev))])) // what is no hash differs
	hex.Decode(seal.Hash[:], []byte(p.Seal.Hash[:min(64, len(p.Seal.Hash))]))
	same(c, at+"seal", sealText(seal), sealText(w.sealed))
	chain, want := "null", "null"
	if p.Chain != nil {
		chain = fmt.Sprintf("segment %d end %d hash %s", p.Chain.Segment, p.Chain.End, p.Chain.Hash)
	}
	if segment, end, ok := w.chainHead(); ok {
		want = fmt.Sprintf("segment %d end %d hash %x", segment, end, w.sealed.Prev)
	}
	same(c, at+"chain", chain, want)
}

// documentGaps: those that an operator has signed off, and of those below the closing positions, all.
func (r *run) documentGaps(c *comparison, d *closingDocument) {
	stored := map[closedGap]bool{}
	for i := range r.signoffs {
		if s := &r.signoffs[i]; s.Kind == sql.SignoffGap {
			stored[closedGap{s.Partition, s.First, s.End, s.By, s.Reason, s.Hash}] = true
		}
	}
	for _, g := range d.Gaps {
		same(c, fmt.Sprintf("gaps: partition %d [%d, %d) is signed off so", g.Partition, g.First, g.End), stored[g], true)
	}
	for p, list := range r.gaps {
		for _, s := range list {
			told := slices.Contains(d.Gaps, closedGap{p, s.First, s.End, s.By, s.Reason, s.Hash})
			same(c, fmt.Sprintf("gaps: partition %d [%d, %d) is told", p, s.First, s.End), told || s.First >= r.closedAt[p], true)
		}
	}
}
