package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"festival/sql"
)

// topicReader reads the frames topic, decides which records are official, stores those, and then has them shown. It belongs
// to one goroutine.
//
// What it begins with is the chain's end as the store has it, and the topic from its log start: of the records there, those
// up to that end are stale, the first that names its hash goes on. That holds however much of the topic retention has cut,
// because a frame is proposed only by a process that has stored its predecessor: the store's end is at most one frame
// behind the topic's. A record that follows a frame this process has never seen says that it lacks a part all the same (gap):
// then it begins again with the store's end, and proposes nothing meanwhile.
type topicReader struct {
	*publisher
	packer *packer
	keys   *keyring       // as last read from the store
	fresh  bool           // they were read after the records at hand had been fetched
	warned time.Time      // when a foreign record was last logged
	last   link           // the chain's end, stored
	table  milestoneTable // as of last
	run    []*candidate   // read and official, not stored yet
}

// errGap begins reading again.
var errGap = errors.New("a frame is missing")

// newTopicReader begins where the publisher is.
func (p *publisher) newTopicReader() (*topicReader, error) {
	packer, err := newPacker() // the publisher's own belongs to its goroutine
	return &topicReader{publisher: p, packer: packer, keys: p.keys, last: p.last, table: p.table}, err
}

// read is the goroutine of a topicReader, until ctx ends.
func (t *topicReader) read(ctx context.Context) {
	for wait := loadFirst; ; wait = min(2*wait, loadLast) {
		began := time.Now()
		t.fresh = false
		err := t.cfg.Frames.Read(ctx, func(offset, appendMs int64, value, signature []byte) error {
			return t.record(ctx, offset, appendMs, value, signature)
		}, func(next, end int64) error { return t.end(ctx, next, end) },
			func(err error) { t.topic.trouble(reading, err, t.cfg.Clock()) })
		if ctx.Err() != nil {
			return
		}
		t.run = nil
		t.log.Warn("frames topic: beginning again with the store's chain", "error", err)
		t.topic.again()
		t.topic.trouble(following, err, t.cfg.Clock())
		if time.Since(began) > time.Minute {
			wait = loadFirst
		}
		if !sleep(ctx, wait) {
			return
		}
		if err := t.rejoin(ctx); err != nil && ctx.Err() == nil {
			t.log.Warn("the chain's end cannot be read from the store", "error", err)
		}
	}
}

// record decides about one record of the topic.
func (t *topicReader) record(ctx context.Context, offset, appendMs int64, value, signature []byte) error {
	last, table := t.newest()
	p, v, err := t.judge(ctx, &last, value, signature, appendMs)
	if err != nil {
		return err
	}
	if v != official {
		t.metrics.ignored[v].Inc()
	}
	switch v {
	case official:
		t.run = append(t.run, p.accepted(last, table, t.packer))
		t.topic.madeBy(p.By, p.By == t.cfg.Instance, t.cfg.Clock())
	case gap:
		return fmt.Errorf("%w: record %d of the frames topic is frame %d by %s, and the chain known here ends with frame %d", errGap, offset, p.Seq, p.By, last.seq)
	case unsigned, forged:
		t.foreign(offset, v)
	case future:
		t.log.Warn("frame ignored: its second is ahead of the broker's clock", "second", p.Second, "by", p.By, "append_ms", appendMs)
		if p.By == t.cfg.Instance {
			t.topic.ahead(t.cfg.Clock())
		}
	}
	return nil
}

// foreignEvery is how often foreign records are logged: whoever writes them decides how many there are. The metric counts all.
const foreignEvery = 10 * time.Second

func (t *topicReader) foreign(offset int64, v verdict) {
	if now := t.cfg.Clock(); now.Sub(t.warned) >= foreignEvery {
		t.warned = now
		t.log.Warn("frame ignored: no serve of this ledger has signed it; an older serve is still running, or somebody else writes into the frames topic",
			"offset", offset, "verdict", v)
	}
}

