package query

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"festival/aggregate"
	"festival/sql"
)

// status is what the publisher's goroutine lets the routes see: immutable, replaced as a whole.
type status struct {
	failures  failures
	official  time.Time           // when the last official frame was acknowledged, by the server's clock
	frame     *aggregate.Frame    // the newest frame that was made here, nil before the first
	shown     aggregate.Positions // of the last official frame, whoever made it; nil before the first
	progress  map[int32]aggregate.Progress
	pulses    map[int32]aggregate.Pulse
	table     milestoneTable // as of the last official frame
	hold      sql.HoldRow    // the hold that stands, zero without one
	closingMs int64          // Closing.AtMs, 0 while the festival is open
	stopped   time.Time      // since when every partition is stopped, by the server's clock; zero where one is not
}

// failures say why frames are not published, by step; "" where the step works.
type failures struct{ load, build, store, undone string }

func (f failures) list() []string {
	var out []string
	for _, reason := range [...]string{f.load, f.build, f.store, f.undone} {
		if reason = "frames: " + reason; reason != "frames: " && !slices.Contains(out, reason) { // a broken board neither loads nor builds
			out = append(out, reason)
		}
	}
	return out
}

func (st *status) copy() *status {
	one := *st
	one.progress, one.pulses = maps.Clone(st.progress), maps.Clone(st.pulses)
	return &one
}

// counts gives what the newest frame says of the whole log.
func (st *status) counts() (duplicates, miskeyed int64, rehearsal bool) {
	if st.frame == nil {
		return 0, 0, false
	}
	return st.frame.Total.Duplicates, st.frame.Total.Miskeyed, st.frame.Rehearsal
}

// partitionRow is one partition as operators see it.
type partitionRow struct {
	Partition     int32   `json:"partition"`
	Next          int64   `json:"next"`
	HighWatermark *int64  `json:"high_watermark"`
	StableEnd     *int64  `json:"stable_end"`
	Lag           *int64  `json:"lag"`   // records; null where nobody knows where the log ends now
	LagS          *int64  `json:"lag_s"` // seconds behind, rounded down; as Lag
	Watermark     *string `json:"watermark"`
	Segment       int64   `json:"segment"` // the open segment
	Sealed        *int64  `json:"sealed"`  // the newest sealed segment
	State         string  `json:"state"`   // running, stopped, unassigned
	Reason        *string `json:"reason"`
	FreshMs       *int64  `json:"fresh_ms"`     // LagS in milliseconds
	PulseAgeMs    *int64  `json:"pulse_age_ms"` // since a process reported on it last; null: none has
	Used          int64   `json:"used"`         // offsets of the open segment that are read
	Verified      *int64  `json:"verified"`     // the newest segment that a recount has found right, whole
	Process       *string `json:"process"`      // that counts it, as it said last
}

// pulseAge is how old a pulse may be before its partition counts as incomplete (DESIGN.md §4).
const pulseAge = 5 * time.Second

// partition joins what is known of one partition at a moment.
func (st *status) partition(cfg *Config, p int32, now time.Time) partitionRow {
	progress, pulse := st.progress[p], st.pulses[p]
	row := partitionRow{Partition: p, Next: progress.Next, Segment: progress.Next / cfg.Rules.Stride,
		Used: progress.Next % cfg.Rules.Stride, State: "running"}
	_, known := st.pulses[p]
	age, ahead := max(0, now.UnixMilli()-pulse.AtMs), pulse.AtMs-now.UnixMilli()
	early := ahead > pulseAge.Milliseconds() // no proof of life: its clock was ahead
	heard := known && age <= pulseAge.Milliseconds() && !early
	switch {
	case !known:
		row.State, row.Reason = "unassigned", ref("no process has reported on it yet")
	case pulse.Stopped != "":
		row.State, row.Reason = "stopped", &pulse.Stopped
	case st.failures.load+st.failures.store != "": // nothing is heard of any partition: the store is away, which has a sentence of its own
	case early:
		row.State, row.Reason = "unassigned", ref(fmt.Sprintf("its pulse is %d s ahead of this clock", ahead/1000))
	case !heard:
		row.State, row.Reason = "unassigned", ref(fmt.Sprintf("no process has reported on it for %s", (time.Duration(age)*time.Millisecond).Truncate(time.Second)))
	}
	if known {
		row.HighWatermark, row.StableEnd, row.PulseAgeMs = &pulse.HighWatermark, &pulse.StableEnd, &age
	}
	row.behind(progress, pulse, heard, now)
	row.mark(cfg, progress, heard && row.atEnd(), now)
	return row
}

// atEnd says whether it is read to the end that its newest pulse has told. The end of a stopped one may be of before it stopped: a
// pulse goes on while Kafka says nothing (package ingest).
func (row *partitionRow) atEnd() bool {
	return row.State == "running" && row.Next >= *row.HighWatermark
}

// behind fills in the lag (DESIGN.md §4), where it is known. A partition read to its end is as fresh as the clock.
func (row *partitionRow) behind(progress aggregate.Progress, pulse aggregate.Pulse, heard bool, now time.Time) {
	lag := pulse.HighWatermark - progress.Next
	switch {
	case !heard || lag <= 0 && !row.atEnd():
		return
	case lag <= 0:
		row.FreshMs = ref(int64(0))
	case progress.LastMs > 0:
		row.FreshMs = ref(max(0, now.UnixMilli()-progress.LastMs))
	}
	row.Lag = ref(max(0, lag))
	if row.FreshMs != nil {
		row.LagS = ref(*row.FreshMs / 1000)
	}
}

// mark fills in the watermark (DESIGN.md §4): that of what was counted, or the clock's of a partition read to its end.
func (row *partitionRow) mark(cfg *Config, progress aggregate.Progress, atEnd bool, now time.Time) {
	mark := progress.MaxEventMs
	if atEnd {
		mark = now.UnixMilli()
	}
	if mark > 0 {
		row.Watermark = ref(cfg.timeText(mark - cfg.LatenessMs))
	}
}

func (s *Server) partitions(c *fiber.Ctx, _ args) error {
	st := s.pub.status.Load()
	rows := s.rows(st, s.pub.operators(), s.cfg.Clock())
	duplicates, miskeyed, rehearsal := st.counts()
	c.Set(fiber.HeaderCacheControl, "no-store")
	return sendJSON(c, map[string]any{"partitions": rows, "duplicates": duplicates, "miskeyed": miskeyed,
		"ledger": s.cfg.ledgerHex(), "rehearsal": rehearsal})
}

// rows gives every partition of the topic with what the store says of it.
func (s *Server) rows(st *status, r *operatorView, now time.Time) []partitionRow {
	rows := make([]partitionRow, s.cfg.Partitions)
	for p := range int32(s.cfg.Partitions) {
		row := st.partition(&s.cfg, p, now)
		if seal, ok := r.seals[p]; ok {
			row.Sealed = ref(seal.Segment)
		}
		if whole := r.verified[p] / s.cfg.Rules.Stride; whole > 0 {
			row.Verified = ref(whole - 1)
		}
		row.Process = r.processOf(p)
		rows[p] = row
	}
	return rows
}

func ref[T any](v T) *T { return &v }
