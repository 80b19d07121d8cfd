package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/ingest/kafka"
	"festival/sql"
)

// refillRows is how many raw rows all partitions of a process put into their sets at a time: 128 MB while they are read.
const refillRows = 4 << 20

// known is what store and broker say of a partition before it is counted.
type known struct {
	config   aggregate.CoreConfig // without Set
	progress aggregate.Progress   // as stored; Next is the log start where nothing is stored
	seen     bool                 // something is stored
	signed   signed
	logStart int64
	floor    int64 // the topic's log is read from here, raw rows stand for it from config.Start on
}

// recover builds the partition's state. The first segment without a seal is counted anew from its first offset, with the
// fingerprints of all raw rows before it (DESIGN.md §2). Nothing that was counted of that segment before is used, so whatever a
// dead or paused writer has stored of it is only written again. A core that this process kept from the generation before goes
// on where it was instead, which is cheaper and the same: cells are a function of the log.
func (p *partition) recover(ctx context.Context) error {
	if err := p.settleKept(ctx); err != nil {
		return err
	}
	t := phases{begun: time.Now()}
	k, err := p.ask(ctx, &t)
	if err != nil {
		return err
	}
	if reused, err := p.reuse(ctx, k); err != nil || reused {
		return err
	}
	if err := p.checkStart(k); err != nil {
		return err
	}
	if p.ready != nil && p.ready.signed != len(k.signed) { // raw rows of a gap are no events
		p.ready, k.config.Set = nil, nil
	}
	if err := p.fingerprints(ctx, k, &t); err != nil {
		return err
	}
	p.ready = nil // the set is the core's
	core := aggregate.NewCore(k.config)
	if err := p.replay(ctx, core, k.config.Start, k.floor); err != nil {
		return err
	}
	taken := int64(-1) // the first flush stores what was replayed, or where an empty partition begins, so that it is seen
	if k.floor == k.config.Start && k.seen {
		taken = k.floor
	}
	p.begin(core, k, k.floor, taken, aggregate.Tail{BaseOffset: -1, LeaderEpoch: -1})
	p.recovered(t, k)
	return nil
}

// begin makes a core the partition's.
func (p *partition) begin(core *aggregate.Core, k *known, position, taken int64, tail aggregate.Tail) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.core, p.position, p.tail, p.taken, p.acked = core, position, tail, taken, taken
	p.signed, p.storedTail, p.kept, p.lost, p.before = k.signed, k.progress.Tail, nil, false, k.progress.Next
	p.reader = p.cfg.Kafka.Reader(p.id)
	p.suspect = true // the tail was checked before this; the first fetch comes after
	p.metrics.gap(p.id).Set(float64(k.signed.lost()))
}

// ask reads what is stored and holds it against the log: the last batch that was counted has to be there. At a partition's first
// attempt the fingerprints are read meanwhile, which takes longer than all the rest; not at the next ones, which may have to be
// many.
func (p *partition) ask(ctx context.Context, t *phases) (*known, error) {
	k, s := &known{}, p.asks(ctx)
	early := p.kept == nil && p.stoppedBy() == recovering
	all, together := errgroup.WithContext(ctx) // round trips to a busy store and broker in the time of one
	all.Go(func() error {
		if err := p.readSeals(s, k); err != nil || !early {
			return err
		}
		return p.fingerprints(together, k, t)
	})
	all.Go(func() error {
		if err := p.readProgress(s, k); err != nil {
			return err
		}
		return p.checkLog(together, k.progress.Tail)
	})
	all.Go(func() (err error) { k.signed, err = p.readSigned(s); return err })
	all.Go(func() error {
		ends, err := p.cfg.Kafka.Offsets(together, []int32{p.id})
		if err == nil {
			k.logStart = ends[0].LogStart
		}
		return p.cfg.Kafka.Away(err)
	})
	if err := all.Wait(); err != nil {
		return nil, err
	}
	t.asked = time.Since(t.begun)
	k.floor = k.signed.floor(k.config.Start, k.logStart)
	return k, nil
}

