package kafkatest

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Leaders gives the leading node of every partition; an error where one has none.
func (c *Cluster) Leaders(ctx context.Context, topic string) (map[int32]int32, error) {
	details, err := c.partitions(ctx, topic)
	if err != nil {
		return nil, err
	}
	out := map[int32]int32{}
	for p, d := range details {
		if d.Leader < 1 {
			return nil, fmt.Errorf("topic %s: partition %d has no leader", topic, p)
		}
		out[p] = d.Leader
	}
	return out, nil
}

func (c *Cluster) partitions(ctx context.Context, topic string) (kadm.PartitionDetails, error) {
	topics, err := c.admin.ListTopics(ctx, topic)
	if err != nil {
		return nil, fmt.Errorf("topic %s: %w", topic, err)
	}
	if t := topics[topic]; t.Err != nil {
		return nil, fmt.Errorf("topic %s: %w", topic, t.Err)
	}
	return topics[topic].Partitions, nil
}

// AwaitInSync waits until all replicas of all partitions of the topics are in sync: then any one node may be lost.
func (c *Cluster) AwaitInSync(ctx context.Context, topics ...string) error {
	return poll(ctx, func() error {
		for _, topic := range topics {
			details, err := c.partitions(ctx, topic)
			if err != nil {
				return err
			}
			for p, d := range details {
				if len(d.ISR) < len(d.Replicas) || d.Leader < 1 {
					return fmt.Errorf("topic %s, partition %d: replicas %v, in sync %v, leader %d", topic, p, d.Replicas, d.ISR, d.Leader)
				}
			}
		}
		return nil
	})
}

// MoveLeader makes a node the leader of a partition that it holds: first in the list of replicas, then a preferred election.
func (c *Cluster) MoveLeader(ctx context.Context, topic string, partition int32, to int) error {
	if err := c.prefer(ctx, topic, partition, int32(to)); err != nil {
		return fmt.Errorf("move leader of %s, partition %d, to node %d: %w", topic, partition, to, err)
	}
	return poll(ctx, func() error {
		if err := c.elect(ctx, kadm.ElectPreferredReplica, topic, partition); err != nil {
			return err
		}
		leaders, err := c.Leaders(ctx, topic)
		if err == nil && leaders[partition] != int32(to) {
			err = fmt.Errorf("topic %s, partition %d: node %d leads, not node %d", topic, partition, leaders[partition], to)
		}
		return err
	})
}

// prefer puts a replica first; no data moves.
func (c *Cluster) prefer(ctx context.Context, topic string, partition, to int32) error {
	details, err := c.partitions(ctx, topic)
	if err != nil {
		return err
	}
	replicas := details[partition].Replicas
	if !slices.Contains(replicas, to) {
		return fmt.Errorf("its replicas are on nodes %v", replicas)
	}
	order := append([]int32{to}, slices.DeleteFunc(slices.Clone(replicas), func(r int32) bool { return r == to })...)
	return c.Assign(ctx, topic, partition, order...)
}

// Assign a partition to nodes, the preferred leader first, and wait until it is on them and on no others: a node that still tells
// the old ones would have the next call undo this one.
func (c *Cluster) Assign(ctx context.Context, topic string, partition int32, nodes ...int32) error {
	var req kadm.AlterPartitionAssignmentsReq
	req.Assign(topic, partition, nodes)
	res, err := c.admin.AlterPartitionAssignments(ctx, req)
	if err == nil {
		err = res.Error()
	}
	if err != nil {
		return err
	}
	return poll(ctx, func() error {
		details, err := c.partitions(ctx, topic)
		if replicas := details[partition].Replicas; err == nil && !slices.Equal(replicas, nodes) {
			err = fmt.Errorf("topic %s, partition %d: on nodes %v, wanted on %v", topic, partition, replicas, nodes)
		}
		return err
	})
}

// ElectUnclean lets a replica that is not in sync lead where no other lives: what it does not have is lost. It asks until a node
// that runs leads: before the controller has missed a killed leader, no election is needed in its eyes.
func (c *Cluster) ElectUnclean(ctx context.Context, topic string, partition int32) error {
	return poll(ctx, func() error {
		if err := c.elect(ctx, kadm.ElectLiveReplica, topic, partition); err != nil {
			return err
		}
		leaders, err := c.Leaders(ctx, topic)
		if err == nil && !c.Running(int(leaders[partition])) {
			err = fmt.Errorf("partition %d of %s is still led by node %d, which is down", partition, topic, leaders[partition])
		}
		return err
	})
}

func (c *Cluster) elect(ctx context.Context, how kadm.ElectLeadersHow, topic string, partition int32) error {
	var set kadm.TopicsSet
	set.Add(topic, partition)
	res, err := c.admin.ElectLeaders(ctx, how, set)
	if err != nil {
		return fmt.Errorf("elect a leader of %s, partition %d: %w", topic, partition, err)
	}
	if one := res[topic][partition]; !isDone(one.Err) {
		return fmt.Errorf("elect a leader of %s, partition %d: %w (%s)", topic, partition, one.Err, one.ErrMessage)
	}
	return nil
}
