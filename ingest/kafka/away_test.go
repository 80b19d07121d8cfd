package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/stretchr/testify/require"
)

// TestAway: the head of a reason is what docs/operations.md tells an operator to go by.
func TestAway(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Brokers, cfg.Topic = []string{"127.0.0.1:1"}, "orders"
	c := newClient(t, cfg)
	_, err := c.Identity(within(t))
	require.ErrorContains(t, c.Away(err), "kafka: metadata of topic orders: ")
	require.True(t, IsAway(c.Away(err).Error()))
	for _, gone := range []error{kafkago.UnknownTopicOrPartition, protocol.NewErrNoTopic("orders"), protocol.NewErrNoPartition("orders", 3)} {
		err := c.Away(fmt.Errorf("fetch: %w", gone))
		require.ErrorContains(t, err, "topic not found: topic orders")
		require.ErrorIs(t, err, gone)
		require.False(t, IsAway(err.Error()))
	}
	for _, same := range []error{nil, context.Canceled, c.logError(ErrCRC, 0, 5, "bad"), errors.Join(io.EOF, ErrRefused)} {
		require.Equal(t, same, c.Away(same))
	}
}
