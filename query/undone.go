package query

import (
	"context"
	"fmt"

	"festival/sql"
)

// A close is for good. Once the final frame is stored this process notes it (sql.NoteClosed); a note whose closing or final
// frame is gone from the store means that somebody has taken it out. Then nothing is closed a second time, with other totals,
// and no frame is made of what would be an open festival: serve says why until the store has the frame again.

// noteClosed notes the closing that stands, once.
func (p *publisher) noteClosed(ctx context.Context) error {
	ms := p.status.Load().closingMs
	if p.cfg.Follow || p.noted == ms {
		return nil
	}
	row, ok, err := p.cfg.Store.Closing(ctx, p.cfg.prefix())
	if err == nil && ok {
		err = p.cfg.Store.NoteClosed(ctx, p.cfg.prefix(), row, p.cfg.Clock().UnixMilli())
	}
	if err == nil {
		p.noted = ms
	}
	return err
}

// undone says what is wrong where the festival was closed and the store no longer has its final frame, else "".
func (p *publisher) undone(ctx context.Context) (string, error) {
	notes, err := p.cfg.Store.ClosedNotes(ctx, p.cfg.prefix())
	for _, n := range notes {
		if !n.There {
			return p.cfg.undoneText(n), err
		}
	}
	return "", err
}

func (c *Config) undoneText(n sql.ClosedNote) string {
	return fmt.Sprintf("the festival was closed at %s by %s, and its closing or its final frame %s of %s is no longer in the store: "+
		"no frame is made and nothing is closed again; `festival verify` says what is gone; bring it back from a backup and start serve again (docs/operations.md)",
		c.timeText(n.AtMs), n.Who, n.FrameHash, c.timeText(n.Second*1000))
}

// setUndone shows why no frame is made, once; "" where the close is whole again, or there was none.
func (p *publisher) setUndone(reason string) {
	if p.state.failures.undone == reason {
		return
	}
	if reason != "" {
		p.log.Error("a close was undone in the store", "reason", reason)
	}
	p.state.failures.undone = reason
	p.show()
}
