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
	official  time.Time        // when the last official frame was acknowledged, by the server's clock
	frame     *aggregate.Frame // the newest frame, nil before the first
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
	Lag           *int64  `json:"lag"`   // records
	LagS          *int64  `json:"lag_s"` // seconds behind, rounded down
	Watermark     *string `json:"watermark"`
	Segment       int64   `json:"segment"` // the open segment
	Sealed        *int64  `json:"sealed"`  // the newest sealed segment
	State         string  `json:"state"`   // running, stopped, unassigned
	Reason        *string `json:"reason"`
	FreshMs       *int64  `json:"fresh_ms"`
	Used          int64   `json:"used"`     // offsets of the open segment that are read
	Verified      *int64  `json:"verified"` // the newest segment that a recount has found right, whole
	Process       *string `json:"process"`  // that counts it, as it said last
}

// pulseAge is how old a pulse may be before its partition counts as incomplete (DESIGN.md §4).
const pulseAge = 5 * time.Second

// partition joins what is known of one partition at a moment.
func (st *status) partition(cfg *Config, p int32, now time.Time) partitionRow {
	progress, pulse := st.progress[p], st.pulses[p]
	row := partitionRow{Partition: p, Next: progress.Next, Segment: progress.Next / cfg.Rules.Stride,
		Used: progress.Next % cfg.Rules.Stride, State: "running"}
	_, known := st.pulses[p]
	switch {
	case !known:
		row.State, row.Reason = "unassigned", ref("no process has reported on it yet")
	case pulse.Stopped != "":
		row.State, row.Reason = "stopped", &pulse.Stopped
	case st.failures.load+st.failures.store != "": // nothing is heard of any partition: the store is away, which has a sentence of its own
	case now.UnixMilli()-pulse.AtMs > pulseAge.Milliseconds():
		age := time.Duration(now.UnixMilli()-pulse.AtMs) * time.Millisecond
		row.State, row.Reason = "unassigned", ref(fmt.Sprintf("no process has reported on it for %s", age.Truncate(time.Second)))
	}
	if known {
		row.HighWatermark, row.StableEnd = &pulse.HighWatermark, &pulse.StableEnd
		row.Lag = ref(max(0, pulse.HighWatermark-progress.Next))
	}
	row.times(cfg, progress, known && progress.Next >= pulse.HighWatermark, now)
	return row
}

// times fills in watermark and freshness (DESIGN.md §4). A partition read to its end is as fresh as the clock.
func (row *partitionRow) times(cfg *Config, progress aggregate.Progress, atEnd bool, now time.Time) {
	fresh, mark := progress.LastMs, progress.MaxEventMs
	if atEnd {
		fresh, mark = now.UnixMilli(), now.UnixMilli()
	}
	if fresh > 0 {
		row.FreshMs = ref(max(0, now.UnixMilli()-fresh))
		row.LagS = ref(*row.FreshMs / 1000)
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
