package kafka

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// Identity is what makes one log another log: the ledger's hash contains all but the topic's id, which is recorded beside it.
type Identity struct {
	ClusterID  string
	Topic      string
	Partitions int32
	TopicID    string // "" where it is not known: brokers before Kafka 2.8
}

// All gives the numbers of the log's partitions, in order.
func (id Identity) All() []int32 {
	all := make([]int32, id.Partitions)
	for p := range id.Partitions {
		all[p] = p
	}
	return all
}

// Identity of the log as the cluster gives it now, at most MetadataTTL old, without the topic's id.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	cluster, topic, err := c.metadata(ctx)
	if err != nil {
		return Identity{}, err
	}
	return Identity{ClusterID: cluster, Topic: c.cfg.Topic, Partitions: int32(len(topic.Partitions))}, nil
}

// CheckIdentity fails with ErrClusterChanged, ErrPartitionCount or ErrLogReplaced where the log is not want any more.
func (c *Client) CheckIdentity(ctx context.Context, want Identity) error {
	have, err := c.Identity(ctx)
	switch {
	case err != nil:
		return err
	case have.ClusterID != want.ClusterID:
		return c.logError(ErrClusterChanged, -1, -1, "the brokers answer as cluster %s, the ledger is of cluster %s: point kafka.brokers at that cluster, or open another ledger with `festival ledger new %s`", have.ClusterID, want.ClusterID, c.cfg.Place)
	case have.Partitions != want.Partitions:
		return c.logError(ErrPartitionCount, -1, -1, "the topic has %d partitions, the ledger %d: keys have moved between partitions; open another ledger with `festival ledger new %s`", have.Partitions, want.Partitions, c.cfg.Place)
	}
	if want.TopicID == "" {
		return nil
	}
	return c.checkTopicID(ctx, want.TopicID)
}

// checkTopicID fails with ErrLogReplaced where the topic was deleted and made anew, whatever it holds.
func (c *Client) checkTopicID(ctx context.Context, want string) error {
	have, err := c.TopicID(ctx, 0)
	if err != nil || have == "" || have == want {
		return err
	}
	return c.logError(ErrLogReplaced, -1, -1, "the topic has id %s, the ledger counted %s: it was deleted and made anew; open another ledger with "+
		"`festival ledger new %s`, or, if the log was restored with the same offsets and bytes, sign that off with `%s`", have, want, c.cfg.Place, c.AcceptTopicCommand(have))
}

// AcceptTopicCommand is what an operator copies to sign off the topic with an id: the place, NAME and WHY are his to put in.
func (c *Client) AcceptTopicCommand(id string) string {
	return fmt.Sprintf("festival ledger accept-topic --topic-id %s %s --by NAME --reason WHY", id, c.cfg.Place)
}

// metadataAgain is the pause before the transport's cache is asked again.
const metadataAgain = 20 * time.Millisecond

// metadata of the topic from the transport's cache. An absent topic is an error that may be retried.
//
// kafka-go fills that cache in the background and gives each answer MetadataTTL, a second: a broker that takes longer for the first one
// would be an error to whoever asks, though RequestTimeout has not passed. So a time-out that is not ours is asked again.
func (c *Client) metadata(ctx context.Context) (cluster string, topic kafkago.Topic, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.RequestTimeout)
	defer cancel()
	for {
		cluster, topic, err = c.cached(ctx)
		if !timedOut(err) {
			return cluster, topic, err
		}
		select {
		case <-ctx.Done():
			return cluster, topic, err
		case <-time.After(metadataAgain):
		}
	}
}

// timedOut is the context's deadline or the connection's, which has it from the context.
func timedOut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

func (c *Client) cached(ctx context.Context) (cluster string, topic kafkago.Topic, err error) {
	res, err := c.api.Metadata(ctx, &kafkago.MetadataRequest{Topics: []string{c.cfg.Topic}})
	if err != nil {
		return "", kafkago.Topic{}, fmt.Errorf("metadata of topic %s: %w", c.cfg.Topic, c.explain(err))
	}
	c.answered.Store(true)
	if len(res.Topics) == 0 {
		return "", kafkago.Topic{}, fmt.Errorf("metadata of topic %s: %w", c.cfg.Topic, kafkago.UnknownTopicOrPartition)
	}
	topic = res.Topics[0]
	if topic.Error == nil && len(topic.Partitions) == 0 {
		topic.Error = kafkago.LeaderNotAvailable
	}
	if topic.Error != nil {
		return "", kafkago.Topic{}, fmt.Errorf("metadata of topic %s: %w", c.cfg.Topic, c.explain(topic.Error))
	}
	return res.ClusterID, topic, nil
}
