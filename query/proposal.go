package query

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// proposal is a record of the frames topic: a candidate frame with all that makes it official at once. As bytes it is lines
// of JSON: the head, then the frame of each view, as it is shown and stored (JSON has no raw line feed). Whoever reads the
// topic with a console consumer reads frames.
type proposal struct {
	Format int             `json:"format"` // 1
	Ledger string          `json:"ledger"`
	Second int64           `json:"second"` // Unix seconds
	Seq    int64           `json:"seq"`
	Prev   string          `json:"prev"`
	Hash   string          `json:"hash"`
	By     string          `json:"by"`    // the process that made it, for people
	Views  []string        `json:"views"` // of the lines that follow; the first is "", the whole festival
	Marks  []milestoneMark `json:"marks"` // milestone records that become true with it

	record, signature []byte // as they stand in the topic
	lines             [][]byte
	frame             *aggregate.Frame   // set by open
	windows           []*aggregate.Frame // of the other views
	opened            bool
}

// milestoneMark is a milestone record on its way (sql.MilestoneRow without the frame's hash).
type milestoneMark struct {
	Window       string `json:"window"`
	ThresholdFen int64  `json:"threshold_fen"`
	Kind         uint8  `json:"kind"`
	Second       int64  `json:"second"`
	RecordedMs   int64  `json:"recorded_ms"`
}

const proposalFormat = 1

// propose makes the record of a candidate that was built here.
func (c *candidate) propose(ledger, by string) []byte {
	p := proposal{Format: proposalFormat, Ledger: ledger, Second: c.second, Seq: c.seq, Prev: c.frame.Prev, Hash: c.hash, By: by,
		Marks: []milestoneMark{}}
	for _, e := range c.events {
		p.Views = append(p.Views, e.view)
	}
	for _, m := range c.marks {
		p.Marks = append(p.Marks, milestoneMark{m.Window, m.ThresholdFen, m.Kind, m.Second, m.RecordedMs})
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out) // ends the line
	if err := e.Encode(p); err != nil {
		panic(fmt.Sprintf("BUG: proposal: %v", err)) // strings and integers only
	}
	for _, e := range c.events {
		out.Write(e.event.body)
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// readProposal reads the head of a record and cuts its lines, which alias value. The frames are read by open, because most
// records that a starting process passes are known already.
func readProposal(value, signature []byte) (*proposal, error) {
	head, rest, _ := bytes.Cut(value, []byte("\n"))
	p := &proposal{record: value, signature: signature}
	if err := json.Unmarshal(head, p); err != nil {
		return nil, fmt.Errorf("head of a proposed frame: %w", err)
	}
	if p.Format != proposalFormat {
		return nil, fmt.Errorf("proposed frame of format %d: this program reads %d", p.Format, proposalFormat)
	}
	p.lines = bytes.Split(bytes.TrimSuffix(rest, []byte("\n")), []byte("\n"))
	if len(p.lines) != len(p.Views) || len(p.Views) == 0 || p.Views[0] != "" {
		return nil, fmt.Errorf("proposed frame of %d lines for %d views", len(p.lines), len(p.Views))
	}
	return p, nil
}

// open reads the frames and holds them against the head: hash over the bytes, links, seconds, each view's hash.
func (p *proposal) open() error {
	if p.opened {
		return nil
	}
	f, err := readFrame(p.lines[0], p)
	if err != nil {
		return err
	}
	canonical, err := aggregate.Canonical(p.lines[0], aggregate.Unhashed()...)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(canonical); hex.EncodeToString(sum[:]) != p.Hash {
		return fmt.Errorf("proposed frame %.8s: its bytes hash to %.8x", p.Hash, sum)
	}
	var windows []*aggregate.Frame
	for _, line := range p.lines[1:] {
		one, err := readFrame(line, p)
		if err != nil {
			return err
		}
		windows = append(windows, one)
	}
	p.frame, p.windows, p.opened = f, windows, true
	return nil
}

// balance holds the figures of every view against each other; open has been called. A window's frame has the whole one's
// figures of that window.
func (p *proposal) balance() error {
	if err := p.frame.Balance(); err != nil {
		return err
	}
	for i, one := range p.windows {
		if err := one.Balance(); err != nil {
			return fmt.Errorf("window %s: %w", p.Views[i+1], err)
		}
		at := slices.IndexFunc(p.frame.Windows, func(w aggregate.WindowTotal) bool { return w.ID == p.Views[i+1] })
		if at < 0 || len(one.Windows) != 1 || !reflect.DeepEqual(one.Windows[0], p.frame.Windows[at]) {
			return fmt.Errorf("window %s: %w: its frame and the whole one differ", p.Views[i+1], aggregate.ErrUnbalanced)
		}
	}
	return nil
}

// readFrame reads one view's frame and holds it against the head.
func readFrame(line []byte, p *proposal) (*aggregate.Frame, error) {
	f := &aggregate.Frame{}
	if err := json.Unmarshal(line, f); err != nil {
		return nil, fmt.Errorf("proposed frame: %w", err)
	}
	at, err := time.Parse(time.RFC3339, f.Second)
	if err != nil {
		return nil, fmt.Errorf("proposed frame: %w", err)
	}
	if f.Hash == nil || *f.Hash != p.Hash || f.Prev != p.Prev || f.Seq != p.Seq || f.Ledger != p.Ledger || !f.Official ||
		at.Unix() != p.Second {
		return nil, errors.New("proposed frame: its head says something else")
	}
	return f, nil
}

// accepted makes the candidate of an official proposal: what is stored, then shown.
func (p *proposal) accepted(prev link, table milestoneTable, packer *packer) *candidate {
	c := &candidate{link: linkTo(p.frame, p.Second, p.Seq, p.Hash), prev: prev, frame: p.frame,
		table: table}
	for i, view := range p.Views {
		body := bytes.Clone(p.lines[i]) // the record's bytes are the reader's
		c.events = append(c.events, viewEvent{view, packer.newEvent(fmt.Sprint(p.Seq), p.Hash, true, p.Second, body)})
	}
	c.rows = c.viewRows()
	for _, m := range p.Marks {
		c.marks = append(c.marks, sql.MilestoneRow{Window: m.Window, ThresholdFen: m.ThresholdFen, Kind: m.Kind, Second: m.Second,
			FrameHash: p.Hash, RecordedMs: m.RecordedMs})
	}
	if len(c.marks) > 0 {
		c.table = table.with(c.marks)
	}
	return c
}
