package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/sql"
)

const (
	// standbyAhead bounds how long a process that starts beside others reads before it joins them: until then they count.
	standbyAhead = 30 * time.Second
	// standbyAlive is how old a pulse may be of a partition that somebody counts; one comes each second.
	standbyAlive = 3 * time.Second
)

// ahead reads the fingerprints of partitions that somebody counts at this moment, before this process joins and takes them away. It
// ends when nothing has been sealed meanwhile.
func (s *standby) ahead(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, standbyAhead)
	defer cancel()
	alive := s.alive(ctx)
	if len(alive) == 0 {
		return
	}
	begun := time.Now()
	for s.pass(ctx, alive) {
	}
	s.cfg.Log.Info("fingerprints ready before joining", "partitions", len(alive), "took", time.Since(begun).Round(time.Millisecond))
}

// alive are the partitions that somebody counts; none where the store does not tell, and then nothing is ready, which is no fault.
func (s *standby) alive(ctx context.Context) (ids []int32) {
	pulses, err := s.cfg.Store.Pulses(ctx, s.cfg.Ledger.Prefix)
	if err != nil {
		return nil
	}
	for _, p := range pulses {
		if s.cfg.Clock().UnixMilli()-p.AtMs < standbyAlive.Milliseconds() {
			ids = append(ids, p.Partition)
		}
	}
	return ids
}

// pass reads all that is sealed of partitions, two at a time; false where there was nothing to read.
func (s *standby) pass(ctx context.Context, ids []int32) bool {
	seals, signed, err := s.state(ctx)
	if err != nil {
		return false
	}
	var some atomic.Bool
	var all errgroup.Group
	all.SetLimit(2)
	for _, id := range ids {
		all.Go(func() error {
			for s.part(ctx, id, seals[id].End, signed[id]) {
				some.Store(true)
			}
			return nil
		})
	}
	_ = all.Wait()
	return some.Load()
}

// state gives the last seals, and the number of sign-offs, by partition.
func (s *standby) state(ctx context.Context) (map[int32]sql.SealRow, map[int32]int, error) {
	signoffs, err := s.cfg.Store.Signoffs(ctx, s.cfg.Ledger.Prefix)
	if err != nil {
		return nil, nil, err
	}
	signed := map[int32]int{}
	for _, one := range signoffs {
		signed[one.Partition]++
	}
	seals, err := s.cfg.Store.LastSeals(ctx, s.cfg.Ledger.Prefix, s.cfg.Ledger.Identity.All())
	return seals, signed, err
}

// locked reads a part unless the partition has become this process's own.
func (s *standby) locked(ctx context.Context, id int32, end int64, signed int) bool {
	s.work.Lock()
	defer s.work.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	mine := !s.others(id)
	s.cut = cancel
	s.mu.Unlock()
	return !mine && s.part(ctx, id, end, signed)
}

// part reads the next rows before end, at most standbyPart offsets of them; false where none are left or they cannot be read now. What is
// read twice after a failure changes nothing.
func (s *standby) part(ctx context.Context, id int32, end int64, signed int) bool {
	s.mu.Lock()
	r := s.ready[id]
	if r == nil || r.signed != signed {
		r = &ready{set: aggregate.NewFingerprints(s.limit), end: s.cfg.Ledger.LogStart[id], signed: signed}
		s.ready[id] = r
	}
	s.mu.Unlock()
	to := min(r.end+standbyPart, end)
	if r.full || r.end >= to {
		return false
	}
	switch err := s.read(ctx, id, r, to); {
	case errors.Is(err, aggregate.ErrFull):
		r.set, r.full = nil, true
		s.cfg.Log.Info("fingerprints are not held ready: they are too many", "partition", id, "limit", s.limit)
		return false
	case err != nil:
		return false
	}
	s.metrics.ready(id).Set(float64(r.set.Len()))
	return true
}

// read adds the raw rows from r.end up to an offset.
func (s *standby) read(ctx context.Context, id int32, r *ready, to int64) error {
	if err := s.cfg.Store.OrderKeys(ctx, s.cfg.Ledger.Prefix, id, r.end, to, r.set.AddBatch); err != nil {
		return fmt.Errorf("fingerprints of partition %d from %d to %d: %w", id, r.end, to, err)
	}
	r.end = to
	return nil
}
