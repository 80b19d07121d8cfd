package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"festival/aggregate"
	"festival/query"
	"festival/sql"
)

// recordedPoints is how many points of the reference a recording keeps, a minute each over a day.
const recordedPoints = 1440

type exportFramesCmd struct {
	placeFlags
	Window string `help:"The frames of one window's own view; the whole festival by default." placeholder:"ID"`
	From   string `help:"RFC 3339 with zone; the first official frame by default." placeholder:"TIME"`
	To     string `help:"RFC 3339 with zone, not included; the last official frame by default." placeholder:"TIME"`
	Out    string `help:"File to write, packed where it ends in .gz; - is standard output." short:"o" default:"-" placeholder:"FILE"`
}

// Help is shown under the flags.
func (exportFramesCmd) Help() string {
	return `Writes a recording: a line that names festival, reference and milestones, then every official frame as it was shown, one a
line. A wall plays it back: festival replay FILE.

Examples:
  festival export frames --data .demo -o night.jsonl.gz
  festival export frames --config festival.yaml --from 2026-11-11T00:00:00+08:00 --to 2026-11-11T01:00:00+08:00 -o hour.jsonl.gz`
}

// check looks at the flags, and at the window where the festival's can be read.
func (cmd *exportFramesCmd) check(a *app) error {
	c, err := cmd.read(a)
	_, _, span := cmd.span()
	problems := []error{err, span}
	if rules, err := c.Rules(aggregate.DefaultStride); err == nil && cmd.Window != "" {
		windowIndex(rules, cmd.Window, &problems)
	}
	return both(problems...)
}

// span reads --from and --to as Unix seconds.
func (cmd *exportFramesCmd) span() (from, to int64, err error) {
	var problems []error
	from, to = instant("--from", cmd.From, 0, &problems), instant("--to", cmd.To, math.MaxInt64, &problems)
	if len(problems) == 0 && from >= to {
		problems = append(problems, fmt.Errorf("--from %s is not before --to %s", cmd.From, cmd.To))
	}
	return from, to, errors.Join(problems...)
}

// Run writes the recording.
func (cmd *exportFramesCmd) Run(a *app) error {
	if err := cmd.check(a); err != nil {
		return err
	}
	from, to, _ := cmd.span() // checked
	f := exportFlags{placeFlags: cmd.placeFlags, Out: cmd.Out}
	return f.run(a, func(e *exporting) (string, error) {
		head, err := e.recordingHead(a)
		if err != nil {
			return "", err
		}
		out, done := recordingWriter(e.out, cmd.Out)
		n, err := writeRecording(a, e, out, head, cmd.Window, from, to)
		return fmt.Sprint(n, " official frames"), errors.Join(err, done())
	})
}

// recordingWriter buffers, and packs where the file's name says so; done writes what is left.
func recordingWriter(w io.Writer, name string) (io.Writer, func() error) {
	if !strings.HasSuffix(name, ".gz") {
		b := bufio.NewWriterSize(w, 1<<16)
		return b, b.Flush
	}
	z := gzip.NewWriter(w)
	return z, z.Close
}

func writeRecording(a *app, e *exporting, out io.Writer, head []byte, window string, from, to int64) (n int64, err error) {
	if _, err := fmt.Fprintf(out, "%s\n", head); err != nil {
		return 0, err
	}
	said := time.Now()
	err = e.store.Frames(a.ctx, e.ledger.Prefix, window, from, to, func(r sql.FrameRow) error {
		if n++; time.Since(said) > time.Second {
			said = time.Now()
			fmt.Fprintf(a.err, "\r%d frames", n)
		}
		_, err := io.WriteString(out, r.JSON+"\n")
		return err
	})
	return n, err
}

// recording is the first line of a recording: what a wall asks the API for beside frames, as the API answers it.
type recording struct {
	Replay     int                               `json:"replay"` // version of the format
	Festival   map[string]any                    `json:"festival"`
	Reference  map[string][]query.ReferencePoint `json:"reference"` // by window
	Milestones []recordedMilestone               `json:"milestones"`
}

// recordedMilestone is one reached threshold, as /api/v1/milestones has it.
type recordedMilestone struct {
	Window     string  `json:"window"`
	Threshold  int64   `json:"threshold_fen"`
	OnAir      *string `json:"on_air_second"`
	Event      *string `json:"event_second"`
	SinceStart *int64  `json:"since_start_s"`
	Certainty  string  `json:"certainty"`
	Reference  *int64  `json:"reference_since_start_s"`
}

// recordingHead makes the first line.
func (e *exporting) recordingHead(a *app) ([]byte, error) {
	records, err := e.store.Milestones(a.ctx, e.ledger.Prefix)
	if err != nil {
		return nil, err
	}
	closing, err := closedMs(a.ctx, e.store, e.ledger.Prefix)
	if err != nil {
		return nil, err
	}
	reference, err := e.config.readReference()
	if err != nil {
		return nil, err
	}
	head := recording{Replay: 1, Festival: e.festivalDoc(len(reference) > 0), Reference: map[string][]query.ReferencePoint{}, Milestones: []recordedMilestone{}}
	first := e.rules.Windows[0].ID
	if len(reference) > 0 {
		head.Reference[first] = thinned(reference)
	}
	for _, m := range milestoneRows(records, e.rules, closing != 0) {
		row := recordedMilestone{Window: m.Window, Threshold: m.ThresholdFen, OnAir: e.instantText(m.OnAirMs), Event: e.instantText(m.EventMs), Certainty: m.Certainty}
		if m.EventMs != 0 {
			row.SinceStart = &m.SinceStartS
		}
		if m.Window == first {
			row.Reference = reachedBy(reference, m.ThresholdFen)
		}
		head.Milestones = append(head.Milestones, row)
	}
	return json.Marshal(head)
}

// festivalDoc is what /api/v1/festival answers, less the clock. Whether it was a rehearsal, each frame says.
func (e *exporting) festivalDoc(reference bool) map[string]any {
	f := &e.config.Festival
	windows := []map[string]string{}
	for _, w := range e.rules.Windows {
		windows = append(windows, map[string]string{"id": w.ID, "start": *e.instantText(w.StartMs), "end": *e.instantText(w.EndMs)})
	}
	return map[string]any{"id": f.ID, "name": map[string]string{"zh": f.Name.ZH, "en": f.Name.EN}, "timezone": f.Timezone, "windows": windows,
		"milestones_cny": append([]int64{}, f.Milestones...), "reference": reference, "rehearsal": false, "locales": []string{"zh", "en"}}
}

// instantText is Unix milliseconds as RFC 3339 in the festival's zone; nil for 0.
func (e *exporting) instantText(ms int64) *string {
	if ms == 0 {
		return nil
	}
	text := time.UnixMilli(ms).In(e.config.Zone()).Format(time.RFC3339)
	return &text
}

// thinned keeps at most recordedPoints of a curve, the last one among them; every kept point is one of the curve.
func thinned(points []query.ReferencePoint) []query.ReferencePoint {
	step := max(1, (len(points)+recordedPoints-1)/recordedPoints)
	var out []query.ReferencePoint
	for i := (len(points) - 1) % step; i < len(points); i += step {
		out = append(out, points[i])
	}
	return out
}

// reachedBy gives the first second at which a curve is at a threshold; nil where it never is.
func reachedBy(points []query.ReferencePoint, fen int64) *int64 {
	for _, p := range points {
		if p.GmvFen >= fen {
			return &p.N
		}
	}
	return nil
}
