package aggregate

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrUnbalanced says that total, sum of countries and sum of devices differ. Such a frame is not published.
var ErrUnbalanced = errors.New("frame does not balance")

// FrameState is what a frame says beside the board's own sums. Its owner is the publisher of frames.
type FrameState struct {
	Seq           int64  // of the last official frame; for an official frame its own
	Second        int64  // Unix milliseconds; shown as a whole second
	Official      bool   // gives the frame its hash
	Prev          string // hash of the official frame before, at first the ledger id (64 hex digits)
	Certainty     string // provisional, verified or final
	VerifiedTo    string // second of the newest verified frame, "" for null
	Frozen        *Frozen
	Correction    *Correction
	Closed        bool  // after `festival close`: the board is that of the closing cells, nowMs the moment of the close
	Gaps          []Gap // where Closed: what was incomplete at the close
	AfterClose    int64 // paid orders in windows at the positions After, less those at the close
	AfterCloseFen int64
	After         Positions
}

// Frame makes a frame of the board as of now: one consistent cut, immutable. It fails with ErrUnbalanced, naming the
// figures, where total, countries and devices differ, and with ErrBoardSum. Windows that did not change since the
// last frame cost nothing.
func (b *Board) Frame(nowMs int64, st FrameState) (*Frame, error) {
	if b.broken != nil {
		return nil, b.broken
	}
	if err := b.balance(); err != nil {
		return nil, err
	}
	phase, window := b.config.Rules.phase(nowMs, st.Closed)
	f := &Frame{Seq: st.Seq, Second: b.seconds(st.Second), Official: st.Official, Ledger: b.ledger,
		Rehearsal: b.log[LogRehearsal] > 0, Phase: phase, Window: window, Certainty: st.Certainty,
		VerifiedTo: optional(st.VerifiedTo), Incomplete: b.Incomplete(nowMs), Frozen: st.Frozen,
		Correction: st.Correction, Rate: b.pace(nowMs, b.allWindows()...), Positions: b.Positions(),
		Watermark: b.watermark(nowMs), FreshMs: b.freshMs(nowMs), Prev: st.Prev}
	if st.Closed {
		f.Incomplete, f.After = append([]Gap{}, st.Gaps...), st.After
	}
	f.Complete = len(f.Incomplete) == 0
	f.put(b.view(&b.whole, st))
	for i := range b.windows {
		v := b.view(&b.windows[i], st)
		v.rate = b.pace(nowMs, i)
		f.views = append(f.views, v)
		f.Windows = append(f.Windows, WindowTotal{ID: b.config.Rules.Windows[i].ID, Total: v.total, Mobile: v.mobile})
	}
	if st.Official {
		digest := f.Digest()
		f.Hash = &digest
	}
	return f, nil
}

// view is what a frame says of one window, or of all.
type view struct {
	total  Total
	mobile Mobiles
	rate   Pace
	lists  lists
}

func (b *Board) view(t *tally, st FrameState) view {
	return view{total: b.total(t.total, st), mobile: mobiles(t.total), lists: t.show()}
}

// put fills the part of a frame that differs between windows.
func (f *Frame) put(v view) {
	f.Total, f.Mobile = v.total, v.mobile
	f.Devices, f.Countries, f.Provinces, f.Flows = v.lists.devices, v.lists.countries, v.lists.provinces, v.lists.flows
}

// OfWindow gives the frame of one window alone: its total, mobile, rate, lists, and its row of windows; everything
// else, hash included, is the whole frame's. False where the festival has no such window, or where the frame was
// read from JSON.
func (f *Frame) OfWindow(id string) (*Frame, bool) {
	for i, v := range f.views {
		if f.Windows[i].ID == id {
			one := *f
			one.put(v)
			one.Rate, one.Windows, one.views = v.rate, f.Windows[i:i+1:i+1], f.views[i:i+1:i+1]
			return &one, true
		}
	}
	return nil, false
}

func (b *Board) total(m Measures, st FrameState) Total {
	t := Total{GmvFen: m.GmvFen, Orders: m.Orders, Created: m.Created, Refunds: m.Refunds, RefundFen: m.RefundFen,
		NetFen: m.GmvFen - m.RefundFen, Duplicates: b.log[LogDuplicates], Rejected: b.rejected(),
		Outside: b.log[LogOutside], Miskeyed: b.log[LogMiskeyed], AfterClose: st.AfterClose, AfterCloseFen: st.AfterCloseFen}
	if cents, ok := b.config.Rules.UsdCents(m.GmvFen); ok {
		t.GmvUsdCents = &cents
	}
	return t
}

func mobiles(m Measures) Mobiles {
	return Mobiles{GmvFen: m.MobileGmvFen, Orders: m.MobileOrders, ShareGmv: share(m.MobileGmvFen, m.GmvFen),
		ShareOrders: share(m.MobileOrders, m.Orders)}
}

// balance holds total, sum of countries and sum of devices against each other, per window and whole.
func (b *Board) balance() error {
	for i := range b.windows {
		if err := b.windows[i].balance("window " + b.config.Rules.Windows[i].ID); err != nil {
			return err
		}
	}
	if err := b.whole.balance("all windows"); err != nil {
		return err
	}
	var sum Measures
	for i := range b.windows {
		sum, _ = sum.Add(b.windows[i].total)
	}
	if sum != b.whole.total {
		return fmt.Errorf("%w: total %+v, sum of windows %+v", ErrUnbalanced, b.whole.total, sum)
	}
	return nil
}

// balance is remembered with the lists: a tally that did not change is not summed again.
func (t *tally) balance(what string) error {
	if !t.changed {
		return nil
	}
	if sum := t.countries.sum(); sum != t.total {
		return fmt.Errorf("%w: %s: total %+v, sum of countries %+v", ErrUnbalanced, what, t.total, sum)
	}
	if sum := t.devices.sum(); sum != t.total {
		return fmt.Errorf("%w: %s: total %+v, sum of devices %+v", ErrUnbalanced, what, t.total, sum)
	}
	return nil
}

// phase gives the festival's phase by the clock, and the open window, else the next one, else the last one.
func (r *Rules) phase(nowMs int64, closed bool) (string, *string) {
	next := slices.IndexFunc(r.Windows, func(w Window) bool { return nowMs < w.EndMs })
	phase := "between"
	switch {
	case closed:
		phase = "closed"
	case next >= 0 && nowMs >= r.Windows[next].StartMs:
		phase = "open"
	case next == 0:
		phase = "before"
	}
	if next < 0 {
		next = len(r.Windows) - 1
	}
	return phase, &r.Windows[next].ID
}

func (b *Board) allWindows() []int {
	out := make([]int, len(b.windows))
	for i := range out {
		out[i] = i
	}
	return out
}

// seconds gives a time as RFC 3339 in the festival's zone, cut to seconds.
func (b *Board) seconds(ms int64) string {
	return time.UnixMilli(ms).In(b.config.Zone).Format(time.RFC3339)
}

// watermark gives the watermark with milliseconds, nil where there is none.
func (b *Board) watermark(nowMs int64) *string {
	ms, ok := b.Watermark(nowMs)
	if !ok {
		return nil
	}
	return optional(time.UnixMilli(ms).In(b.config.Zone).Format("2006-01-02T15:04:05.000Z07:00"))
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
