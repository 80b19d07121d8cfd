package kafka

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// Client is one process's way to the cluster: one kafka-go Transport for life, because a dropped one leaves its goroutines
// behind. Safe for concurrent use. Close it once, after the Readers.
type Client struct {
	cfg       Config
	addr      net.Addr
	transport *kafkago.Transport
	api       *kafkago.Client
	topicIDs  atomic.Bool // the brokers tell topic ids
	answered  atomic.Bool // brokers have answered once: the door is the right one
}

// New checks the configuration and is inert: the first call connects.
func New(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: cfg.DialTimeout, KeepAlive: 15 * time.Second}
	transport := &kafkago.Transport{
		Dial: dialer.DialContext, DialTimeout: cfg.DialTimeout, MetadataTTL: cfg.MetadataTTL,
		MetadataTopics: []string{cfg.Topic}, ClientID: cfg.ClientID, TLS: cfg.TLS, SASL: cfg.SASL,
	}
	addr := kafkago.TCP(cfg.Brokers...)
	return &Client{
		cfg: cfg, addr: addr, transport: transport,
		api: &kafkago.Client{Addr: addr, Timeout: cfg.RequestTimeout, Transport: transport},
	}, nil
}

// Config that the client was made with.
func (c *Client) Config() Config { return c.cfg }

// Close lets go of every connection. Calls under way end with an error or their answer.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// roundTrip gives every exchange a deadline: without one a silent broker would hold its connection for ever.
func (c *Client) roundTrip(ctx context.Context, wait time.Duration, req protocol.Message) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.RequestTimeout+wait)
	defer cancel()
	_, err := c.transport.RoundTrip(ctx, c.addr, req)
	return c.noTopic(ctx, err)
}

// logError places a Kind in this topic.
func (c *Client) logError(kind Kind, partition int32, offset int64, format string, args ...any) *LogError {
	return &LogError{Kind: kind, Topic: c.cfg.Topic, Partition: partition, Offset: offset, LogStart: -1, Text: fmt.Sprintf(format, args...)}
}
