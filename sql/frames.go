package sql

import (
	"context"
	"math"
)

type frameColumns struct {
	second, seq []int64
	hash, json  []string
}

func (c *frameColumns) columns() []column {
	return []column{int64s(&c.second), int64s(&c.seq), textsOf(&c.hash), textsOf(&c.json)}
}

// InsertFrames stores official frames. window is the window's id, "" the whole festival. A frame is immutable: the
// caller stores the same bytes for a (window, second) or none.
func (s *Store) InsertFrames(ctx context.Context, ledger uint64, window string, rows []FrameRow) error {
	var c frameColumns
	windows := make([]string, len(rows))
	for i, r := range rows {
		windows[i] = window
		c.second, c.seq = append(c.second, r.Second), append(c.seq, r.Seq)
		c.hash, c.json = append(c.hash, r.Hash), append(c.json, r.JSON)
	}
	return s.insert(ctx, "frames_insert", len(rows), append([]column{ledgerOf(ledger, len(rows)), textsOf(&windows)}, c.columns()...)...)
}

// FrameAt gives the official frame of a second, or the last one before it; ok false where there is none. A window's frame
// is official only beside the whole festival's of the same second and hash.
func (s *Store) FrameAt(ctx context.Context, ledger uint64, window string, second int64) (f FrameRow, ok bool, err error) {
	err = s.frames(ctx, "frames_at", []any{named("ledger", ledger), named("window", window), named("second", second)}, func(r FrameRow) error {
		f, ok = r, true
		return nil
	})
	return f, ok, err
}

// LastFrame gives the newest official frame; ok false where there is none.
func (s *Store) LastFrame(ctx context.Context, ledger uint64, window string) (FrameRow, bool, error) {
	return s.FrameAt(ctx, ledger, window, math.MaxInt64)
}

// FrameByHash finds an official frame; ok false where there is none. It reads all frames' hashes.
func (s *Store) FrameByHash(ctx context.Context, ledger uint64, hash string) (f FrameRow, ok bool, err error) {
	err = s.frames(ctx, "frames_by_hash", []any{named("ledger", ledger), named("hash", hash)}, func(r FrameRow) error {
		f, ok = r, true
		return nil
	})
	return f, ok, err
}

// FrameHeads gives the official frames from a second on without their JSON, in order, limit at most. Where two frames were
// stored for one second, which only a fault does, both come until the engine has merged them.
func (s *Store) FrameHeads(ctx context.Context, ledger uint64, window string, from int64, limit int) (out []FrameRow, err error) {
	var c frameColumns
	args := []any{named("ledger", ledger), named("window", window), named("from", from), named("limit", uint64(limit))}
	err = s.read(ctx, "frames_heads", args, c.columns()[:3], func(n int) error {
		for i := range n {
			out = append(out, FrameRow{Second: c.second[i], Seq: c.seq[i], Hash: c.hash[i]})
		}
		return nil
	})
	return out, err
}

// FramesUnshown counts the frames of single windows, older than the newest frame, that never became official: a stop between
// the windows' rows and the whole festival's leaves them. Nothing else here gives them.
func (s *Store) FramesUnshown(ctx context.Context, ledger uint64) (total int64, err error) {
	var count []uint64
	err = s.read(ctx, "verify_unshown", []any{named("ledger", ledger)}, []column{uint64s(&count)}, func(n int) error {
		for i := range n {
			total += int64(count[i])
		}
		return nil
	})
	return total, err
}

// Frames streams the official frames of the seconds [from, to), in order; to 0 is no bound.
func (s *Store) Frames(ctx context.Context, ledger uint64, window string, from, to int64, row func(FrameRow) error) error {
	if to == 0 {
		to = math.MaxInt64
	}
	return s.frames(ctx, "frames_range", []any{named("ledger", ledger), named("window", window), named("from", from), named("to", to)}, row)
}

func (s *Store) frames(ctx context.Context, name string, args []any, row func(FrameRow) error) error {
	var c frameColumns
	return s.read(ctx, name, args, c.columns(), func(n int) error {
		for i := range n {
			if err := row(FrameRow{Second: c.second[i], Seq: c.seq[i], Hash: c.hash[i], JSON: c.json[i]}); err != nil {
				return err
			}
		}
		return nil
	})
}