// checkStart fails where the log begins behind what has to be read of it, with the command that leads on.
func (p *partition) checkStart(k *known) error {
	next, logStart := max(k.progress.Next, k.floor), k.logStart
	text := ""
	switch {
	case logStart <= k.floor:
		return nil
	case logStart <= next:
		text = fmt.Sprintf("the log begins at %d, behind the start of the open segment; raw rows hold everything up to %d: "+
			"restore the log, or sign off `%s`", logStart, next, recountCommand(p.cfg.Kafka.Config().Place, p.id))
	default:
		text = fmt.Sprintf("the log begins at %d, %d offsets were deleted before they were counted: restore the log, or sign off "+
			"`%s`; raise retention", logStart, logStart-next, gapCommand(p.cfg.Kafka.Config().Place, p.id, next, logStart))
	}
	return &kafka.LogError{Kind: kafka.ErrOffsetLost, Topic: p.cfg.Ledger.Identity.Topic, Partition: p.id, Offset: k.floor,
		LogStart: logStart, Text: text}
}

// beginning says where the open segment starts: behind the last seal, else at the recorded log start.
func (p *partition) beginning(seals map[int32]sql.SealRow) aggregate.CoreConfig {
	c := aggregate.CoreConfig{Rules: p.cfg.Rules, Ledger: p.cfg.Ledger.ID, Partition: p.id,
		LogStart: p.cfg.Ledger.LogStart[p.id], PrevSeal: p.cfg.Ledger.ID}
	c.Start = c.LogStart
	if s, ok := seals[p.id]; ok {
		c.Start, c.PrevSeal, c.LastMs, c.MaxEventMs = s.End, s.Hash, s.LastMs, s.MaxEventMs
	}
	return c
}

func (p *partition) readSeals(s *survey, k *known) error {
	seals, err := s.seals()
	if err != nil {
		return err
	}
	k.config = p.beginning(seals)
	return nil
}

func (p *partition) readProgress(s *survey, k *known) error {
	k.progress = aggregate.Progress{Partition: p.id, Next: p.cfg.Ledger.LogStart[p.id], Tail: aggregate.Tail{BaseOffset: -1}}
	rows, err := s.progress()
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Partition == p.id {
			k.progress, k.seen = progressOf(row), true
			p.mu.Lock()
			p.status.stored = k.progress.Next
			p.mu.Unlock()
		}
	}
	return nil
}

// fingerprints rebuilds the set of events seen before the open segment from the raw rows, unless that is done: those that stood ready
// need not be read again. It makes room for half as many entries as there are rows first: an order of two events is one entry, so the
// set is no larger than it grows to by itself.
func (p *partition) fingerprints(ctx context.Context, k *known, t *phases) error {
	if k.config.Set != nil {
		return nil
	}
	begun, before := time.Now(), k.config.Start
	set, from := p.prepared(before)
	if from < before {
		rows, err := p.cfg.Store.OrderCount(ctx, p.cfg.Ledger.Prefix, p.id, from, before)
		if err != nil {
			return fmt.Errorf("fingerprints of partition %d: %w", p.id, err)
		}
		set.Reserve((set.Len() + rows) / 2)
		if err := p.refill(ctx, set, from, before); err != nil {
			return fmt.Errorf("fingerprints of partition %d from %d to before offset %d: %w", p.id, from, before, err)
		}
	}
	k.config.Set, t.fingerprints, t.ready = set, time.Since(begun), from
	return nil
}

// refill puts the raw rows of offsets [from, before) into a set.
func (p *partition) refill(ctx context.Context, set *aggregate.Fingerprints, from, before int64) error {
	refill := aggregate.NewRefill(set, refillRows/p.assigned)
	if err := p.cfg.Store.OrderKeys(ctx, p.cfg.Ledger.Prefix, p.id, from, before, refill.Add); err != nil {
		return err
	}
	return refill.Flush()
}

// prepared gives the set that stood ready and where its rows end, or an empty one. More than is sealed never stands ready; if it
// did, the store has been replaced.
func (p *partition) prepared(before int64) (set *aggregate.Fingerprints, from int64) {
	if p.ready == nil || p.ready.end > before {
		return aggregate.NewFingerprints(p.share()), 0
	}
	p.ready.set.SetLimit(p.share())
	return p.ready.set, p.ready.end
}

// share is how many fingerprints this partition may hold.
func (p *partition) share() int64 { return p.cfg.Events / int64(p.assigned) }

// lostLog says whether an error means that the log's start has passed us.
func lostLog(err error) bool { return errors.Is(err, kafka.ErrOffsetLost) }
