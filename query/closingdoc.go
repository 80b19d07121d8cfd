package query

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"festival/aggregate"
	"festival/sql"
)

// ClosingDocument is what `festival close` prints and stores, as RFC 8785 JSON (docs/definitions.md, "closing"). Anyone who
// has the log and the rules in it can compute its figures and seals again.
type ClosingDocument struct {
	Format     string              `json:"format"` // ClosingFormat
	Festival   string              `json:"festival"`
	Ledger     string              `json:"ledger"`
	Rules      json.RawMessage     `json:"rules"` // the ledger document
	ClosedAt   string              `json:"closed_at"`
	ClosedMs   int64               `json:"closed_ms"`
	By         string              `json:"by"`
	Anyway     *string             `json:"anyway"`     // why, although something was unfinished
	Unfinished []string            `json:"unfinished"` // what was: empty without anyway
	Incomplete []aggregate.Gap     `json:"incomplete"`
	Watermark  *string             `json:"watermark"`
	Rehearsal  bool                `json:"rehearsal"`
	Total      closingTotal        `json:"total"`
	Mobile     aggregate.Mobiles   `json:"mobile"`
	Windows    []closingWindow     `json:"windows"`
	Devices    []aggregate.Share   `json:"devices"`
	Countries  []aggregate.Country `json:"countries"`
	Provinces  []aggregate.Share   `json:"provinces"`
	Rejects    map[string]int64    `json:"rejects"` // by reason
	Positions  aggregate.Positions `json:"positions"`
	Partitions []closingPartition  `json:"partitions"`       // those that were ever read
	Gaps       []closingGap        `json:"gaps"`             // offsets that are not counted, as operators have signed off
	Frame      closingFrame        `json:"frame"`            // the final frame
	SHA256     string              `json:"sha256,omitempty"` // of this document without sha256
}

// ClosingFormat names the form of the document and is raised with it.
const ClosingFormat = "festival-closing 1"

// closingTotal is a frame's total without what comes after.
type closingTotal struct {
	GmvFen      int64  `json:"gmv_fen"`
	GmvUsdCents *int64 `json:"gmv_usd_cents"`
	Orders      int64  `json:"orders"`
	Created     int64  `json:"created"`
	Refunds     int64  `json:"refunds"`
	RefundFen   int64  `json:"refund_fen"`
	NetFen      int64  `json:"net_fen"`
	Duplicates  int64  `json:"duplicates"`
	Rejected    int64  `json:"rejected"`
	Outside     int64  `json:"outside"`
	Miskeyed    int64  `json:"miskeyed"`
}

func closingTotalOf(t aggregate.Total) closingTotal {
	return closingTotal{t.GmvFen, t.GmvUsdCents, t.Orders, t.Created, t.Refunds, t.RefundFen, t.NetFen, t.Duplicates, t.Rejected,
		t.Outside, t.Miskeyed}
}

type closingWindow struct {
	ID     string            `json:"id"`
	Start  string            `json:"start"`
	End    string            `json:"end"`
	Total  closingTotal      `json:"total"` // duplicates, rejected, outside and miskeyed are of the whole log
	Mobile aggregate.Mobiles `json:"mobile"`
}

// closingPartition is where a partition stood, and what seals it.
type closingPartition struct {
	Partition     int32        `json:"partition"`
	LogStart      int64        `json:"log_start"`
	Position      int64        `json:"position"` // everything before it is counted
	LastMs        int64        `json:"last_ms"`  // Kafka time of the last record
	MaxEventMs    int64        `json:"max_event_ms"`
	StableEnd     int64        `json:"stable_end"` // as ingest last saw it, with the next two
	HighWatermark int64        `json:"high_watermark"`
	PulseMs       int64        `json:"pulse_ms"` // 0: never
	Stopped       string       `json:"stopped"`
	Chain         *closingHead `json:"chain"` // the last seal of a segment that ends at or below the position, null before the first
	Seal          closingSeal  `json:"seal"`  // the closing seal
}

// closingGap is an accepted gap (sql.Signoff).
type closingGap struct {
	Partition int32  `json:"partition"`
	First     int64  `json:"first"`
	End       int64  `json:"end"`
	By        string `json:"by"`
	Reason    string `json:"reason"`
	Hash      string `json:"hash"` // of the sign-off's record
}

type closingHead struct {
	Segment int64  `json:"segment"`
	End     int64  `json:"end"`
	Hash    string `json:"hash"`
}

type closingSeal struct {
	Segment int64  `json:"segment"`
	First   int64  `json:"first"`
	End     int64  `json:"end"`
	Cells   int64  `json:"cells"`
	Prev    string `json:"prev"`
	Hash    string `json:"hash"`
}

