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

// checkMissed: a threshold that the chain shows has its record on the air before any that a later frame was the first to show.
// Records come after their frame, but before the next frame; what a stop has left out serve makes up for at its start. So the
// newest may be missing in honesty, and in a copy of a running store; one before a later one may not.
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
		if s := r.shownFirst[m]; !there[m] && s.second < newest {
			r.found.add(Difference{"milestone", fmt.Sprintf("window %s %d fen on air", r.rules.Windows[m.view].ID, m.threshold), nothing,
				"first shown in " + frameName(s.second, s.seq) + "; serve records it at its start, if the threshold is new in festival.yaml"})
		}
	}
	return nil
}
