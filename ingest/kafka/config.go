package kafka

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/segmentio/kafka-go/sasl"
)

// Config says how to reach the log. DefaultConfig gives all but the brokers; Validate reports every problem at once.
type Config struct {
	// Brokers to begin with, each HOST:PORT. Required. The rest of the cluster is learned from them.
	Brokers []string
	// Topic that holds the orders. Default: orders.
	Topic string
	// Partitions a topic gets when it has to be created; an existing topic keeps its own. Default: 4.
	Partitions int
	// Replication of a topic that has to be created; -1 leaves it to the broker (Kafka 2.4 and newer). Default: -1.
	Replication int
	// ClientID is shown in the brokers' logs, metrics and quotas. Default: festival.
	ClientID string
	// Group that shares the partitions between processes. Used by Group only. Default: festival.
	Group string

	// Place is how a command in a sentence names this festival: --data DIR of a demo. Default: --config FILE.
	Place string

	// TLS, where the brokers speak it; nil is plain text.
	TLS *tls.Config
	// SASL mechanism with its credentials, ready to use; nil is none.
	SASL sasl.Mechanism

	// FetchBytes per partition and fetch. A batch that is bigger still comes whole. Up to about 1 MB stays in the processor's
	// second-level cache and halves the cost of reading on a near broker; with round trips of milliseconds 4 MB is better.
	// Default: 1,000,000.
	FetchBytes int32
	// MinBytes the broker waits for, at most MaxWait. Default: 1.
	MinBytes int32
	// MaxWait at the end of the log before an empty answer. It bounds how long a fetch holds up a flush. Default: 50 ms.
	MaxWait time.Duration
	// ReadAhead asks for the next bytes while the caller works on the last ones: one more buffer of FetchBytes per
	// partition. Default: true.
	ReadAhead bool

	// RequestTimeout of one exchange, without MaxWait. Default: 10 s.
	RequestTimeout time.Duration
	// DialTimeout with TLS and SASL. Default: 3 s.
	DialTimeout time.Duration
	// MetadataTTL bounds how long a moved leader goes unnoticed; kafka-go has no refresh on error. Default: 1 s.
	MetadataTTL time.Duration

	// SessionTimeout after which a silent member loses its partitions; brokers allow 6 s and more
	// (group.min.session.timeout.ms). Being taken for dead wrongly costs a pause and never a figure, so it is the least. Default: 6 s.
	SessionTimeout time.Duration
	// Heartbeat of a group member: how soon it learns of a rebalance, which every
	// takeover and every planned stop waits for. Default: 300 ms.
	Heartbeat time.Duration
	// RebalanceTimeout for the other members to join. Default: 10 s.
	RebalanceTimeout time.Duration
	// JoinBackoff after a failed attempt to join. Default: 200 ms.
	JoinBackoff time.Duration
}

// DefaultConfig has every default of Config and no brokers.
func DefaultConfig() Config {
	return Config{
		Topic: "orders", Partitions: 4, Replication: -1, ClientID: "festival", Group: "festival", Place: "--config FILE",
		FetchBytes: 1_000_000, MinBytes: 1, MaxWait: 50 * time.Millisecond, ReadAhead: true,
		RequestTimeout: 10 * time.Second, DialTimeout: 3 * time.Second, MetadataTTL: time.Second,
		SessionTimeout: 6 * time.Second, Heartbeat: 300 * time.Millisecond, RebalanceTimeout: 10 * time.Second,
		JoinBackoff: 200 * time.Millisecond,
	}
}

// Validate reports every problem of the configuration, joined.
func (c Config) Validate() error {
	var all []error
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			all = append(all, fmt.Errorf(format, args...))
		}
	}
	bad(len(c.Brokers) > 0, "kafka.brokers is empty: give at least one HOST:PORT")
	for _, b := range c.Brokers {
		_, _, err := net.SplitHostPort(b)
		bad(err == nil, "kafka.brokers has %q: write HOST:PORT", b)
	}
	bad(c.Topic != "", "kafka.topic is empty: name the topic that holds the orders")
	bad(c.Partitions >= 1 && c.Partitions <= 10_000, "kafka.partitions is %d: give 1 to 10000", c.Partitions)
	bad(c.Replication == -1 || c.Replication >= 1, "kafka replication is %d: give 1 or more, or -1 for the broker's default", c.Replication)
	bad(c.FetchBytes >= 1024 && c.FetchBytes <= maxResponse/2, "kafka fetch bytes is %d: give 1024 to %d", c.FetchBytes, maxResponse/2)
	bad(c.MinBytes >= 1 && c.MinBytes <= c.FetchBytes, "kafka min bytes is %d: give 1 to fetch bytes, %d", c.MinBytes, c.FetchBytes)
	bad(c.MaxWait >= time.Millisecond, "kafka max wait is %v: give 1 ms or more", c.MaxWait)
	bad(c.RequestTimeout > 0 && c.DialTimeout > 0 && c.MetadataTTL > 0, "kafka request timeout, dial timeout and metadata TTL must be more than 0")
	bad(c.SessionTimeout >= 6*time.Second, "kafka session timeout is %v: brokers refuse less than 6 s", c.SessionTimeout)
	bad(c.Heartbeat > 0 && 3*c.Heartbeat <= c.SessionTimeout, "kafka heartbeat is %v: give at most a third of the session timeout, %v", c.Heartbeat, c.SessionTimeout)
	bad(c.RebalanceTimeout > 0 && c.JoinBackoff > 0, "kafka rebalance timeout and join backoff must be more than 0")
	return errors.Join(all...)
}
