package query

import (
	"context"
	"fmt"

	"festival/sql"
)

// follow shows the official frames that another process stores, until ctx ends: the same bytes, the same hashes. second
// is that of the last one shown. Live frames are made here, from the tail.
func (p *publisher) follow(ctx context.Context, second int64) {
	packer, err := newPacker() // the publisher's own belongs to its goroutine
	if err != nil {
		p.log.Error("following is impossible", "error", err)
		return
	}
	for sleep(ctx, tailEvery) {
		to, err := p.followOnce(ctx, packer, second)
		if err != nil && ctx.Err() == nil {
			p.log.Warn("following the store failed; trying again", "error", err)
			send(ctx, p.refused, err)
		}
		second = to
	}
}

// followOnce shows what was stored after a second and gives the second of the last one shown.
func (p *publisher) followOnce(ctx context.Context, packer *packer, second int64) (int64, error) {
	var rows []sql.FrameRow
	ledger := p.cfg.prefix()
	err := p.cfg.Store.Frames(ctx, ledger, "", second+1, 0, func(r sql.FrameRow) error {
		rows = append(rows, r)
		return nil
	})
	if err != nil || len(rows) == 0 {
		return second, err
	}
	newest := rows[len(rows)-1] // older ones are of no use to a screen any more
	c, err := p.candidateOf(ctx, packer, newest)
	if err != nil {
		return second, err
	}
	send(ctx, p.kept, c)
	return newest.Second, nil
}

// stored makes the events of a stored official frame: the whole festival's, and its windows' where there are several.
func (p *publisher) stored(ctx context.Context, packer *packer, row sql.FrameRow) ([]viewEvent, error) {
	var out []viewEvent
	for _, view := range p.cfg.views() {
		one, ok := row, true
		if view != "" {
			var err error
			if one, ok, err = p.cfg.Store.FrameAt(ctx, p.cfg.prefix(), view, row.Second); err != nil {
				return nil, err
			}
		}
		if ok {
			out = append(out, viewEvent{view, packer.newEvent(fmt.Sprint(one.Seq), one.Hash, true, one.Second, []byte(one.JSON))})
		}
	}
	return out, nil
}
