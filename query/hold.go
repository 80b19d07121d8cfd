package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"festival/aggregate"
	"festival/sql"
)

// readRecords looks at the holds and at the close, and tells the publisher's goroutine what is new. Another process may
// have closed.
func (p *publisher) readRecords(ctx context.Context) error {
	rows, err := p.cfg.Store.Holds(ctx, p.cfg.prefix())
	if err == nil {
		rows, err = p.freezeBy(ctx, rows)
	}
	if err != nil {
		return err
	}
	if hold := holdOf(rows); hold != p.status.Load().hold {
		if err := p.do(ctx, func() { p.held(hold) }); err != nil {
			return err
		}
	}
	if p.status.Load().closingMs != 0 {
		return p.noteClosed(ctx)
	}
	row, ok, err := p.cfg.Store.Closing(ctx, p.cfg.prefix())
	if err != nil {
		return err
	}
	if !ok {
		reason, err := p.undone(ctx)
		if err != nil || reason == p.status.Load().failures.undone {
			return err
		}
		return p.do(ctx, func() { p.setUndone(reason) })
	}
	c, err := p.loadClosed(ctx, row)
	if err != nil {
		return err
	}
	return p.do(ctx, func() { p.close(c) })
}

// startRecords takes up holds and close before the first frame is made.
func (p *publisher) startRecords(ctx context.Context) error {
	rows, err := p.cfg.Store.Holds(ctx, p.cfg.prefix())
	if err != nil {
		return err
	}
	p.held(holdOf(rows))
	if p.closed != nil {
		return nil
	}
	row, ok, err := p.cfg.Store.Closing(ctx, p.cfg.prefix())
	if err != nil {
		return err
	}
	if !ok {
		reason, err := p.undone(ctx)
		p.setUndone(reason)
		return err
	}
	c, err := p.loadClosed(ctx, row)
	if err == nil {
		p.close(c)
	}
	return err
}

// holdOf gives the newest record, zero where the number is not held.
func holdOf(rows []sql.HoldRow) sql.HoldRow {
	if n := len(rows); n > 0 && rows[n-1].Held {
		return rows[n-1]
	}
	return sql.HoldRow{}
}

func (p *publisher) held(hold sql.HoldRow) {
	p.state.hold, p.dirty = hold, true
	p.metrics.held.Set(0)
	if hold.Held {
		p.metrics.held.Set(1)
	}
	p.show()
}

// frozen says on which official frame the screens rest: the last one before the first that carries the hold, which every
// screen has. That one is found in the chain itself, so restarts and other publishers say the same.
func (p *publisher) frozen() *aggregate.Frozen {
	hold := p.state.hold
	if !hold.Held || p.last.seq == 0 {
		return nil
	}
	out := &aggregate.Frozen{Second: p.cfg.timeText(p.last.second * 1000), Reason: hold.Reason, Since: p.cfg.timeText(hold.AtMs)}
	if was := p.last.frozen; was != nil && was.Since == out.Since && was.Reason == out.Reason {
		return was
	}
	return out
}

// holdBody is what `POST /api/v1/hold` takes; `DELETE` takes `by` alone.
type holdBody struct {
	Reason string `json:"reason"`
	By     string `json:"by"`
}

// hold lets the screens rest on the official frame that they show, or go on.
func (s *Server) hold(c *fiber.Ctx, _ args) error {
	if err := sameSite(c); err != nil {
		return err
	}
	var body holdBody
	d := json.NewDecoder(strings.NewReader(string(c.Body())))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return newProblem(http.StatusBadRequest, "body", `The body has to be JSON such as {"reason":"checking a figure","by":"Lin"}.`)
	}
	row := sql.HoldRow{AtMs: s.cfg.Clock().UnixMilli(), Held: c.Method() == http.MethodPost, Who: body.By, Reason: body.Reason}
	if err := ChangeHold(s.base(), s.cfg.Store, s.cfg.prefix(), row); err != nil {
		return holdProblem(err)
	}
	return sendJSON(c, map[string]any{"held": row.Held, "reason": row.Reason, "by": row.Who, "since": s.cfg.timeText(row.AtMs)})
}

// sameSite refuses a request that another site's page sent from an operator's browser: such a one bears its Origin, and can
// send a body of JSON only after asking for leave, which is never given.
func sameSite(c *fiber.Ctx) error {
	origin := c.Get(fiber.HeaderOrigin)
	if at, err := url.Parse(origin); origin != "" && (err != nil || at.Host != string(c.Context().Host())) {
		return newProblem(http.StatusForbidden, "origin", "This route does not answer to pages of another site.")
	}
	kind, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
	if strings.TrimSpace(kind) != fiber.MIMEApplicationJSON {
		return newProblem(http.StatusUnsupportedMediaType, "content-type", "The body has to be of type application/json.")
	}
	return nil
}

// holdStore is what ChangeHold asks of festival/sql.Store.
type holdStore interface {
	Holds(ctx context.Context, ledger uint64) ([]sql.HoldRow, error)
	InsertHold(ctx context.Context, ledger uint64, r sql.HoldRow) error
}

// longest texts of who and reason, bytes: they go into every frame.
const (
	longestWho    = 64
	longestReason = 200
)

// HoldError says why a hold or release cannot be.
type HoldError struct {
	Conflict bool   // nothing would change; else what was said is not enough
	Text     string // a sentence for the operator
}

// Error gives the sentence.
func (e *HoldError) Error() string { return e.Text }

func holdProblem(err error) error {
	var refused *HoldError
	switch {
	case !errors.As(err, &refused):
		return storeFailed(err)
	case refused.Conflict:
		return newProblem(http.StatusConflict, "hold", "%s", refused.Text)
	}
	return newProblem(http.StatusBadRequest, "hold", "%s", refused.Text)
}

// ChangeHold appends a hold or a release; errors are *HoldError or the store's.
func ChangeHold(ctx context.Context, store holdStore, ledger uint64, row sql.HoldRow) error {
	switch {
	case row.Who == "" || len(row.Who) > longestWho:
		return &HoldError{Text: fmt.Sprintf("by is %q: say who asks, in 1 to %d bytes.", row.Who, longestWho)}
	case row.Held && (row.Reason == "" || len(row.Reason) > longestReason):
		return &HoldError{Text: fmt.Sprintf("reason is %q: say why the number is held, in 1 to %d bytes; it is recorded and shown.", row.Reason, longestReason)}
	case !OneLine(row.Who) || !OneLine(row.Reason):
		return &HoldError{Text: fmt.Sprintf("by is %q, reason %q: each has to be one line without control characters.", row.Who, row.Reason)}
	}
	rows, err := store.Holds(ctx, ledger)
	if err != nil {
		return err
	}
	now := holdOf(rows)
	switch {
	case row.Held && now.Held:
		return &HoldError{true, fmt.Sprintf("The number is held already, by %s: %s. Release it first.", now.Who, now.Reason)}
	case !row.Held && !now.Held:
		return &HoldError{true, "The number is not held."}
	}
	if n := len(rows); n > 0 { // records are in the order of their times, whatever the clocks
		row.AtMs = max(row.AtMs, rows[n-1].AtMs+1)
	}
	return store.InsertHold(ctx, ledger, row)
}
