package query

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"festival/aggregate"
	"festival/sql"
	"festival/sql/report"
)

// opsVersion is the form of GET /api/v1/ops: members may be added, a raised version may take some away.
const opsVersion = 1

// opsAnswer is all that the operations page shows beside the frame and the rejects, as one cut of what this serve knows.
type opsAnswer struct {
	Version    int               `json:"version"`
	Now        string            `json:"now"`
	Ledger     string            `json:"ledger"`
	Festival   string            `json:"festival"`
	Rehearsal  bool              `json:"rehearsal"`
	Stride     int64             `json:"stride"`   // offsets of a segment
	Reasons    []string          `json:"reasons"`  // why /readyz is not 200
	Warnings   []string          `json:"warnings"` // what it warns of
	Partitions []partitionRow    `json:"partitions"`
	Processes  []processRow      `json:"processes"` // this serve first
	Children   []childRow        `json:"children"`
	Disk       *diskRow          `json:"disk"`
	Verify     verifyRow         `json:"verify"`
	Frames     framesRow         `json:"frames"`
	Frozen     *aggregate.Frozen `json:"frozen"`
	Holds      []holdRow         `json:"holds"`    // newest first
	Signoffs   []signoffRow      `json:"signoffs"` // newest first
	Duplicates duplicatesRow     `json:"duplicates"`
}

type processRow struct {
	Process string `json:"process"`
	At      string `json:"at"` // when it said so
	Started string `json:"started"`
	report.Report
}

type childRow struct {
	Name     string `json:"name"`
	Restarts int64  `json:"restarts"`
}

type verifyRow struct {
	Frames      int64   `json:"frames"`      // official frames that a recount found right
	Differences int64   `json:"differences"` // records of recounts that gave other figures
	To          *string `json:"to"`          // second of the newest frame found right
	DifferentAt *string `json:"different_at"`
	Detail      string  `json:"detail"`
}

// framesRow is the chain of official frames and who makes it. Without a frames topic instance, by and topic_lag are null.
type framesRow struct {
	Seq        int64   `json:"seq"`
	Stored     *string `json:"stored"`     // when the newest official frame was stored
	Publishing bool    `json:"publishing"` // it is this serve's turn to make them
	Instance   *string `json:"instance"`   // this serve's name in the topic
	By         *string `json:"by"`         // the serve that made the newest one
	TopicLag   *int64  `json:"topic_lag"`  // records of the topic that this serve has not read
}

type holdRow struct {
	At     string `json:"at"`
	Held   bool   `json:"held"`
	By     string `json:"by"`
	Reason string `json:"reason"`
}

type signoffRow struct {
	At        string `json:"at"`
	Kind      string `json:"kind"` // gap or recount
	Partition int32  `json:"partition"`
	First     int64  `json:"first"`
	End       int64  `json:"end"`
	By        string `json:"by"`
	Reason    string `json:"reason"`
}

// duplicatesRow is the count and its pace in the last twenty minutes: one value each ten seconds, oldest first, null before
// this serve looked.
type duplicatesRow struct {
	Total int64    `json:"total"`
	PerS  *int64   `json:"per_s"`
	Line  []*int64 `json:"line"`
}

// newest records of each kind.
const opsRecords = 5

// ops answers GET /api/v1/ops.
func (s *Server) ops(c *fiber.Ctx, _ args) error {
	now, st, r := s.cfg.Clock(), s.pub.status.Load(), s.pub.operators()
	out := opsAnswer{Version: opsVersion, Now: s.cfg.timeText(now.UnixMilli()), Ledger: s.cfg.ledgerHex(), Festival: s.cfg.Festival.ID,
		Stride: s.cfg.Rules.Stride, Partitions: s.rows(st, r, now), Processes: s.processes(r, now), Children: s.children(),
		Verify: s.verifyRow(r), Frames: s.framesRow(), Holds: s.holds(r), Signoffs: s.signoffs(r)}
	out.Reasons, out.Warnings = s.reasons(now)
	out.Reasons, out.Warnings = orEmpty(out.Reasons), orEmpty(out.Warnings)
	if r.disk.Total > 0 {
		out.Disk = newDiskRow(r.disk, s.cfg.KeepFree)
	}
	if f := st.frame; f != nil {
		out.Rehearsal, out.Frozen, out.Frames.Seq = f.Rehearsal, f.Frozen, f.Seq
		out.Duplicates.Total = f.Total.Duplicates
	}
	if !st.official.IsZero() {
		out.Frames.Stored = ref(s.cfg.timeText(st.official.UnixMilli()))
	}
	out.Duplicates.Line, out.Duplicates.PerS = pace(r.counted, now)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return sendJSON(c, out)
}

