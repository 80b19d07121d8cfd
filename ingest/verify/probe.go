package verify

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	probeAfter   = 2 * time.Second // without a record; meanwhile the client has asked twice
	probeTimeout = 10 * time.Second
	probeBytes   = 1 << 20
)

// probe asks the leader itself what stands at the reader's offset, because the client passes what has no record in
// silence: batches that compaction emptied, and offsets that it took away at the log's end. It goes past them, at most to
// end, and stays where a record stands: the client gives that one.
func (l *reader) probe(ctx context.Context, end int64) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	meta, err := kadm.NewClient(l.client).Metadata(ctx, l.topic)
	if err != nil {
		return err
	}
	detail := meta.Topics[l.topic]
	leader, there := detail.Partitions[l.partition]
	if !there {
		return fmt.Errorf("topic %s has no partition %d", l.topic, l.partition)
	}
	for moved := true; moved && l.at < end; {
		was := l.at
		if err := l.look(ctx, kmsg.NewPtrFetchRequest(), detail.ID, leader.Leader, end); err != nil {
			return err
		}
		moved = l.at > was
	}
	return nil
}

// ask is one fetch from an offset of the leader itself, batches as they are.
func (l *reader) ask(ctx context.Context, req *kmsg.FetchRequest, id kadm.TopicID, leader int32, from int64) (got *kmsg.FetchResponseTopicPartition, throttled bool, err error) {
	p, t := kmsg.NewFetchRequestTopicPartition(), kmsg.NewFetchRequestTopic()
	p.Partition, p.FetchOffset, p.PartitionMaxBytes, p.CurrentLeaderEpoch = l.partition, from, probeBytes, -1
	t.Topic, t.TopicID, t.Partitions = l.topic, id, []kmsg.FetchRequestTopicPartition{p}
	req.ReplicaID, req.MaxWaitMillis, req.MinBytes, req.MaxBytes = -1, 100, 1, probeBytes
	req.IsolationLevel, req.SessionEpoch, req.Topics = 1, -1, []kmsg.FetchRequestTopic{t}
	answer, err := l.client.Broker(int(leader)).RetriableRequest(ctx, req)
	if err != nil {
		return nil, false, err
	}
	resp := answer.(*kmsg.FetchResponse)
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
		return nil, false, err
	}
	if len(resp.Topics) != 1 || len(resp.Topics[0].Partitions) != 1 {
		return nil, false, fmt.Errorf("a fetch of partition %d was answered with %d topics", l.partition, len(resp.Topics))
	}
	return &resp.Topics[0].Partitions[0], resp.ThrottleMillis != 0, nil
}

// look is one fetch of a probe.
func (l *reader) look(ctx context.Context, req *kmsg.FetchRequest, id kadm.TopicID, leader int32, end int64) error {
	got, throttled, err := l.ask(ctx, req, id, leader, l.at)
	if err != nil {
		return err
	}
	if len(got.RecordBatches) == 0 && got.ErrorCode == 0 && !throttled && got.LastStableOffset >= end {
		l.at = end // a fetch below the stable end brings at least one batch, where there is one
		return nil
	}
	batch, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{KeepControlRecords: true, Offset: l.at,
		IsolationLevel: kgo.ReadCommitted(), Topic: l.topic, Partition: l.partition}, got, kgo.DefaultDecompressor(), nil)
	if batch.Err != nil {
		return batch.Err
	}
	first := int64(math.MaxInt64)
	if len(batch.Records) > 0 {
		first = batch.Records[0].Offset
	}
	l.at = min(max(l.at, min(next, first)), end)
	return nil
}
