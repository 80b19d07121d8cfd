package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// Generation is one share of the partitions, from the moment the group gives it until it takes it back. Where to read is not
// in it: a partition starts at our own stored position, never at the group's offset.
type Generation struct {
	ID         int32
	Member     string
	Partitions []int32 // may be empty: more members than partitions
	topic      string
	gen        *kafkago.Generation
}

// Commit offers next offsets to the group, for lag tools only; nothing is ever read back. An error means that the generation
// has ended or the coordinator is away, and may be ignored.
func (g *Generation) Commit(next map[int32]int64) error {
	offsets := make(map[int]int64, len(next))
	for p, o := range next {
		offsets[int(p)] = o
	}
	if len(offsets) == 0 {
		return nil
	}
	if err := g.gen.CommitOffsets(map[string]map[int]int64{g.topic: offsets}); err != nil {
		return fmt.Errorf("commit for lag tools: %w", err)
	}
	return nil
}

// Work reads the partitions of a generation until ctx ends, which means that the group has taken them back (or that Run's own
// context has ended): stop promptly, abandon unfinished flushes. Another member may already be reading, so nothing here is a
// fence. Returning nil before that ends the generation and joins again; an error ends Run.
type Work func(ctx context.Context, g *Generation) error

// Run joins Config.Group, which shares partitions 0 to partitions-1 of the topic, and calls work once per generation, never two at a
// time, until ctx ends or work fails. Failures to join go to report (may be nil; the same words at most every 10 s) and are tried
// again: classic protocol, eager Range balancing. The number is the caller's, not the brokers': partitions of a topic that is away
// are shared out too, and ones that were added are not.
func (c *Client) Run(ctx context.Context, partitions int32, work Work, report func(error)) error {
	if report == nil {
		report = func(error) {}
	}
	group, err := kafkago.NewConsumerGroup(c.groupConfig(partitions))
	if err != nil {
		return fmt.Errorf("group %s: %w", c.cfg.Group, err)
	}
	// Closing the group first ends the generation and leaves; a generation whose work ends first is joined again before that, and
	// makes every other member wait.
	stop := context.AfterFunc(ctx, func() { _ = group.Close() })
	defer stop()
	err = c.generations(ctx, group, partitions, work, seldom(report))
	return errors.Join(err, group.Close())
}

// reportEvery is how often the same failure is reported: a broker that is away fails five times a second.
const reportEvery = 10 * time.Second

func seldom(report func(error)) func(error) {
	var last string
	var at time.Time
	return func(err error) {
		if text := err.Error(); text != last || time.Since(at) > reportEvery {
			last, at = text, time.Now()
			report(err)
		}
	}
}

func (c *Client) groupConfig(partitions int32) kafkago.ConsumerGroupConfig {
	return kafkago.ConsumerGroupConfig{
		ID: c.cfg.Group, Brokers: c.cfg.Brokers, Topics: []string{c.cfg.Topic},
		Dialer: &kafkago.Dialer{
			Timeout: c.cfg.DialTimeout, KeepAlive: 15 * time.Second, ClientID: c.cfg.ClientID, DualStack: true,
			TLS: c.cfg.TLS, SASLMechanism: c.cfg.SASL,
		},
		GroupBalancers:    []kafkago.GroupBalancer{shared{topic: c.cfg.Topic, partitions: partitions}},
		HeartbeatInterval: c.cfg.Heartbeat, SessionTimeout: c.cfg.SessionTimeout,
		RebalanceTimeout: c.cfg.RebalanceTimeout, JoinGroupBackoff: c.cfg.JoinBackoff,
		Timeout: c.cfg.RequestTimeout,
	}
}

func (c *Client) generations(ctx context.Context, group *kafkago.ConsumerGroup, partitions int32, work Work, report func(error)) error {
	for ctx.Err() == nil {
		gen, err := group.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				report(fmt.Errorf("join group %s: %w", c.cfg.Group, c.explain(err)))
			}
			continue
		}
		if err := c.generation(ctx, gen, partitions, work); err != nil {
			return err
		}
	}
	return nil
}

// generation runs work inside kafka-go's accounting, so that the group does not join again before work has returned.
func (c *Client) generation(ctx context.Context, gen *kafkago.Generation, partitions int32, work Work) error {
	g := &Generation{ID: gen.ID, Member: gen.MemberID, topic: c.cfg.Topic, gen: gen}
	for _, a := range gen.Assignments[c.cfg.Topic] {
		if int32(a.ID) < partitions { // the member that shares out may know of another number
			g.Partitions = append(g.Partitions, int32(a.ID))
		}
	}
	done := make(chan error, 1)
	gen.Start(func(revoked context.Context) {
		ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx)) // Run's own end comes as a revocation too
		stop := context.AfterFunc(revoked, func() { cancel(kafkago.ErrGenerationEnded) })
		err := work(ctx, g)
		stop()
		cancel(nil)
		done <- err
	})
	return <-done
}
