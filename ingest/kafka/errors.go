package kafka

import (
	"context"
	"errors"
	"fmt"

	kafkago "github.com/segmentio/kafka-go"
)

// Kind is a reason why a log cannot be read on. It stops the partition (ErrPartitionCount and ErrClusterChanged: all of them)
// and is never passed over. Test with errors.Is(err, kafka.ErrCRC); the details are in the LogError around it.
type Kind string

// The kinds of stop.
const (
	// ErrOffsetLost: retention deleted the offset before we read it. LogError.LogStart is what is left.
	ErrOffsetLost = Kind("offset lost to retention")
	// ErrLogTruncated: the leader's log ends before the offset that we have already read up to.
	ErrLogTruncated = Kind("log truncated")
	// ErrLogReplaced: the last batch that we counted is not in the log any more, though retention has not passed it.
	ErrLogReplaced = Kind("log replaced")
	// ErrCRC: the bytes of a batch are not the bytes that were sealed.
	ErrCRC = Kind("batch checksum mismatch")
	// ErrCodec: a batch is packed by a codec that Kafka does not define.
	ErrCodec = Kind("unknown codec")
	// ErrTooBig: a batch unpacks to more than MaxUnpacked, or an answer is longer than any that was asked for.
	ErrTooBig = Kind("batch too big")
	// ErrMalformed: a batch carries a right checksum and a structure that is not Kafka's.
	ErrMalformed = Kind("malformed batch")
	// ErrPartitionCount: the topic has another number of partitions than the ledger.
	ErrPartitionCount = Kind("partition count changed")
	// ErrClusterChanged: another cluster answers.
	ErrClusterChanged = Kind("cluster changed")
	// ErrUncertain: a batch may or may not be in the log, and the broker can no longer tell. Producer only.
	ErrUncertain = Kind("outcome of a batch unknown")
	// ErrRefused: the brokers do not let us in, or are not who they should be. LogError.Text says which setting to look at.
	ErrRefused = Kind("access refused")
	// ErrVersion: the broker does not speak the fetch version that we read. LogError.Text says what to do.
	ErrVersion = Kind("broker too old")
)

// Error is the kind in words.
func (k Kind) Error() string { return string(k) }

// LogError is a Kind with its place. Offset is the next offset to read (ErrCRC and what else concerns a batch: its base
// offset); LogStart is set for ErrOffsetLost, else -1.
type LogError struct {
	Kind      Kind
	Topic     string
	Partition int32
	Offset    int64
	LogStart  int64
	Text      string // what was found and what the operator can do
}

// Error is one sentence with the place, the values and the fix.
func (e *LogError) Error() string {
	if e.Partition < 0 {
		return fmt.Sprintf("%s: topic %s: %s", e.Kind, e.Topic, e.Text)
	}
	return fmt.Sprintf("%s: topic %s, partition %d, offset %d: %s", e.Kind, e.Topic, e.Partition, e.Offset, e.Text)
}

// Unwrap gives the Kind, for errors.Is.
func (e *LogError) Unwrap() error { return e.Kind }

// Retryable says whether the same call may go right later without anybody's hand: connections, timeouts, elections, a topic
// that is not there yet. Kinds, refused credentials and a cancelled context are not.
func Retryable(err error) bool {
	var kind Kind
	var code kafkago.Error
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.As(err, &kind):
		return false
	case errors.As(err, &code):
		return code.Temporary() || code.Timeout() || code == kafkago.BrokerNotAvailable || code == kafkago.Unknown
	}
	return true
}
