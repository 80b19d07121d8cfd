package query

import (
	"context"
	"time"
)

// How often sealed segments are rolled up, and for how many of them it is worth it: a reader takes as long for the cells
// of so many segments as for a day that is rolled up.
const (
	rollUpEvery   = 30 * time.Second
	rollUpAtLeast = 8
)

// rollUp sums the cells of sealed segments, so that history is read fast, until ctx ends. Of several serves the one that
// publishes does it. It changes no figure: where it fails, cells are read.
func (p *publisher) rollUp(ctx context.Context) {
	for sleep(ctx, rollUpEvery) {
		if p.cfg.Frames != nil && !p.topic.holds() {
			continue
		}
		begun := time.Now()
		r, err := p.cfg.Store.RollUp(ctx, p.cfg.prefix(), p.cfg.Partitions, p.cfg.Clock(), rollUpAtLeast)
		switch {
		case err != nil && ctx.Err() == nil:
			p.log.Warn("rolling up sealed segments failed; trying again", "error", err)
		case r != nil:
			p.log.Info("sealed segments rolled up", "runs", len(r.Runs), "rows", r.Rows, "took", time.Since(begun))
			p.metrics.rolledUp.Set(float64(r.MadeMs) / 1000)
		}
	}
}
