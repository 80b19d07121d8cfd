package kafka

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/fetch"
)

const (
	// fetchVersion is the only version that response.go reads: the newest that kafka-go writes, spoken by Kafka 2.3 (2019)
	// and everything after (KIP-896 keeps 4 to 18 in Kafka 4).
	fetchVersion = 11
	// readCommitted is the isolation level of KIP-98: only up to the last stable offset, with the list of aborted transactions.
	readCommitted = 1
	// maxResponse bounds an answer: a whole batch may be bigger than FetchBytes, a length beyond this is a broken peer.
	maxResponse = 128 << 20
	// correlation of every request of ours: kafka-go gives a connection one exchange at a time, so one number does.
	correlation = 0x66657374 // "fest"
)

// fetchRequest is one fetch of one partition. kafka-go's Transport routes it to the leader (BrokerMessage, from fetch.Request)
// and hands it the connection (RawExchanger), so that the answer lands in a buffer of ours, unparsed. RawExchanger is
// documented for SASL only: the version is pinned and TestContract guards the behaviour.
//
// Ownership: the transport's goroutine writes to body until RoundTrip has returned without a context error. After one the
// request and its buffer are left to it.
type fetchRequest struct {
	fetch.Request
	clientID string
	version  int16
	leader   int32  // broker that the request was routed to
	body     []byte // in: a buffer to reuse; out: the answer after the correlation id
}

func newFetchRequest(cfg *Config, partition int32, offset int64, maxBytes int32, buf []byte) *fetchRequest {
	return &fetchRequest{
		clientID: cfg.ClientID,
		body:     buf,
		Request: fetch.Request{
			ReplicaID: -1, MaxWaitTime: int32(cfg.MaxWait.Milliseconds()), MinBytes: cfg.MinBytes,
			// The partition's bound alone counts: where the request's is reached first, kfake leaves the aborted list out.
			MaxBytes:       math.MaxInt32,
			IsolationLevel: readCommitted, SessionEpoch: -1, // no fetch session
			Topics: []fetch.RequestTopic{{Topic: cfg.Topic, Partitions: []fetch.RequestPartition{{
				Partition: partition, CurrentLeaderEpoch: -1, FetchOffset: offset, LogStartOffset: -1, PartitionMaxBytes: maxBytes,
			}}}},
		},
	}
}

// Broker notes the leader on the way.
func (r *fetchRequest) Broker(cluster protocol.Cluster) (protocol.Broker, error) {
	broker, err := r.Request.Broker(cluster)
	r.leader = broker.ID
	return broker, err
}

// Required is asked by kafka-go with the negotiated versions; the exchange is always ours.
func (r *fetchRequest) Required(versions map[protocol.ApiKey]int16) bool {
	r.version = versions[protocol.Fetch]
	return true
}

// RawExchange writes the request and reads the whole answer. Any error makes kafka-go close the connection.
func (r *fetchRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	if r.version != fetchVersion {
		return nil, fmt.Errorf("%w: it speaks Fetch up to version %d, we need %d: use Kafka 2.3 or newer", ErrVersion, r.version, fetchVersion)
	}
	if err := protocol.WriteRequest(rw, fetchVersion, correlation, r.clientID, &r.Request); err != nil {
		return nil, fmt.Errorf("fetch request: %w", err)
	}
	body, err := readAnswer(rw, r.body)
	if err != nil {
		return nil, fmt.Errorf("fetch answer: %w", err)
	}
	r.body = body
	return r, nil
}

// readAnswer reads size, correlation id and body; buf is reused where it is big enough.
func readAnswer(r io.Reader, buf []byte) ([]byte, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := int32(binary.BigEndian.Uint32(head[:4])) - 4
	if size < 0 || size > maxResponse {
		return nil, fmt.Errorf("%w: an answer of %d bytes", ErrTooBig, size)
	}
	if id := binary.BigEndian.Uint32(head[4:]); id != correlation {
		return nil, fmt.Errorf("correlation id %#x: %w", id, io.ErrUnexpectedEOF)
	}
	if cap(buf) < int(size) {
		buf = make([]byte, size, int(size)+int(size)/8)
	}
	buf = buf[:size]
	_, err := io.ReadFull(r, buf)
	return buf, err
}

var (
	_ protocol.BrokerMessage = (*fetchRequest)(nil)
	_ protocol.RawExchanger  = (*fetchRequest)(nil)
)
