package query

import (
	"context"
	"maps"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// verifiedEvery is how often the store is asked for verification records.
const verifiedEvery = time.Second

// verified is what the verification records say, and the positions of the newest official frame that a recount found right
// and none found wrong. Immutable, replaced as a whole.
type verified struct {
	state     sql.VerifyState
	positions aggregate.Positions // nil where no such frame is known
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
	state, err := p.cfg.Store.VerifyState(ctx, p.cfg.prefix())
	was := p.verified.Load()
	if err != nil || was.state == state {
		return err
	}
	next := verified{state: state, positions: was.positions}
	if state.NewestHash != was.state.NewestHash {
		if next.positions, err = p.positionsOf(ctx, state); err != nil {
			return err
		}
	}
	p.verified.Store(&next)
	return nil
}

// positionsOf gives the positions of the newest frame found right, nil where a record names no frame: it says nothing.
func (p *publisher) positionsOf(ctx context.Context, state sql.VerifyState) (aggregate.Positions, error) {
	if state.NewestHash == "" {
		return nil, nil
	}
	row, ok, err := p.cfg.Store.FrameAt(ctx, p.cfg.prefix(), "", state.Newest)
	if err != nil || !ok || row.Hash != state.NewestHash {
		return nil, err
	}
	at, err := linkOf(row)
	return at.positions, err
}

// certainty gives what is known of a frame that is made of the board now (DESIGN.md §4): it is verified where a record
// named an official frame with the same positions. Positions never fall along the chain, so the newest such frame
// decides. verifiedTo is that frame's second, "" where there is none.
func (p *publisher) certainty() (certainty, verifiedTo string) {
	v := p.verified.Load()
	if v.positions == nil {
		return "provisional", ""
	}
	certainty = "provisional"
	if maps.Equal(v.positions, p.board.Positions()) {
		certainty = "verified"
	}
	return certainty, p.cfg.timeText(v.state.Newest * 1000)
}
