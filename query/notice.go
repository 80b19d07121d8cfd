package query

import "sync/atomic"

// notice is what all viewers are told beside their frames: one event of at most 65,535 bytes, replaced as a whole. Lanes read
// it without a lock.
type notice struct {
	newest atomic.Pointer[told]
}

type told struct {
	place        int64 // how many there were up to it
	wire, packed []byte
}

// told gives how many there were.
func (n *notice) told() int64 {
	if t := n.newest.Load(); t != nil {
		return t.place
	}
	return 0
}

// notified gives the notice that a viewer has not had, nil where there is none.
func (w *viewer) notified() []byte {
	if w.notice == nil || w.form.total {
		return nil
	}
	t := w.notice.newest.Load()
	if t == nil || t.place <= w.told {
		return nil
	}
	w.told = t.place
	return pick(w.form.packed, t.wire, t.packed)
}
