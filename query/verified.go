package query

import (
	"context"
	"maps"
	"time"

	"festival/aggregate"
)

// verifiedEvery is how often the store is asked for verification records.
const verifiedEvery = time.Second

// verified is the newest official frame that a recount found right, and none found wrong.
type verified struct {
	second    int64 // Unix seconds
	hash      string
	positions aggregate.Positions
}

// watchVerified looks now and then which frames have been verified, until ctx ends. While the store is away, what is
// known stays.
func (p *publisher) watchVerified(ctx context.Context) {
	for {
		if err := p.readVerified(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("verification records could not be read; trying again", "error", err)
		}
		if !sleep(ctx, verifiedEvery) {
			return
		}
	}
}

func (p *publisher) readVerified(ctx context.Context) error {
	second, hash, ok, err := p.cfg.Store.NewestVerified(ctx, p.cfg.prefix())
	if err != nil || !ok {
		if err == nil {
			p.verified.Store(nil)
		}
		return err
	}
	if now := p.verified.Load(); now != nil && now.hash == hash {
		return nil
	}
	row, ok, err := p.cfg.Store.FrameAt(ctx, p.cfg.prefix(), "", second)
	if err != nil || !ok || row.Hash != hash { // a record that names no frame says nothing
		return err
	}
	at, err := linkOf(row)
	if err != nil {
		return err
	}
	p.verified.Store(&verified{second: second, hash: hash, positions: at.positions})
	return nil
}

// certainty gives what is known of a frame that is made of the board now (DESIGN.md §4): it is verified where a record
// named an official frame with the same positions. Positions never fall along the chain, so the newest such frame
// decides. verifiedTo is that frame's second, "" where there is none.
func (p *publisher) certainty() (certainty, verifiedTo string) {
	v := p.verified.Load()
	if v == nil {
		return "provisional", ""
	}
	certainty = "provisional"
	if maps.Equal(v.positions, p.board.Positions()) {
		certainty = "verified"
	}
	return certainty, p.cfg.timeText(v.second * 1000)
}
