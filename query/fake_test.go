package query

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"festival/aggregate"
	"festival/sql"
)

var errDown = errors.New("store is down")

// memoryStore is a store that behaves: highest revision wins, frames are immutable, and it can be taken down.
type memoryStore struct {
	mu       sync.Mutex
	down     bool
	cells    map[identity]sql.CellRow
	frames   map[string]map[int64]sql.FrameRow
	inserts  int // calls of InsertFrames
	marks    []sql.MilestoneRow
	verified []sql.VerificationRow
	pulses   []sql.PulseRow
	rejects  []sql.Reject
	reports  []sql.ReportRow
	holds    []sql.HoldRow
	walls    []sql.WallChange
	signoffs []sql.Signoff
	seriesOf func() // called inside Series, for tests of the cache
	closings memoryClosings
	keys     []sql.FrameKey
}

func (s *memoryStore) FrameKeys(context.Context, uint64) ([]sql.FrameKey, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return slices.Clone(s.keys), nil
}

// InsertFrameKey keeps them in no order: the worst that clocks can do.
func (s *memoryStore) InsertFrameKey(_ context.Context, _ uint64, key sql.FrameKey, _ int64) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.keys = append([]sql.FrameKey{key}, s.keys...)
	return nil
}

func newMemoryStore() *memoryStore {
	return &memoryStore{cells: map[identity]sql.CellRow{}, frames: map[string]map[int64]sql.FrameRow{}}
}

func (s *memoryStore) enter() error {
	s.mu.Lock()
	if s.down {
		s.mu.Unlock()
		return errDown
	}
	return nil
}

func (s *memoryStore) setDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// put stores what a flush writes.
func (s *memoryStore) put(u aggregate.Update) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range u.Cells {
		s.keep(sql.CellRow{Window: c.Window, Dim: uint8(c.Dim), Partition: c.Partition, Segment: c.Segment, Bucket: c.Bucket,
			Revision: c.Revision, Key: c.Key, M: [7]int64{c.M.Orders, c.M.GmvFen, c.M.MobileOrders, c.M.MobileGmvFen,
				c.M.Created, c.M.Refunds, c.M.RefundFen}})
	}
	for _, p := range u.Progress {
		s.keep(sql.CellRow{Window: aggregate.NoWindow, Dim: uint8(aggregate.DimProgress), Partition: p.Partition, Revision: p.Next,
			M: [7]int64{p.Tail.BaseOffset, int64(p.Tail.CRC), int64(p.Tail.LeaderEpoch), p.LastMs, p.MaxEventMs}})
	}
}

func (s *memoryStore) keep(r sql.CellRow) {
	id := identity{r.Window, aggregate.Dim(r.Dim), r.Partition, r.Segment, r.Bucket, r.Key}
	if old, ok := s.cells[id]; !ok || r.Revision >= old.Revision {
		s.cells[id] = r
	}
}

func (s *memoryStore) InsertFrames(_ context.Context, _ uint64, window string, rows []sql.FrameRow) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.inserts++
	for _, r := range rows {
		if s.frames[window] == nil {
			s.frames[window] = map[int64]sql.FrameRow{}
		}
		if old, ok := s.frames[window][r.Second]; ok && old != r {
			panic("an official frame was changed")
		}
		s.frames[window][r.Second] = r
	}
	return nil
}

func (s *memoryStore) FrameAt(_ context.Context, _ uint64, window string, second int64) (out sql.FrameRow, ok bool, err error) {
	if err := s.enter(); err != nil {
		return out, false, err
	}
	defer s.mu.Unlock()
	for at, r := range s.frames[window] {
		if at <= second && (!ok || at > out.Second) {
			out, ok = r, true
		}
	}
	return out, ok, nil
}

func (s *memoryStore) LastFrame(ctx context.Context, ledger uint64, window string) (sql.FrameRow, bool, error) {
	return s.FrameAt(ctx, ledger, window, 1<<62)
}