// processes gives this serve and whatever counts.
func (s *Server) processes(r *operatorView, now time.Time) []processRow {
	t := &s.pub.times
	own := report.Report{Role: "serve", StartedMs: t.started.UnixMilli(), Partitions: []int32{},
		Timings: []report.Timing{t.store.Timing("frame_store", now), t.age.Timing("frame_age", now)},
		Bounds: []report.Bound{{Name: "streams", Unit: "streams", Used: s.hub.count(), Limit: int64(s.cfg.MaxStreams)},
			{Name: "board_queue_cells", Unit: "cells", Used: s.queue.waiting(), Limit: maxQueued}}}
	rows := []processRow{s.processRow(sql.ReportRow{Process: ownName(), AtMs: now.UnixMilli(), Report: own})}
	for _, other := range r.reports {
		rows = append(rows, s.processRow(other))
	}
	return rows
}

func (s *Server) processRow(r sql.ReportRow) processRow {
	return processRow{Process: r.Process, At: s.cfg.timeText(r.AtMs), Started: s.cfg.timeText(r.Report.StartedMs), Report: r.Report}
}

func ownName() string {
	host, _ := os.Hostname() // without one the number has to do
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}

func (s *Server) children() []childRow {
	rows := []childRow{}
	if s.cfg.Children == nil {
		return rows
	}
	restarts := s.cfg.Children()
	for _, name := range slices.Sorted(maps.Keys(restarts)) {
		rows = append(rows, childRow{name, restarts[name]})
	}
	return rows
}

func (s *Server) verifyRow(r *operatorView) verifyRow {
	row := verifyRow{Frames: r.verify.Verified, Differences: r.verify.Different, Detail: r.verify.Detail}
	if r.verify.Verified > 0 {
		row.To = ref(s.cfg.timeText(r.verify.Newest * 1000))
	}
	if r.verify.Different > 0 {
		row.DifferentAt = ref(s.cfg.timeText(r.verify.DifferentMs))
	}
	return row
}

func (s *Server) framesRow() framesRow {
	if s.cfg.Frames == nil {
		return framesRow{Publishing: !s.cfg.Follow}
	}
	by, held, lag, _ := s.pub.topic.view()
	row := framesRow{Publishing: held, Instance: &s.cfg.Instance, TopicLag: &lag}
	if by != "" {
		row.By = &by
	}
	return row
}

func (s *Server) holds(r *operatorView) []holdRow {
	rows := []holdRow{}
	for _, h := range slices.Backward(r.holds[max(0, len(r.holds)-opsRecords):]) {
		rows = append(rows, holdRow{s.cfg.timeText(h.AtMs), h.Held, h.Who, h.Reason})
	}
	return rows
}

func (s *Server) signoffs(r *operatorView) []signoffRow {
	rows := []signoffRow{}
	for _, o := range slices.Backward(r.signoffs[max(0, len(r.signoffs)-opsRecords):]) {
		kind := "gap"
		if o.Kind == sql.SignoffRecount {
			kind = "recount"
		}
		rows = append(rows, signoffRow{s.cfg.timeText(o.AtMs), kind, o.Partition, o.First, o.End, o.By, o.Reason})
	}
	return rows
}

// paceStep is the time that one value of a line stands for.
const paceStep = 10 * time.Second

// pace gives how many duplicates a second came in each step of the last twenty minutes, rounded down, and in the last
// minute.
func pace(counted []countedAt, now time.Time) (line []*int64, perS *int64) {
	line = make([]*int64, paceFor/paceStep)
	for i := range line {
		end := now.Add(-time.Duration(len(line)-1-i) * paceStep)
		line[i] = between(counted, end.Add(-paceStep), end)
	}
	return line, between(counted, now.Add(-time.Minute), now)
}

// between gives the pace between the last looks before two moments, nil where there are no two.
func between(counted []countedAt, from, to time.Time) *int64 {
	last := func(at time.Time) int {
		i, _ := slices.BinarySearchFunc(counted, at, func(c countedAt, at time.Time) int { return c.at.Compare(at.Add(1)) })
		return i - 1
	}
	a, b := last(from), last(to)
	if a < 0 {
		a = 0 // it began to look in this step
	}
	if b <= a || counted[b].at.Before(from) {
		return nil
	}
	took := counted[b].at.Sub(counted[a].at).Milliseconds()
	return ref(max(0, counted[b].duplicates-counted[a].duplicates) * 1000 / max(took, 1))
}
