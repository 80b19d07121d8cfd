package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/sql"
)

const (
	// standbyEvents bounds the fingerprints that a process holds of partitions which others count, beside its own. 24 bytes each
	// at the most, as those.
	standbyEvents = 25_000_000
	// standbyPart is how many offsets are read at a time, about 0.1 s; then it rests as long as that took.
	standbyPart = 262_144
	// standbyRest is the least rest, and how often the store is asked for new seals.
	standbyRest = time.Second
	// standbyAhead bounds how long a process that starts beside others reads before it joins them: until then they count.
	standbyAhead = 30 * time.Second
	// standbyAlive is how old a pulse may be of a partition that somebody counts; one comes each second.
	standbyAlive = 3 * time.Second
)

// standby holds the fingerprints of partitions that other processes count, so that a takeover need not read them first: it took
// most of the time in which such a partition stood still. They come from raw rows before the partition's last seal, which are
// final, and are read on as more is sealed. So they are the same set that a recovery would read, only earlier; nothing is counted or
// written here, and what is not ready when it is wanted is read then.
//
// One goroutine reads; a generation that gets partitions takes their sets from it. work is held while rows are read, mu never for long.
type standby struct {
	*Ingest
	limit int64 // events of one partition
	work  sync.Mutex

	mu    sync.Mutex
	ready map[int32]*ready
	own   []*partition       // of the present generation: these are not read
	cut   context.CancelFunc // ends the reading under way
}

// ready are the fingerprints of all raw rows before end, some more perhaps that are before the last seal too.
type ready struct {
	set    *aggregate.Fingerprints
	end    int64
	signed int  // how many sign-offs there were
	full   bool // there are more than may be held ready: the set is let go
}

func newStandby(in *Ingest) *standby {
	return &standby{Ingest: in, limit: in.cfg.Standby / int64(max(1, in.cfg.Ledger.Identity.Partitions)), ready: map[int32]*ready{}, cut: func() {}}
}

// begin starts the reading; the function that it gives ends it and waits.
func (s *standby) begin(ctx context.Context) func() {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() { defer close(over); s.run(ctx) }()
	return func() { cancel(); <-over }
}

// give hands a generation's partitions what is ready of them, and leaves them out from now on. A nil standby has nothing.
func (s *standby) give(parts []*partition) {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.own = parts
	s.cut()
	s.mu.Unlock()
	s.work.Lock()
	defer s.work.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range parts {
		if r := s.ready[p.id]; r != nil && !r.full {
			p.ready = r
		}
		delete(s.ready, p.id)
		s.metrics.ready(p.id).Set(0)
	}
}

// back takes what partitions did not come to use before their generation ended. All goroutines of theirs have ended.
func (s *standby) back(parts []*partition) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range parts {
		if p.ready != nil {
			p.ready.set.SetLimit(s.limit)
			s.ready[p.id], p.ready = p.ready, nil
		}
	}
}

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

// run keeps reading until ctx ends.
func (s *standby) run(ctx context.Context) {
	rest := time.NewTimer(standbyRest)
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-rest.C:
		}
		begun := time.Now()
		if s.round(ctx) {
			rest.Reset(time.Since(begun))
		} else {
			rest.Reset(standbyRest)
		}
	}
}

// round reads a part of the partition of which most is missing; false where nothing is to be read now.
func (s *standby) round(ctx context.Context) bool {
	if s.busy() {
		return false
	}
	seals, signed, err := s.state(ctx)
	if err != nil {
		return false
	}
	most, missing := int32(-1), int64(0)
	s.mu.Lock()
	for id, seal := range seals {
		if have := s.ready[id]; s.others(id) && (have == nil || !have.full) {
			if lacks := seal.End - have.until(); lacks > missing {
				most, missing = id, lacks
			}
		}
	}
	s.mu.Unlock()
	return most >= 0 && s.locked(ctx, most, seals[most].End, signed[most])
}

func (r *ready) until() int64 {
	if r == nil {
		return 0
	}
	return r.end
}

// others says whether somebody else counts a partition. The caller holds mu.
func (s *standby) others(id int32) bool {
	return !slices.ContainsFunc(s.own, func(p *partition) bool { return p.id == id })
}

// busy says whether partitions of this process do not count yet what was sent before they were given to it: they need the processor.
func (s *standby) busy() bool {
	s.mu.Lock()
	own := s.own
	s.mu.Unlock()
	return slices.ContainsFunc(own, func(p *partition) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.core == nil || !p.resumed.IsZero()
	})
}

// state gives the last seals, and the number of sign-offs, by partition.
func (s *standby) state(ctx context.Context) (map[int32]sql.SealRow, map[int32]int, error) {
	all := make([]int32, s.cfg.Ledger.Identity.Partitions)
	for i := range all {
		all[i] = int32(i)
	}
	signoffs, err := s.cfg.Store.Signoffs(ctx, s.cfg.Ledger.Prefix)
	if err != nil {
		return nil, nil, err
	}
	signed := map[int32]int{}
	for _, one := range signoffs {
		signed[one.Partition]++
	}
	seals, err := s.cfg.Store.LastSeals(ctx, s.cfg.Ledger.Prefix, all)
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
