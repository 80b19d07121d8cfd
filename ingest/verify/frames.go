package verify

import (
	"bytes"
	"context"
	"fmt"

	"festival/aggregate/recount"
	"festival/sql"
)

// pass takes the changes up to a frame whose figures nobody can look at.
func (r *run) pass(ctx context.Context, i int) error {
	if r.sheet == nil {
		return nil
	}
	changes, err := r.sheet.take(ctx, i)
	for _, figures := range changes {
		if err == nil {
			err = r.totals.Add(figures)
		}
	}
	return err
}

// compareFrame waits until every partition has passed a frame and holds all its figures, and those of its windows'
// frames, against the recounted ones.
func (r *run) compareFrame(ctx context.Context, i int, f *recount.Frame, rows frameRows, result *FramesResult) (bool, error) {
	s := &r.stands[i]
	if !s.compared {
		return false, r.pass(ctx, i)
	}
	before := r.windowGmv()
	if err := r.pass(ctx, i); err != nil {
		return false, err
	}
	r.noteShown(s, before)
	result.Compared++
	where := frameName(s.second, s.seq)
	found := r.mismatches(where, f, r.totals.Whole()) + r.afterClose(where, f)
	for _, w := range r.rules.Windows {
		if of, looked := rows[w.ID]; looked {
			row, there := of[s.second]
			found += r.windowFrame(where+" window "+w.ID, w.ID, f, row, there, s.hash)
			result.OfWindows++
		}
	}
	for _, m := range r.milestones[s.hash] {
		result.Milestones++
		found += r.checkMilestone(s, m, before)
	}
	delete(r.milestones, s.hash)
	return found == 0, nil
}

func (r *run) mismatches(where string, f *recount.Frame, view int) int {
	found := r.shown().Compare(f, view)
	for _, m := range found {
		r.found.add(Difference{"frame", where + " " + m.Path, m.Shown, m.Recounted})
	}
	return len(found)
}

// windowFrame: a window's frame is not hashed by itself. It has its window's figures and everything else of the whole
// festival's frame, hash included.
func (r *run) windowFrame(where, id string, whole *recount.Frame, row sql.FrameRow, there bool, hash string) int {
	if !there {
		r.found.add(Difference{"frame", where, nothing, "hash " + hash})
		return 1
	}
	f, err := recount.ReadFrame([]byte(row.JSON))
	if err != nil {
		r.found.add(Difference{"frame", where, err.Error(), "a frame"})
		return 1
	}
	view, _ := r.totals.View(id)
	found := r.mismatches(where, f, view)
	mine, err := f.Common()
	if err != nil {
		mine = []byte(err.Error())
	}
	theirs, _ := whole.Common() // an error is its own chain's
	if !bytes.Equal(mine, theirs) || row.Hash != hash {
		found++
		r.found.add(Difference{"frame", where, row.Hash + " " + string(mine), hash + " " + string(theirs)})
	}
	return found
}

func (r *run) windowGmv() []int64 {
	gmv := make([]int64, len(r.rules.Windows))
	for i := range gmv {
		gmv[i] = r.shown().Total(i).GmvFen
	}
	return gmv
}

// readRecords reads what names frames: milestones and verifications. It is asked before the frames are, so that each
// record's frame is among them.
func (r *run) readRecords(ctx context.Context) (err error) {
	records, err := r.Store.Milestones(ctx, r.Ledger.Prefix)
	if err != nil {
		return err
	}
	r.milestones = map[string][]sql.MilestoneRow{}
	for _, m := range records {
		r.milestones[m.FrameHash] = append(r.milestones[m.FrameHash], m)
	}
	r.verifications, err = r.Store.Verifications(ctx, r.Ledger.Prefix)
	return err
}

// checkNames: every record names an official frame that is there. It runs before checkFrames uses the milestones up.
func (r *run) checkNames() {
	second := map[string]int64{}
	for _, s := range r.stands {
		second[s.hash] = s.second
	}
	for _, v := range r.verifications {
		r.checkName("verification", "recorded "+timeText(v.RecordedMs/1000), v.FrameHash, v.Second, second)
	}
	for hash, records := range r.milestones {
		for _, m := range records {
			if m.Kind == sql.MilestoneOnAir {
				r.checkName("milestone", milestoneName(m), hash, m.Second, second)
			} else if _, there := second[hash]; !there {
				r.checkName("milestone", milestoneName(m), hash, 0, second)
			}
		}
	}
}

// checkSaid holds what verification records say against what was found. One that says that something differs, where all
// is equal, was altered, or is of a store that was mended since. A sign-off may have mended what it had found in honesty.
func (r *run) checkSaid() {
	equal := r.found.len() == 0 && r.sheet != nil && len(r.signoffs) == 0
	for _, v := range r.verifications {
		said := fmt.Sprintf("equal %t, source %q, detail %q", v.Equal, v.Source, v.Detail)
		where := "recorded " + timeText(v.RecordedMs/1000) + " of " + timeText(v.Second)
		switch {
		case v.Equal && v.Detail != "":
			r.found.add(Difference{"verification", where, said, "one that is equal has no detail"})
		case !v.Equal && v.Detail == "":
			r.found.add(Difference{"verification", where, said, "one that differs says how"})
		case v.Source != FromKafka && v.Source != FromOrders:
			r.found.add(Difference{"verification", where, said, "a source is kafka or orders"})
		case !v.Equal && equal:
			r.found.add(Difference{"verification", where, said, "nothing differs now"})
		}
	}
}

func (r *run) checkName(what, where, hash string, at int64, second map[string]int64) {
	is, there := second[hash]
	switch {
	case !there:
		r.found.add(Difference{what, where, "frame hash " + hash, "no official frame has it"})
	case is != at:
		r.found.add(Difference{what, where, "second " + timeText(at), "frame " + hash + " is of " + timeText(is)})
	}
}

// checkMilestone holds a record against the figures of the frame that it names: on the air is the first frame that
// shows the threshold; the event second is the first through which the window's GMV reaches it, as of that frame.
func (r *run) checkMilestone(s *stand, m sql.MilestoneRow, before []int64) int {
	view, ok := r.totals.View(m.Window)
	if !ok || view == r.totals.Whole() {
		r.found.add(Difference{"milestone", milestoneName(m), "window " + m.Window, "the ledger has none such"})
		return 1
	}
	now := r.shown().Total(view).GmvFen
	if m.Kind == sql.MilestoneOnAir {
		if before[view] < m.ThresholdFen && now >= m.ThresholdFen {
			return 0
		}
		r.found.add(Difference{"milestone", milestoneName(m), "first shown in " + frameName(s.second, s.seq),
			fmt.Sprintf("%d fen there, %d in the frame before", now, before[view])})
		return 1
	}
	second, reached := r.shown().Reached(view, m.ThresholdFen)
	if reached && second == m.Second {
		return 0
	}
	recounted := "not reached"
	if reached {
		recounted = "event second " + timeText(second)
	}
	r.found.add(Difference{"milestone", milestoneName(m), "event second " + timeText(m.Second), recounted})
	return 1
}

func milestoneName(m sql.MilestoneRow) string {
	kind := [...]string{sql.MilestoneOnAir: "on air", sql.MilestoneEvent: "event second", sql.MilestoneCorrection: "correction"}
	return fmt.Sprintf("window %s %d fen %s recorded %s", m.Window, m.ThresholdFen, kind[min(m.Kind, sql.MilestoneCorrection)],
		timeText(m.RecordedMs/1000))
}
