package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/listoffsets"
)

// Offsets of one partition, as its leader gives them. StableEnd is asked before HighWatermark, so it is never above.
type Offsets struct {
	Partition     int32
	LogStart      int64
	StableEnd     int64 // a read_committed reader at this offset has read everything that is settled
	HighWatermark int64
}

// Offsets of the partitions, in the order asked: three small exchanges per leader. The answer is whole or an error.
func (c *Client) Offsets(ctx context.Context, partitions []int32) ([]Offsets, error) {
	_, topic, err := c.metadata(ctx)
	if err != nil {
		return nil, err
	}
	leaders := make(map[int32][]int32)
	for _, p := range partitions {
		leader := leaderOf(topic, p)
		leaders[leader] = append(leaders[leader], p)
	}
	found := make(map[int32]*Offsets, len(partitions))
	for leader, led := range leaders {
		if err := c.leaderOffsets(ctx, leader, led, found); err != nil {
			return nil, fmt.Errorf("offsets of partitions %v: %w", led, err)
		}
	}
	out := make([]Offsets, len(partitions))
	for i, p := range partitions {
		if found[p] == nil {
			return nil, fmt.Errorf("offsets of partition %d: %w", p, io.ErrUnexpectedEOF)
		}
		out[i] = *found[p]
	}
	return out, nil
}

func leaderOf(topic kafkago.Topic, partition int32) int32 {
	for _, p := range topic.Partitions {
		if int32(p.ID) == partition && p.Error == nil {
			return int32(p.Leader.ID)
		}
	}
	return -1
}

func (c *Client) leaderOffsets(ctx context.Context, leader int32, partitions []int32, into map[int32]*Offsets) error {
	for _, p := range partitions {
		into[p] = &Offsets{Partition: p, LogStart: -1, StableEnd: -1, HighWatermark: -1}
	}
	asks := []struct {
		at    int64
		level int8
		put   func(*Offsets, int64)
	}{
		{kafkago.FirstOffset, 0, func(o *Offsets, v int64) { o.LogStart = v }},
		{kafkago.LastOffset, readCommitted, func(o *Offsets, v int64) { o.StableEnd = v }},
		{kafkago.LastOffset, 0, func(o *Offsets, v int64) { o.HighWatermark = v }},
	}
	for _, ask := range asks {
		req := newListRequest(&c.cfg, leader, partitions, ask.at, ask.level)
		if err := c.roundTrip(ctx, 0, req); err != nil {
			return err
		}
		if err := req.collect(into, ask.put); err != nil {
			return err
		}
	}
	return nil
}

// listRequest asks one leader for one kind of offset of many partitions. kafka-go's own ListOffsets opens a connection per
// partition and kind, and keeps them.
type listRequest struct {
	body     listoffsets.Request
	clientID string
	leader   int32
	version  int16
	answer   *listoffsets.Response
}

func newListRequest(cfg *Config, leader int32, partitions []int32, at int64, level int8) *listRequest {
	r := &listRequest{clientID: cfg.ClientID, leader: leader}
	asked := make([]listoffsets.RequestPartition, len(partitions))
	for i, p := range partitions {
		asked[i] = listoffsets.RequestPartition{Partition: p, CurrentLeaderEpoch: -1, Timestamp: at}
	}
	r.body = listoffsets.Request{
		ReplicaID: -1, IsolationLevel: level,
		Topics: []listoffsets.RequestTopic{{Topic: cfg.Topic, Partitions: asked}},
	}
	return r
}

func (r *listRequest) ApiKey() protocol.ApiKey { return protocol.ListOffsets } //nolint:revive,staticcheck // kafka-go's name

func (r *listRequest) Broker(cluster protocol.Cluster) (protocol.Broker, error) {
	if b, ok := cluster.Brokers[r.leader]; ok {
		return b, nil
	}
	return protocol.Broker{ID: -1}, kafkago.LeaderNotAvailable
}

func (r *listRequest) Required(versions map[protocol.ApiKey]int16) bool {
	r.version = versions[protocol.ListOffsets]
	return true
}

func (r *listRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	if err := protocol.WriteRequest(rw, r.version, correlation, r.clientID, &r.body); err != nil {
		return nil, err
	}
	_, m, err := protocol.ReadResponse(rw, protocol.ListOffsets, r.version)
	if err != nil {
		return nil, err
	}
	r.answer, _ = m.(*listoffsets.Response)
	return r, nil
}

func (r *listRequest) collect(into map[int32]*Offsets, put func(*Offsets, int64)) error {
	var all []error
	for _, t := range r.answer.Topics {
		for _, p := range t.Partitions {
			if p.ErrorCode != 0 {
				all = append(all, fmt.Errorf("partition %d: %w", p.Partition, kafkago.Error(p.ErrorCode)))
			} else if o := into[p.Partition]; o != nil {
				put(o, p.Offset)
			}
		}
	}
	return errors.Join(all...)
}
