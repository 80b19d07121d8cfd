package query

import (
	"cmp"
	"context"
	"slices"

	"festival/aggregate"
	"festival/sql"
)

// memoryClosings is the part of memoryStore that holds and closings use.
type memoryClosings struct {
	ledger   sql.Ledger
	requests []sql.CloseRequest
	answers  map[int64]string
	cells    map[int64][]sql.CellRow // by closing
	offers   []sql.Closing
	notes    []sql.ClosedNote
	broken   func(step string) error // a step that fails, for crashes
}

func (s *memoryStore) step(name string) error {
	if err := s.ping(); err != nil {
		return err
	}
	if s.closings.broken != nil {
		return s.closings.broken(name)
	}
	return nil
}

func (s *memoryStore) Holds(context.Context, uint64) ([]sql.HoldRow, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return slices.Clone(s.holds), nil
}

func (s *memoryStore) InsertHold(_ context.Context, _ uint64, r sql.HoldRow) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	same := func(o sql.HoldRow) bool { return o.AtMs == r.AtMs && o.Held == r.Held && o.Who == r.Who } // they replace each other
	s.holds = append(slices.DeleteFunc(s.holds, same), r)
	slices.SortStableFunc(s.holds, func(a, b sql.HoldRow) int { return cmp.Compare(a.AtMs, b.AtMs) })
	return nil
}

func (s *memoryStore) Ledgers(context.Context) ([]sql.Ledger, error) {
	if err := s.step("ledgers"); err != nil {
		return nil, err
	}
	return []sql.Ledger{s.closings.ledger}, nil
}

func (s *memoryStore) Closing(context.Context, uint64) (sql.Closing, bool, error) {
	if err := s.enter(); err != nil {
		return sql.Closing{}, false, err
	}
	defer s.mu.Unlock()
	for _, c := range s.closings.offers {
		if f, ok := s.frames[""][c.Second]; ok && f.Hash == c.FrameHash {
			return c, true, nil
		}
	}
	return sql.Closing{}, false, nil
}

func (s *memoryStore) ask(r sql.CloseRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closings.requests = append(s.closings.requests, r)
}

func (s *memoryStore) CloseAsked(_ context.Context, _ uint64, since int64) (sql.CloseRequest, bool, error) {
	if err := s.enter(); err != nil {
		return sql.CloseRequest{}, false, err
	}
	defer s.mu.Unlock()
	for _, r := range s.closings.requests {
		if _, answered := s.closings.answers[r.AtMs]; !answered && r.AtMs >= since {
			return r, true, nil
		}
	}
	return sql.CloseRequest{}, false, nil
}

func (s *memoryStore) AnswerClose(_ context.Context, _ uint64, requestMs, _ int64, answer string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.closings.answers == nil {
		s.closings.answers = map[int64]string{}
	}
	s.closings.answers[requestMs] = answer
	return nil
}

func (s *memoryStore) answer(requestMs int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closings.answers[requestMs]
}

func (s *memoryStore) CutCells(_ context.Context, _ uint64, atMs int64) error {
	if err := s.step("cut"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sums := map[identity]sql.CellRow{}
	for id, r := range s.cells {
		id.segment = 0
		sum, ok := sums[id]
		if !ok {
			sum = r
			sum.Segment = 0
		} else {
			sum.M, sum.Revision = add(sum.M, r.M), max(sum.Revision, r.Revision)
		}
		sums[id] = sum
	}
	if s.closings.cells == nil {
		s.closings.cells = map[int64][]sql.CellRow{}
	}
	var rows []sql.CellRow
	for _, r := range sums {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b sql.CellRow) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Window, b.Window), cmp.Compare(a.Dim, b.Dim),
			cmp.Compare(a.Key, b.Key), cmp.Compare(a.Bucket, b.Bucket))
	})
	s.closings.cells[atMs] = rows
	return nil
}

func (s *memoryStore) OfferClosing(_ context.Context, _ uint64, c sql.Closing) error {
	if err := s.step("offer"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closings.offers = append(s.closings.offers, c)
	return nil
}

func (s *memoryStore) closingRows(atMs int64, progress bool, row func(sql.CellRow) error) error {
	if err := s.step("closing cells"); err != nil {
		return err
	}
	s.mu.Lock()
	rows := s.closings.cells[atMs]
	s.mu.Unlock()
	for _, r := range rows {
		if (aggregate.Dim(r.Dim) == aggregate.DimProgress) == progress {
			if err := row(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *memoryStore) ClosingCells(_ context.Context, _ uint64, atMs int64, row func(sql.CellRow) error) error {
	return s.closingRows(atMs, false, row)
}

func (s *memoryStore) ClosingProgress(_ context.Context, _ uint64, atMs int64) (out []sql.CellRow, err error) {
	err = s.closingRows(atMs, true, func(r sql.CellRow) error { out = append(out, r); return nil })
	return out, err
}

func (s *memoryStore) ClosingSums(_ context.Context, _ uint64, atMs int64, row func(sql.CellRow) error) error {
	return s.closingRows(atMs, false, func(r sql.CellRow) error {
		r.Partition, r.Revision = 0, 0
		return row(r)
	})
}

func (s *memoryStore) Cells(_ context.Context, _ uint64, partition int32, first, end int64, row func(sql.CellRow) error) error {
	rows, err := s.rows(func(r sql.CellRow) bool {
		return r.Partition == partition && r.Segment >= first && (end == 0 || r.Segment < end) && aggregate.Dim(r.Dim) != aggregate.DimProgress
	})
	for _, r := range rows {
		if err := row(r); err != nil {
			return err
		}
	}
	return err
}

func (s *memoryStore) Seals(context.Context, uint64, int32, int64, int64, func(sql.SealRow) error) error {
	return s.ping()
}

func (s *memoryStore) InsertWallChanges(_ context.Context, _ uint64, rows []sql.WallChange) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.walls = append(s.walls, rows...)
	return nil
}

func (s *memoryStore) WallChanges(context.Context, uint64) (out []sql.WallChange, err error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	for _, r := range s.walls {
		of := func(o sql.WallChange) bool { return o.Wall == r.Wall && o.Field == r.Field }
		if i := slices.IndexFunc(out, of); i < 0 {
			out = append(out, r)
		} else if out[i].AtMs <= r.AtMs {
			out[i] = r
		}
	}
	return out, nil
}

func (s *memoryStore) NoteClosed(_ context.Context, _ uint64, c sql.Closing, _ int64) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.mu.Unlock()
	note := sql.ClosedNote{AtMs: c.AtMs, Second: c.Second, FrameHash: c.FrameHash, Who: c.Who}
	if !slices.Contains(s.closings.notes, note) {
		s.closings.notes = append(s.closings.notes, note)
	}
	return nil
}

func (s *memoryStore) ClosedNotes(context.Context, uint64) ([]sql.ClosedNote, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	out := slices.Clone(s.closings.notes)
	for i := range out {
		n := &out[i]
		f, ok := s.frames[""][n.Second]
		offered := slices.ContainsFunc(s.closings.offers, func(c sql.Closing) bool { return c.AtMs == n.AtMs && c.FrameHash == n.FrameHash })
		n.There = ok && f.Hash == n.FrameHash && offered
	}
	return out, nil
}
