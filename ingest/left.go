package ingest

import (
	"context"
	"errors"

	"festival/aggregate"
	"festival/ingest/kafka"
	"festival/sql"
)

// What a partition leaves behind that others count now is of use twice. Until somebody's seal has passed its position, its core goes on
// where it was should the partition come back (kept.go). After that its set is what stands ready: all events before its position, which
// may be past what it had stored, and none behind the last seal. In between nothing else would do: a set that knows events of the open
// segment cannot recover it, for they are counted again and would be found to be duplicates.

// leave holds on to what a partition left behind, or only notes that it is too much. The caller holds mu.
func (s *standby) leave(id int32, k *kept) {
	if k.core.Set().Len() > s.limit {
		s.ready[id] = s.tooMany(id, k.signed)
		return
	}
	s.left[id] = k
	if !s.roomLeft() {
		k.filling = nil
	}
	s.metrics.ready(id).Set(float64(k.core.Set().Len()))
}

// roomLeft says whether what waits for the store in all that was left behind is within the bounds of one generation: with more a core
// cannot go on, and its set still can.
func (s *standby) roomLeft() bool {
	rows, rejected := 0, 0
	for _, k := range s.left {
		if k.filling != nil {
			rows += k.filling.rows()
			rejected += k.filling.rejectBytes
		}
	}
	return rows <= s.cfg.BufferedRows && rejected <= maxRejectBytes
}

func (s *standby) tooMany(id int32, signed int) *ready {
	s.cfg.Log.Info("fingerprints are not held ready: they are too many", "partition", id, "limit", s.limit)
	return &ready{full: true, signed: signed}
}

// takeOver makes what partitions left behind sets that stand ready, where seals have passed them. Where the broker does not answer it
// is asked again.
func (s *standby) takeOver(ctx context.Context, seals map[int32]sql.SealRow, signed map[int32]int) {
	s.work.Lock()
	defer s.work.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for id, k := range s.passed(seals, cancel) {
		same, err := s.holds(ctx, id, k.tail)
		if err != nil {
			continue
		}
		s.mu.Lock()
		delete(s.left, id)
		if s.metrics.ready(id).Set(0); same && k.signed == signed[id] {
			s.ready[id] = k.standing(s.limit)
			s.metrics.ready(id).Set(float64(k.core.Set().Len()))
			s.cfg.Log.Info("fingerprints counted here stand ready", "partition", id, "before", k.position)
		}
		s.mu.Unlock()
	}
}

// passed are those that somebody else's seals have passed.
func (s *standby) passed(seals map[int32]sql.SealRow, cut context.CancelFunc) map[int32]*kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = cut
	all := map[int32]*kept{}
	for id, k := range s.left {
		if s.others(id) && k.passedBy(seals[id].End) {
			all[id] = k
		}
	}
	return all
}

// passedBy says whether the segment that is open from start on begins behind all that the core knows. At its position itself there may
// be an event that the core has seen and could not count.
func (k *kept) passedBy(start int64) bool { return start > k.position }

// standing is the set of a core that counts no more. Its log has to be the one that the seals are of (holds).
func (k *kept) standing(limit int64) *ready {
	k.core.Set().SetLimit(limit)
	return &ready{set: k.core.Set(), end: k.position, signed: k.signed}
}

// holds says whether the log still has the last batch that a core counted, so that it counted the same records as whoever came after
// it. False also where retention has taken that batch: then nothing tells.
func (in *Ingest) holds(ctx context.Context, id int32, tail aggregate.Tail) (bool, error) {
	if tail.BaseOffset < 0 {
		return true, nil // nothing but raw rows before a seal
	}
	ends, err := in.cfg.Kafka.Offsets(ctx, []int32{id})
	if err != nil || ends[0].LogStart > tail.BaseOffset {
		return false, err
	}
	var kind kafka.Kind
	if err := in.cfg.Kafka.CheckTail(ctx, id, kafka.Tail(tail)); !errors.As(err, &kind) {
		return err == nil, err
	}
	return false, nil // another log
}