func (s *memoryStore) Frames(_ context.Context, _ uint64, window string, from, to int64, row func(sql.FrameRow) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for _, second := range slices.Sorted(maps.Keys(s.frames[window])) {
		if second >= from && (to == 0 || second < to) {
			if err := row(s.frames[window][second]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *memoryStore) FrameHeads(ctx context.Context, ledger uint64, window string, from int64, limit int) (out []sql.FrameRow, err error) {
	err = s.Frames(ctx, ledger, window, from, 0, func(r sql.FrameRow) error {
		if r.JSON = ""; len(out) < limit {
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

func (s *memoryStore) Progress(context.Context, uint64) ([]sql.CellRow, error) {
	return s.rows(func(r sql.CellRow) bool { return aggregate.Dim(r.Dim) == aggregate.DimProgress })
}

func (s *memoryStore) rows(want func(sql.CellRow) bool) ([]sql.CellRow, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var out []sql.CellRow
	for _, r := range s.cells {
		if want(r) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (s *memoryStore) BoardSums(_ context.Context, _ uint64, unfinished map[int32]int64, row func(sql.CellRow) error) error {
	rows, err := s.rows(func(r sql.CellRow) bool {
		return aggregate.Dim(r.Dim) != aggregate.DimProgress && r.Segment < unfinished[r.Partition]
	})
	for _, r := range rows {
		r.Partition, r.Segment, r.Revision = 0, 0, 0
		if err := row(r); err != nil {
			return err
		}
	}
	return err
}

func (s *memoryStore) Tail(_ context.Context, _ uint64, positions map[int32]int64, row func(sql.CellRow) error) error {
	if len(positions) == 0 {
		return sql.ErrNoPositions
	}
	rows, err := s.rows(func(r sql.CellRow) bool {
		at, named := positions[r.Partition]
		return named && r.Revision > at
	})
	for _, r := range rows {
		if err := row(r); err != nil {
			return err
		}
	}
	return err
}

func (s *memoryStore) RolledParts() int64 { return 0 }

func (s *memoryStore) RollUp(context.Context, uint64, int, time.Time, int64) (*sql.RollUp, error) {
	return nil, nil
}

func (s *memoryStore) Pulses(context.Context, uint64) ([]sql.PulseRow, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return slices.Clone(s.pulses), nil
}

func (s *memoryStore) setPulses(rows ...sql.PulseRow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulses = rows
}

func add(a, b [7]int64) [7]int64 {
	for i := range a {
		a[i] += b[i]
	}
	return a
}

func (s *memoryStore) Series(_ context.Context, _ uint64, q sql.SeriesQuery) ([]sql.Point, error) {
	if s.seriesOf != nil {
		s.seriesOf()
	}
	rows, err := s.rows(func(r sql.CellRow) bool {
		return aggregate.Dim(r.Dim).String() == q.Dim && r.Key == q.Key && r.Bucket >= q.From && r.Bucket < q.To &&
			(q.Window == sql.AnyWindow || q.Window == r.Window)
	})
	sums := map[int64][7]int64{}
	for _, r := range rows {
		t := r.Bucket / q.Step * q.Step
		sums[t] = add(sums[t], r.M)
	}
	var out []sql.Point
	for _, t := range slices.Sorted(maps.Keys(sums)) {
		out = append(out, sql.Point{T: t, M: sums[t]})
	}
	return out, err
}

func (s *memoryStore) Breakdown(_ context.Context, _ uint64, q sql.BreakdownQuery) ([]sql.KeySum, error) {
	rows, err := s.rows(func(r sql.CellRow) bool {
		return aggregate.Dim(r.Dim).String() == q.Dim && r.Bucket >= q.From && (q.To == 0 || r.Bucket < q.To) &&
			(q.Window == sql.AnyWindow || q.Window == r.Window)
	})
	sums := map[string][7]int64{}
	for _, r := range rows {
		sums[r.Key] = add(sums[r.Key], r.M)
	}
	var out []sql.KeySum
	for _, key := range slices.Sorted(maps.Keys(sums)) {
		out = append(out, sql.KeySum{Key: key, M: sums[key]})
	}
	slices.SortStableFunc(out, func(a, b sql.KeySum) int { return int(b.M[1] - a.M[1]) })
	return out, err
}

func (s *memoryStore) MerchantTotal(_ context.Context, _ uint64, id string, window uint8, _ int64) (m [7]int64, err error) {
	rows, err := s.rows(func(r sql.CellRow) bool {
		return aggregate.Dim(r.Dim) == aggregate.DimMerchant && r.Key == id && (window == sql.AnyWindow || window == r.Window)
	})
	for _, r := range rows {
		m = add(m, r.M)
	}
	return m, err
}

func (s *memoryStore) MerchantSeries(context.Context, uint64, sql.MerchantQuery) ([]sql.Point, error) {
	return nil, s.ping()
}

func (s *memoryStore) ping() error {
	if err := s.enter(); err != nil {
		return err
	}
	s.mu.Unlock()
	return nil
}

func (s *memoryStore) Rejects(context.Context, uint64, map[int32]int64, uint64) ([]sql.Reject, error) {
	return s.rejects, s.ping()
}

func (s *memoryStore) RejectCounts(context.Context, uint64, map[int32]int64) (map[string]int64, error) {
	out := map[string]int64{}
	for _, r := range s.rejects {
		out[r.Reason]++
	}
	return out, s.ping()
}

func (s *memoryStore) Milestones(context.Context, uint64) ([]sql.MilestoneRow, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return slices.Clone(s.marks), nil
}

func (s *memoryStore) InsertMilestone(_ context.Context, _ uint64, r sql.MilestoneRow) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if !slices.Contains(s.marks, r) {
		s.marks = append(s.marks, r)
	}
	return nil
}

func (s *memoryStore) Verifications(context.Context, uint64) ([]sql.VerificationRow, error) {
	return s.verified, s.ping()
}

func (s *memoryStore) VerifyState(context.Context, uint64) (out sql.VerifyState, err error) {
	if err := s.enter(); err != nil {
		return out, err
	}
	defer s.mu.Unlock()
	right := map[string]bool{}
	for _, v := range s.verified {
		wrong := func(w sql.VerificationRow) bool { return w.FrameHash == v.FrameHash && !w.Equal }
		if !v.Equal {
			out.Different, out.DifferentMs, out.Detail = out.Different+1, v.RecordedMs, v.Detail
		} else if !slices.ContainsFunc(s.verified, wrong) {
			if right[v.FrameHash] = true; v.Second >= out.Newest {
				out.Newest, out.NewestHash = v.Second, v.FrameHash
			}
		}
	}
	out.Verified = int64(len(right))
	return out, nil
}

func (s *memoryStore) LastSeals(context.Context, uint64, []int32) (map[int32]sql.SealRow, error) {
	return map[int32]sql.SealRow{0: {Segment: 0}}, s.ping()
}

// cutStore is one process's way to a store, which can be cut.
type cutStore struct {
	Store
	cut atomic.Bool
}

func (s *cutStore) reach() error {
	if s.cut.Load() {
		return errDown
	}
	return nil
}

func (s *cutStore) InsertFrames(ctx context.Context, ledger uint64, window string, rows []sql.FrameRow) error {
	return s.unless(func() error { return s.Store.InsertFrames(ctx, ledger, window, rows) })
}

func (s *cutStore) FrameHeads(ctx context.Context, ledger uint64, window string, from int64, limit int) (out []sql.FrameRow, err error) {
	err = s.unless(func() (err error) { out, err = s.Store.FrameHeads(ctx, ledger, window, from, limit); return err })
	return out, err
}

func (s *cutStore) Tail(ctx context.Context, ledger uint64, positions map[int32]int64, row func(sql.CellRow) error) error {
	return s.unless(func() error { return s.Store.Tail(ctx, ledger, positions, row) })
}

func (s *cutStore) unless(do func() error) error {
	if err := s.reach(); err != nil {
		return err
	}
	return do()
}