type closingFrame struct {
	Second string `json:"second"`
	Seq    int64  `json:"seq"`
	Prev   string `json:"prev"`
	Hash   string `json:"hash"`
}

// closing makes the row that offers a closing with its final frame.
func (o *offer) closing(cfg *Config, f *aggregate.Frame, second int64) (sql.Closing, error) {
	d := o.document(cfg, f)
	text, err := d.seal()
	if err != nil {
		return sql.Closing{}, err
	}
	return sql.Closing{AtMs: o.closed.ms, Who: o.request.Who, Reason: o.request.Anyway, Second: second, FrameHash: *f.Hash,
		FrameJSON: string(f.JSON()), Document: string(text), Seals: o.parts.seals}, nil
}

func (o *offer) document(cfg *Config, f *aggregate.Frame) *ClosingDocument {
	d := &ClosingDocument{Format: ClosingFormat, Festival: cfg.Rules.Festival, Ledger: f.Ledger, Rules: json.RawMessage(o.parts.ledger.Document),
		ClosedAt: cfg.timeText(o.closed.ms), ClosedMs: o.closed.ms, By: o.request.Who, Unfinished: orEmpty(cfg.unfinished(o.closed)),
		Incomplete: o.closed.gaps, Watermark: f.Watermark, Rehearsal: f.Rehearsal, Total: closingTotalOf(f.Total), Mobile: f.Mobile,
		Devices: f.Devices, Countries: f.Countries, Provinces: f.Provinces, Rejects: o.parts.rejects, Positions: f.Positions, Gaps: []closingGap{},
		Frame: closingFrame{f.Second, f.Seq, f.Prev, *f.Hash}}
	if o.request.Anyway != "" {
		d.Anyway = &o.request.Anyway
	}
	for i, w := range cfg.Rules.Windows {
		d.Windows = append(d.Windows, closingWindow{w.ID, cfg.timeText(w.StartMs), cfg.timeText(w.EndMs),
			closingTotalOf(f.Windows[i].Total), f.Windows[i].Mobile})
	}
	for _, g := range o.parts.signoffs {
		if g.Kind == sql.SignoffGap {
			d.Gaps = append(d.Gaps, closingGap{g.Partition, g.First, g.End, g.By, g.Reason, g.Hash})
		}
	}
	for i, s := range o.parts.seals {
		d.Partitions = append(d.Partitions, o.parts.partition(s, progressOf(o.parts.progress[i])))
	}
	return d
}

func (c *closingParts) partition(s sql.SealRow, at aggregate.Progress) closingPartition {
	pulse := c.pulses[s.Partition]
	out := closingPartition{Partition: s.Partition, LogStart: c.ledger.LogStart[s.Partition], Position: s.End, LastMs: at.LastMs,
		MaxEventMs: at.MaxEventMs, StableEnd: pulse.StableEnd, HighWatermark: pulse.HighWatermark, PulseMs: pulse.AtMs, Stopped: pulse.Stopped,
		Seal: closingSeal{s.Segment, s.First, s.End, s.Cells, hex.EncodeToString(s.Prev[:]), hex.EncodeToString(s.Hash[:])}}
	if head, ok := c.heads[s.Partition]; ok {
		out.Chain = &closingHead{head.Segment, head.End, hex.EncodeToString(head.Hash[:])}
	}
	return out
}

// seal gives the document's canonical bytes, with the SHA-256 of what is canonical without it.
func (d *ClosingDocument) seal() ([]byte, error) {
	d.SHA256 = ""
	text, err := d.canonical()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	d.SHA256 = hex.EncodeToString(sum[:])
	return d.canonical()
}

func (d *ClosingDocument) canonical() ([]byte, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("closing document: %w", err)
	}
	return aggregate.Canonical(text)
}

// pulses are what ingest saw last before the close.
func (d *ClosingDocument) pulses() (out []sql.PulseRow) {
	for _, p := range d.Partitions {
		if p.PulseMs != 0 {
			out = append(out, sql.PulseRow{Partition: p.Partition, StableEnd: p.StableEnd, HighWatermark: p.HighWatermark, AtMs: p.PulseMs, Stopped: p.Stopped})
		}
	}
	return out
}

// CheckClosing reads a closing document and holds its SHA-256 against its bytes.
func CheckClosing(document string) (*ClosingDocument, error) {
	d := &ClosingDocument{}
	if err := json.Unmarshal([]byte(document), d); err != nil {
		return nil, fmt.Errorf("closing document: %w", err)
	}
	text, err := aggregate.Canonical([]byte(document), "sha256")
	if err != nil {
		return nil, fmt.Errorf("closing document: %w", err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != d.SHA256 {
		return nil, fmt.Errorf("closing document: its SHA-256 is %x, and it says %s: it was changed after the close", sum, d.SHA256)
	}
	return d, nil
}
