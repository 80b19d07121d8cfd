package query

import (
	"context"
	"slices"
	"time"

	"festival/sql"
)

// timetableName is who holds the number at a moment of wall.freeze_at, and why.
const (
	timetableName   = "timetable"
	timetableReason = "closing timetable (wall.freeze_at)"
)

// freezeBy holds the number at the moments of wall.freeze_at. Every serve may do it: the record's time is the moment itself,
// so those of two serves are one record. A moment counts once, for good: what an operator did after it, and a hold that
// stands when it comes, go before it, and a release is not undone.
func (p *publisher) freezeBy(ctx context.Context, rows []sql.HoldRow) ([]sql.HoldRow, error) {
	due, ok := dueFreeze(p.cfg.Wall.FreezeAt, rows, p.cfg.Clock())
	if !ok || p.status.Load().closingMs != 0 {
		return rows, nil
	}
	row := sql.HoldRow{AtMs: due, Held: true, Who: timetableName, Reason: timetableReason}
	if err := p.cfg.Store.InsertHold(ctx, p.cfg.prefix(), row); err != nil {
		return rows, err
	}
	p.log.Info("the number is held by the timetable", "since", p.cfg.timeText(due))
	return p.cfg.Store.Holds(ctx, p.cfg.prefix())
}

// dueFreeze gives the newest moment that has come and is not followed by any record.
func dueFreeze(moments []time.Time, rows []sql.HoldRow, now time.Time) (atMs int64, ok bool) {
	for _, at := range moments {
		if !at.After(now) {
			atMs, ok = at.UnixMilli(), true
		}
	}
	later := func(r sql.HoldRow) bool { return r.AtMs >= atMs }
	return atMs, ok && !holdOf(rows).Held && !slices.ContainsFunc(rows, later)
}

// untilRecords is how long the look at the records may wait: a moment of the timetable is not missed by a second.
func (p *publisher) untilRecords() time.Duration {
	wait, now := recordsEvery, p.cfg.Clock()
	for _, at := range p.cfg.Wall.FreezeAt {
		if left := at.Sub(now); left > 0 {
			wait = min(wait, left)
		}
	}
	return wait
}
