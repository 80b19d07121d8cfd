package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// CreateTopic makes a topic (replication 0: on every node) with settings of its own, and waits until every partition has a
// leader.
func (c *Cluster) CreateTopic(ctx context.Context, topic string, partitions, replication int, settings map[string]string) error {
	if replication == 0 {
		replication = len(c.nodes)
	}
	configs := map[string]*string{}
	for name, value := range settings {
		configs[name] = kadm.StringPtr(value)
	}
	if _, err := c.admin.CreateTopic(ctx, int32(partitions), int16(replication), configs, topic); err != nil {
		return fmt.Errorf("create topic %s: %w", topic, err)
	}
	return poll(ctx, func() error {
		leaders, err := c.Leaders(ctx, topic)
		if err == nil && len(leaders) != partitions {
			err = fmt.Errorf("topic %s: %d of %d partitions are there", topic, len(leaders), partitions)
		}
		return err
	})
}

// DeleteTopic and wait until the nodes do not know it.
func (c *Cluster) DeleteTopic(ctx context.Context, topic string) error {
	if _, err := c.admin.DeleteTopic(ctx, topic); err != nil {
		return fmt.Errorf("delete topic %s: %w", topic, err)
	}
	return poll(ctx, func() error {
		topics, err := c.admin.ListTopics(ctx, topic)
		if err == nil && topics.Has(topic) {
			err = fmt.Errorf("topic %s is still there", topic)
		}
		return err
	})
}

// AddPartitions until the topic has so many.
func (c *Cluster) AddPartitions(ctx context.Context, topic string, total int) error {
	res, err := c.admin.UpdatePartitions(ctx, total, topic)
	if err == nil {
		err = res.Error()
	}
	if err != nil {
		return fmt.Errorf("add partitions to %s: %w", topic, err)
	}
	return poll(ctx, func() error {
		leaders, err := c.Leaders(ctx, topic)
		if err == nil && len(leaders) != total {
			err = fmt.Errorf("topic %s: %d of %d partitions are there", topic, len(leaders), total)
		}
		return err
	})
}

// DeleteRecords moves the log start to an offset, as retention does.
func (c *Cluster) DeleteRecords(ctx context.Context, topic string, partition int32, before int64) error {
	var to kadm.Offsets
	to.AddOffset(topic, partition, before, -1)
	res, err := c.admin.DeleteRecords(ctx, to)
	if err == nil {
		err = res.Error()
	}
	if err != nil {
		return fmt.Errorf("delete records of %s before %d: %w", topic, before, err)
	}
	return nil
}

// SetTopic changes a setting of a topic, such as retention.ms, cleanup.policy or unclean.leader.election.enable.
func (c *Cluster) SetTopic(ctx context.Context, topic, name, value string) error {
	res, err := c.admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: name, Value: &value}}, topic)
	for _, r := range res {
		err = errors.Join(err, r.Err)
	}
	if err != nil {
		return fmt.Errorf("set %s of topic %s to %q: %w", name, topic, value, err)
	}
	return nil
}

// Segments are a node's files of a partition's log (*.log), oldest first: for tests that damage them.
func (c *Cluster) Segments(id int, topic string, partition int32) ([]string, error) {
	n, err := c.node(id)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(n.data(), fmt.Sprintf("%s-%d", topic, partition), "*.log"))
	slices.Sort(files)
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("node %d has no log of topic %s, partition %d", id, topic, partition)
	}
	return files, err
}

func isDone(err error) bool {
	return err == nil || errors.Is(err, kerr.ElectionNotNeeded)
}
