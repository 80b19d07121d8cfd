package query

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/gofiber/fiber/v2"

	"festival/aggregate"
	"festival/sql"
)

// mark names a milestone.
type mark struct {
	window    string
	threshold int64 // fen
}

// reached is what is recorded of a milestone, Unix seconds.
type reached struct {
	onAir *int64 // official frame that first showed it; never changes
	event *int64 // first event second through which it was reached; late orders may move it earlier
}

// milestoneTable is what the records say. A table that was handed on is not changed.
type milestoneTable map[mark]reached

// tableOf folds the records, oldest first: the first on-air record stands, the newest event second stands.
func tableOf(records []sql.MilestoneRow) milestoneTable {
	t := milestoneTable{}
	for _, r := range records {
		t.add(r)
	}
	return t
}

func (t milestoneTable) add(r sql.MilestoneRow) {
	id := mark{r.Window, r.ThresholdFen}
	m := t[id]
	switch second := r.Second; {
	case r.Kind != sql.MilestoneOnAir:
		m.event = &second
	case m.onAir == nil:
		m.onAir = &second
	}
	t[id] = m
}

// with gives the table with more records.
func (t milestoneTable) with(records []sql.MilestoneRow) milestoneTable {
	out := maps.Clone(t)
	for _, r := range records {
		out.add(r)
	}
	return out
}

// next gives the table as of an official frame, and the records that make it so: on the air for the first time, the
// event second, or its move.
func (t milestoneTable) next(cfg *Config, board *aggregate.Board, c *candidate, nowMs int64) (milestoneTable, []sql.MilestoneRow) {
	var records []sql.MilestoneRow
	out := maps.Clone(t)
	for i, w := range c.frame.Windows {
		for _, m := range board.Milestones(uint8(i)) {
			for _, r := range news(t[mark{w.ID, m.ThresholdFen}], w.Total.GmvFen, m, c.second) {
				r.Window, r.ThresholdFen, r.FrameHash, r.RecordedMs = w.ID, m.ThresholdFen, c.hash, nowMs
				records = append(records, r)
				out.add(r)
			}
		}
	}
	return out, records
}

// news gives the kinds and seconds of what a frame adds to a milestone's records.
func news(old reached, gmv int64, m aggregate.Milestone, second int64) []sql.MilestoneRow {
	var out []sql.MilestoneRow
	if old.onAir == nil && gmv >= m.ThresholdFen {
		out = append(out, sql.MilestoneRow{Kind: sql.MilestoneOnAir, Second: second})
	}
	switch {
	case m.EventSecond == nil || old.event != nil && *old.event == *m.EventSecond:
	case old.event == nil:
		out = append(out, sql.MilestoneRow{Kind: sql.MilestoneEvent, Second: *m.EventSecond})
	default:
		out = append(out, sql.MilestoneRow{Kind: sql.MilestoneCorrection, Second: *m.EventSecond})
	}
	return out
}

// missedMarks records what was on the air without a record: the process ended between a frame and its milestones, or
// a threshold was added since.
func (p *publisher) missedMarks(ctx context.Context, last sql.FrameRow) error {
	for _, w := range p.cfg.Rules.Windows {
		for _, threshold := range p.cfg.thresholds() {
			if p.table[mark{w.ID, threshold}].onAir != nil || windowGmv(last, w.ID) < threshold {
				continue
			}
			row, err := p.firstShown(ctx, w.ID, threshold, last)
			if err != nil {
				return err
			}
			r := sql.MilestoneRow{Window: w.ID, ThresholdFen: threshold, Kind: sql.MilestoneOnAir, Second: row.Second,
				FrameHash: row.Hash, RecordedMs: p.cfg.Clock().UnixMilli()}
			if err := p.cfg.Store.InsertMilestone(ctx, p.cfg.prefix(), r); err != nil {
				return err
			}
			p.table.add(r)
		}
	}
	return nil
}

// firstShown finds the first official frame that shows a threshold, by halving: GMV never falls along the chain. last
// shows it.
func (p *publisher) firstShown(ctx context.Context, window string, threshold int64, last sql.FrameRow) (sql.FrameRow, error) {
	found := last
	for low := int64(0); low < found.Second; {
		middle := low + (found.Second-low)/2
		row, ok, err := p.cfg.Store.FrameAt(ctx, p.cfg.prefix(), "", middle)
		if err != nil {
			return row, err
		}
		if ok && windowGmv(row, window) >= threshold {
			found = row
		} else {
			low = middle + 1
		}
	}
	return found, nil
}

// windowGmv reads a window's GMV from a stored frame, -1 where it has none.
func windowGmv(row sql.FrameRow, window string) int64 {
	var f struct{ Windows []aggregate.WindowTotal }
	if json.Unmarshal([]byte(row.JSON), &f) == nil {
		for _, w := range f.Windows {
			if w.ID == window {
				return w.Total.GmvFen
			}
		}
	}
	return -1
}

// milestoneRow is one milestone as it is answered. Times and spans are null where it is not reached.
type milestoneRow struct {
	Window               string  `json:"window"`
	ThresholdFen         int64   `json:"threshold_fen"`
	OnAirSecond          *string `json:"on_air_second"`
	EventSecond          *string `json:"event_second"`
	SinceStartS          *int64  `json:"since_start_s"`
	Certainty            *string `json:"certainty"`
	ReferenceSinceStartS *int64  `json:"reference_since_start_s"`
}

// milestones answers with all thresholds of the windows, reached or not, as of the last official frame.
func (s *Server) milestones(c *fiber.Ctx, a args) error {
	st, rows := s.pub.status.Load(), []milestoneRow{}
	certainty := "provisional"
	if st.closingMs != 0 {
		certainty = "final"
	}
	for i, w := range s.cfg.Rules.Windows {
		if asked := s.windowOf(a); asked != aggregate.NoWindow && int(asked) != i {
			continue
		}
		for _, threshold := range s.cfg.thresholds() {
			rows = append(rows, s.cfg.milestone(w, threshold, st.table[mark{w.ID, threshold}], certainty))
		}
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return sendJSON(c, map[string]any{"milestones": rows})
}

func (c *Config) milestone(w aggregate.Window, threshold int64, m reached, certainty string) milestoneRow {
	row := milestoneRow{Window: w.ID, ThresholdFen: threshold}
	if m.onAir != nil {
		row.OnAirSecond = ref(c.timeText(*m.onAir * 1000))
	}
	if m.event != nil {
		row.EventSecond = ref(c.timeText(*m.event * 1000))
		row.SinceStartS = ref(*m.event - floorDiv(w.StartMs, 1000))
		row.Certainty = &certainty
	}
	for _, p := range c.curve(w.ID) {
		if p.GmvFen >= threshold {
			row.ReferenceSinceStartS = ref(p.N)
			break
		}
	}
	return row
}
