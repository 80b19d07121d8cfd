package ingest

import (
	"context"
	"errors"
	"time"

	"festival/aggregate"
	"festival/ingest/kafka"
)

const (
	// trustFor is how long after an answer the log is taken to be the same without a look at the tail: deleting a topic and
	// creating it anew takes longer than that, and ends in between the fetches that are under way.
	trustFor = time.Second
	// trustAtMost is after how long the tail is looked at in any case.
	trustAtMost = 10 * time.Second
)

// trust says whether the log is still the one that was counted. It is no more once a fetch has failed, another broker answers,
// or nothing was asked for a while (a full buffer): then the last batch counted is fetched again before anything more is counted.
type trust struct {
	leader     int32 // broker that answered last
	suspect    bool
	answered   time.Time      // the last good fetch
	checked    time.Time      // the last look at the tail
	storedTail aggregate.Tail // as of recovery, for as long as nothing has been counted
}

// fetch asks for what follows position, of a log that still holds the last batch that we counted.
func (p *partition) fetch(ctx context.Context) error {
	begun := time.Now()
	fetched, err := p.reader.Fetch(ctx, p.position)
	if err != nil {
		p.suspect = true
		return p.cfg.Kafka.Away(err)
	}
	first := fetched.Bytes > 0 && p.lastTail().BaseOffset < 0 // of such a partition only the topic's id tells
	if first || p.suspect || fetched.Leader != p.leader || begun.Sub(p.answered) > trustFor || begun.Sub(p.checked) > trustAtMost {
		p.suspect = true
		if err := p.checkLog(ctx, p.lastTail()); err != nil {
			return err
		}
		p.checked = time.Now()
	}
	p.leader, p.suspect, p.answered = fetched.Leader, false, time.Now()
	return nil
}

// lastTail is the last batch that is known to have been counted.
func (p *partition) lastTail() aggregate.Tail {
	if p.tail.BaseOffset < 0 {
		return p.storedTail
	}
	return p.tail
}

// checkLog fails where the log is another one: the brokers' cluster and partition count first, since they say better what happened.
func (p *partition) checkLog(ctx context.Context, tail aggregate.Tail) error {
	var kind kafka.Kind
	if err := p.cfg.Kafka.CheckIdentity(ctx, p.cfg.Ledger.Identity); errors.As(err, &kind) || err != nil && tail.BaseOffset < 0 {
		return p.cfg.Kafka.Away(err) // where nothing was counted nothing else tells
	}
	return p.checkTail(ctx, tail)
}

func (p *partition) checkTail(ctx context.Context, tail aggregate.Tail) error {
	if tail.BaseOffset < 0 {
		return nil
	}
	return p.cfg.Kafka.Away(p.cfg.Kafka.CheckTail(ctx, p.id, kafka.Tail(tail)))
}