// judge says what a record is. Where it names a key that is not known here, the keys are read again, once for all records
// that were fetched together: whoever signed one of those had its key in the store before. So a flood of foreign records
// costs a read of the store an answer, not one a record. The error is that they cannot be read.
func (t *topicReader) judge(ctx context.Context, last *link, value, signature []byte, appendMs int64) (*proposal, verdict, error) {
	p, err := readProposal(value, signature)
	if err != nil {
		return nil, malformed, nil
	}
	v := nextOfficial(last, t.cfg.ledgerHex(), t.keys, p, appendMs)
	if v == unknownKey && !t.fresh {
		keys, err := t.readKeys(ctx)
		if err != nil {
			return nil, v, fmt.Errorf("keys of the frames topic: %w", err)
		}
		t.keys, t.fresh = keys, true
		v = nextOfficial(last, t.cfg.ledgerHex(), keys, p, appendMs)
	}
	if v == unknownKey {
		v = forged
	}
	if v == official && !slices.Equal(p.Views, t.cfg.views()) {
		v = malformed
	}
	return p, v, nil
}

// newest is the chain's end, frames that are not stored yet included.
func (t *topicReader) newest() (link, milestoneTable) {
	if n := len(t.run); n > 0 {
		return t.run[n-1].link, t.run[n-1].table
	}
	return t.last, t.table
}

// end stores what an answer brought, and shows the newest of it.
func (t *topicReader) end(ctx context.Context, next, end int64) error {
	t.fresh = false
	t.topic.at(next, end, len(t.run) > 0, t.cfg.Clock())
	t.metrics.topicLag.Set(float64(max(0, end-next)))
	if len(t.run) == 0 {
		return nil
	}
	if err := t.keepRun(ctx); err != nil {
		return err
	}
	newest := t.run[len(t.run)-1] // older ones are of no use to a screen any more
	t.last, t.table, t.run = newest.link, newest.table, nil
	t.topic.at(next, end, false, t.cfg.Clock())
	t.topic.trouble(following, nil, t.cfg.Clock())
	send(ctx, t.kept, newest)
	return nil
}

// keepRun stores the run, again and again until the store has acknowledged all of it. It gives up with ctx, and where the
// store's chain is not ours.
func (t *topicReader) keepRun(ctx context.Context) error {
	for wait := keepFirst; ; wait = min(2*wait, keepLast) {
		err := t.storeRun(ctx)
		if err == nil || ctx.Err() != nil || errors.Is(err, errForked) {
			return errors.Join(err, ctx.Err())
		}
		t.metrics.storeFailures.Inc()
		t.log.Warn("official frames not stored yet", "frames", len(t.run), "error", err)
		if !send(ctx, t.refused, err) || !sleep(ctx, wait) {
			return ctx.Err()
		}
	}
}

// storeRun stores what the store lacks of the run: another serve may have been first, with the same bytes. Milestone records
// are written in any case; they come after the frames, and whoever wrote those may have ended before.
func (t *topicReader) storeRun(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, keepWithin)
	defer cancel()
	began := time.Now()
	missing, err := t.missing(ctx, t.run)
	if err != nil {
		return err
	}
	if err := t.insert(ctx, missing, t.run); err != nil {
		return err
	}
	took := time.Since(began)
	t.metrics.storeFrame.Observe(took.Seconds())
	t.times.store.Add(t.cfg.Clock(), took)
	return nil
}

// rejoin takes the chain's end from the store, where that is later than ours, and shows it.
func (t *topicReader) rejoin(ctx context.Context) error {
	row, ok, err := t.cfg.Store.LastFrame(ctx, t.cfg.prefix(), "")
	if err != nil || !ok || row.Seq <= t.last.seq {
		return err
	}
	c, err := t.candidateOf(ctx, t.packer, row)
	if err != nil {
		return err
	}
	t.last, t.table = c.link, c.table
	send(ctx, t.kept, c)
	return nil
}

// candidateOf makes what is shown of a stored frame.
func (p *publisher) candidateOf(ctx context.Context, packer *packer, row sql.FrameRow) (*candidate, error) {
	records, err := p.cfg.Store.Milestones(ctx, p.cfg.prefix())
	if err != nil {
		return nil, err
	}
	at, err := linkOf(row)
	if err != nil {
		return nil, err
	}
	events, err := p.stored(ctx, packer, row)
	if err != nil {
		return nil, err
	}
	return &candidate{link: at, events: events, table: tableOf(records)}, nil
}
