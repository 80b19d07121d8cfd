package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// EnsureTopic creates the topic with Config.Partitions where it does not exist, and waits until its metadata is there. Entries
// are topic settings of the broker, for example retention.bytes; an existing topic keeps its own. It retries what may be retried until ctx ends: a
// fresh cluster refuses for a while.
func (c *Client) EnsureTopic(ctx context.Context, entries map[string]string) (Identity, error) {
	for {
		id, err := c.ensureOnce(ctx, entries)
		if err == nil || !Retryable(err) {
			return id, err
		}
		select {
		case <-ctx.Done():
			return Identity{}, fmt.Errorf("topic %s: %w (%w)", c.cfg.Topic, err, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (c *Client) ensureOnce(ctx context.Context, entries map[string]string) (Identity, error) {
	id, err := c.Identity(ctx)
	if !errors.Is(err, kafkago.UnknownTopicOrPartition) {
		return id, err
	}
	topic := kafkago.TopicConfig{Topic: c.cfg.Topic, NumPartitions: c.cfg.Partitions, ReplicationFactor: c.cfg.Replication}
	for name, value := range entries {
		topic.ConfigEntries = append(topic.ConfigEntries, kafkago.ConfigEntry{ConfigName: name, ConfigValue: value})
	}
	res, err := c.api.CreateTopics(ctx, &kafkago.CreateTopicsRequest{Topics: []kafkago.TopicConfig{topic}})
	if err != nil {
		return Identity{}, fmt.Errorf("create topic: %w", c.explain(err))
	}
	// Another process may have been first: then its topic counts.
	if err := res.Errors[c.cfg.Topic]; err != nil && !errors.Is(err, kafkago.TopicAlreadyExists) {
		return Identity{}, fmt.Errorf("create topic: %w", c.explain(err))
	}
	return c.Identity(ctx)
}
