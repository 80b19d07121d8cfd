package kafka

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// topicIDVersion is the first version of Metadata that tells a topic's id (KIP-516, Kafka 2.8). kafka-go's own ends at 8.
const topicIDVersion = 10

// TopicID is what tells the topic from another one of the same name, 32 hex digits, asked of the leader of a partition, so that it is no
// older than what that leader gives of its log; "" where the broker is too old to tell. An absent topic is an error that may be retried.
func (c *Client) TopicID(ctx context.Context, partition int32) (string, error) {
	knows, err := c.tellsTopicID(ctx)
	if err != nil || !knows {
		return "", err
	}
	req := &topicIDRequest{clientID: c.cfg.ClientID, topic: c.cfg.Topic, partition: partition}
	if err := c.roundTrip(ctx, 0, req); err != nil {
		return "", fmt.Errorf("id of topic %s: %w", c.cfg.Topic, err)
	}
	if req.code != 0 {
		return "", fmt.Errorf("id of topic %s: %w", c.cfg.Topic, req.code)
	}
	return req.id, nil
}

// tellsTopicID asks once for the brokers' versions; they only rise.
func (c *Client) tellsTopicID(ctx context.Context) (bool, error) {
	if c.topicIDs.Load() {
		return true, nil
	}
	res, err := c.api.ApiVersions(ctx, &kafkago.ApiVersionsRequest{})
	if err != nil {
		return false, fmt.Errorf("versions of the brokers: %w", c.explain(err))
	}
	for _, api := range res.ApiKeys {
		if api.ApiKey == int(protocol.Metadata) && api.MinVersion <= topicIDVersion && api.MaxVersion >= topicIDVersion {
			c.topicIDs.Store(true)
			return true, nil
		}
	}
	return false, nil
}

// topicIDRequest asks the leader of a partition for the metadata of one topic and reads it up to the topic's id.
type topicIDRequest struct {
	clientID, topic string
	partition       int32
	code            kafkago.Error
	id              string
}

func (r *topicIDRequest) ApiKey() protocol.ApiKey { return protocol.Metadata } //nolint:revive,staticcheck // kafka-go's name

// Broker is the partition's leader.
func (r *topicIDRequest) Broker(cluster protocol.Cluster) (protocol.Broker, error) {
	topic, ok := cluster.Topics[r.topic]
	if !ok {
		return protocol.Broker{ID: -1}, kafkago.UnknownTopicOrPartition
	}
	if p, ok := topic.Partitions[r.partition]; ok {
		if b, ok := cluster.Brokers[p.Leader]; ok {
			return b, nil
		}
	}
	return protocol.Broker{ID: -1}, kafkago.LeaderNotAvailable
}

func (r *topicIDRequest) Required(map[protocol.ApiKey]int16) bool { return true }

func (r *topicIDRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	if _, err := rw.Write(r.bytes()); err != nil {
		return nil, err
	}
	body, err := readAnswer(rw, nil)
	if err != nil {
		return nil, err
	}
	return r, r.parse(body)
}

// bytes is the request with its length: header version 2, lengths plus one as unsigned varints, empty tags.
func (r *topicIDRequest) bytes() []byte {
	b := binary.BigEndian.AppendUint16(make([]byte, 4, 128), uint16(protocol.Metadata))
	b = binary.BigEndian.AppendUint16(b, topicIDVersion)
	b = binary.BigEndian.AppendUint32(b, correlation)
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.clientID)))
	b = append(append(b, r.clientID...), 0)
	b = append(b, 2)                   // one topic
	b = append(b, make([]byte, 16)...) // by name, not by id
	b = binary.AppendUvarint(b, uint64(len(r.topic)+1))
	b = append(append(b, r.topic...), 0)
	b = append(b, 0, 0, 0, 0) // no creation, no operations, no tags
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

func (r *topicIDRequest) parse(body []byte) error {
	p := parser{b: body}
	p.tags()
	p.int32() // throttle time
	for n := p.count(); n > 0 && !p.bad; n-- {
		p.int32()   // node
		p.compact() // host
		p.int32()   // port
		p.compact() // rack
		p.tags()
	}
	p.compact() // cluster
	p.int32()   // controller
	if n := p.count(); n != 1 && !p.bad {
		return fmt.Errorf("metadata of %d topics: %w", n, io.ErrUnexpectedEOF)
	}
	r.code = kafkago.Error(p.int16())
	p.compact() // name
	r.id = hex.EncodeToString(p.take(16))
	if p.bad {
		return fmt.Errorf("metadata of %d bytes is cut short: %w", len(body), io.ErrUnexpectedEOF)
	}
	return nil
}

// count is the length of an array or string of Kafka's compact form, 0 for null too.
func (p *parser) count() int { return max(0, int(p.uvarint())-1) }

func (p *parser) compact() []byte { return p.take(p.count()) }

// tags passes tagged fields: tag, length, bytes.
func (p *parser) tags() {
	for fields := p.uvarint(); fields > 0 && !p.bad; fields-- {
		p.uvarint()
		p.take(int(p.uvarint()))
	}
}

// uvarint is at most what is left to read: everything that is counted so takes at least a byte.
func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	if n <= 0 || v > uint64(len(p.b)) {
		p.bad, p.b = true, nil
		return 0
	}
	p.b = p.b[n:]
	return v
}

var (
	_ protocol.BrokerMessage = (*topicIDRequest)(nil)
	_ protocol.RawExchanger  = (*topicIDRequest)(nil)
)
