package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

const (
	awayHead    = "kafka: "
	noTopicHead = "topic not found: "
)

// Away gives every error that is no Kind one of two heads, by which docs/operations.md tells what to do: a topic or partition that is
// gone, because waiting does not bring it back (it is tried again all the same: one that was just made is unknown for a moment), and
// "kafka:" for all else, brokers that are away. A Kind, an ended context and nil stay as they are.
func (c *Client) Away(err error) error {
	var kind Kind
	if err == nil || errors.As(err, &kind) || errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, kafkago.UnknownTopicOrPartition) || errors.Is(err, protocol.ErrNoTopic) || errors.Is(err, protocol.ErrNoPartition) {
		return fmt.Errorf(noTopicHead+"topic %s was deleted, or kafka.topic names another: mend the name, restore it with the same offsets and bytes, "+
			"or make it anew and open a new ledger (`festival ledger new %s`): %w", c.cfg.Topic, c.cfg.Place, err)
	}
	return fmt.Errorf(awayHead+"%w", err)
}

// IsAway says whether a reason is of brokers that are away, by Away.
func IsAway(reason string) bool { return strings.HasPrefix(reason, awayHead) }
