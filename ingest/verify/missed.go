package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"festival/sql"
)

// milestone names a threshold of a window.
type milestone struct {
	view      int
	threshold int64 // fen
}

// noteShown notes which thresholds a frame is the first to show.
func (r *run) noteShown(s *stand, before []int64) {
	for view, gmv := range r.windowGmv() {
		for _, threshold := range r.ThresholdsFen {
			if before[view] < threshold && gmv >= threshold {
				r.shownFirst[milestone{view, threshold}] = s
			}
		}
	}
}

// marksWithin is how far, in seconds, the chain may have gone on beyond a milestone's frame without its record. Serve stores the
// record before the next frame, and makes up at its start for what a stop has left out; a copy of a running store has the
// milestones of moments before its frames.
const marksWithin = 60

// checkMissed: a threshold that the chain shows has its record on the air before any that a later frame was the first to show, and
// before the chain has gone on for marksWithin. Where the ledger has no record at all nobody knows whether any serve had thresholds.
func (r *run) checkMissed(ctx context.Context) error {
	if len(r.shownFirst) == 0 {
		return nil
	}
	records, err := r.Store.Milestones(ctx, r.Ledger.Prefix)
	if err != nil {
		return err
	}
	newest, there := int64(0), map[milestone]bool{}
	for _, m := range records {
		if view, ok := r.totals.View(m.Window); ok && m.Kind == sql.MilestoneOnAir {
			newest, there[milestone{view, m.ThresholdFen}] = max(newest, m.Second), true
		}
	}
	for _, m := range slices.SortedFunc(maps.Keys(r.shownFirst), func(a, b milestone) int {
		return slices.Compare([]int64{int64(a.view), a.threshold}, []int64{int64(b.view), b.threshold})
	}) {
		if s := r.shownFirst[m]; !there[m] {
			r.missing(m, s, s.second < newest || len(records) > 0 && r.stands[len(r.stands)-1].second-s.second >= marksWithin)
		}
	}
	return nil
}

// missing tells of a milestone without its record: as a difference, or that it cannot be decided.
func (r *run) missing(m milestone, s *stand, decided bool) {
	where := fmt.Sprintf("window %s %d fen on air", r.rules.Windows[m.view].ID, m.threshold)
	shown := "first shown in " + frameName(s.second, s.seq)
	if decided {
		r.found.add(Difference{"milestone", where, nothing, shown + "; serve records it at its start, if the threshold is new in festival.yaml"})
		return
	}
	r.found.leave(Undecided{"milestone", where, shown + fmt.Sprintf(", and not recorded: taken out; or serve was stopped or the store copied within %d s, or no serve "+
		"has known the threshold yet. A serve that starts records it", marksWithin)})
}
