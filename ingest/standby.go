package ingest

import (
	"context"
	"slices"
	"sync"
	"time"

	"festival/aggregate"
)

const (
	// standbyEvents bounds the fingerprints that a process holds of partitions which others count, beside its own. 24 bytes each
	// at the most, as those.
	standbyEvents = 25_000_000
	// standbyPart is how many offsets are read at a time, about 0.1 s; then it rests as long as that took.
	standbyPart = 262_144
	// standbyRest is the least rest, and how often the store is asked for new seals.
	standbyRest = time.Second
)

// standby holds the fingerprints of partitions that other processes count, so that a takeover need not read them first: it took
// most of the time in which such a partition stood still. They come from raw rows before the partition's last seal, which are
// final, and are read on as more is sealed; of a partition that this process has counted itself, from its core (left.go). So they are
// the same set that a recovery would read, only earlier; nothing is counted or written here, and what is not ready when it is wanted is
// read then.
//
// One goroutine reads; a generation that gets partitions takes their sets from it. work is held while rows are read, mu never for long.
type standby struct {
	*Ingest
	limit int64 // events of one partition
	work  sync.Mutex

	mu    sync.Mutex
	ready map[int32]*ready
	left  map[int32]*kept    // what partitions left behind that others count now (left.go); none of these is in ready
	own   []*partition       // of the present generation: these are not read
	cut   context.CancelFunc // ends the reading under way
}

// ready are the fingerprints of all events before end, some more perhaps that are before the last seal too.
type ready struct {
	set    *aggregate.Fingerprints
	end    int64
	signed int  // how many sign-offs there were
	full   bool // there are more than may be held ready: the set is let go
}

func newStandby(in *Ingest) *standby {
	return &standby{Ingest: in, limit: in.cfg.Standby / int64(max(1, in.cfg.Ledger.Identity.Partitions)), ready: map[int32]*ready{}, left: map[int32]*kept{}, cut: func() {}}
}

// begin starts the reading; the function that it gives ends it and waits.
func (s *standby) begin(ctx context.Context) func() {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() { defer close(over); s.run(ctx) }()
	return func() { cancel(); <-over }
}

// give hands a generation's partitions what is ready of them, and leaves them out from now on. What the generation before left behind
// of others stays here. A nil standby has nothing.
func (s *standby) give(parts []*partition, left map[int32]*kept) {
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
		if p.kept == nil {
			p.kept = s.left[p.id]
		}
		delete(s.ready, p.id)
		delete(s.left, p.id)
		s.metrics.ready(p.id).Set(0)
	}
	for id, k := range left {
		s.leave(id, k)
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
	s.takeOver(ctx, seals, signed)
	most, missing := int32(-1), int64(0)
	s.mu.Lock()
	for id, seal := range seals {
		if have := s.ready[id]; s.left[id] == nil && s.others(id) && (have == nil || !have.full) {
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
