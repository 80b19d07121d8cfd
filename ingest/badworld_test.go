package ingest_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate"
	"festival/ingest"
	"festival/ingest/kafka"
)

// The worlds that are not ours any more, under a running ingest: everything concerned stops, says so in pulse, frame and
// metric, and nothing of the other log is counted. Loss to retention is in gap_test.go.

// TestTopicReplacedWhileRunning: the topic is deleted and created anew with more records than were counted.
func TestTopicReplacedWhileRunning(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(900)
	w.counted()
	before := w.number("SELECT count() FROM orders FINAL") + w.number("SELECT count() FROM rejects FINAL")
	w.recreate(partitions)
	w.produce(6000)
	w.allStop(r, "log replaced")
	require.Equal(t, before, w.number("SELECT count() FROM orders FINAL")+w.number("SELECT count() FROM rejects FINAL"))
	desk, done := w.desk()
	defer done()
	_, err := desk.Gap(context.Background(), 0, 300, 2000, "Ann", "it cannot be signed off")
	require.ErrorContains(t, err, "log replaced")
}

// TestTopicDeletedWhileRunning: a topic that is gone is said, not only missed.
func TestTopicDeletedWhileRunning(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(900)
	w.counted()
	_, err := kadm.NewClient(w.producer).DeleteTopic(context.Background(), topic)
	require.NoError(t, err)
	w.allStop(r, "topic not found: topic orders")
}

// TestBrokersAwayWhileRunning: the group is lost with the brokers. The gauges of every partition stay, stopped, so that the alarm of
// a stopped partition comes and not that of nobody who counts; pulse and frame say kafka.
func TestBrokersAwayWhileRunning(t *testing.T) {
	w := newWorld(t)
	r := w.start(func(c *ingest.Config) { c.Alone = false })
	w.await("partitions", r.goesOn)
	w.produce(900)
	w.counted()
	stored := func() bool { return r.metric("stored_offset") == 900 }
	w.await("the gauges", stored)
	w.fake.Close()
	w.allStop(r, "kafka: join group")
	require.True(t, stored(), "of all partitions")
	w.await("the process to say that it lives", func() bool {
		reports, err := w.store.Reports(context.Background(), w.ledger.Prefix, 0)
		return err == nil && len(reports) == 1 && len(reports[0].Report.Partitions) == 0
	})
}

// TestTopicReplacedBeforeAnythingWasCounted: of a partition with nothing counted only the topic's id tells that its log is another one.
func TestTopicReplacedBeforeAnythingWasCounted(t *testing.T) { newWorld(t).topicReplacedEmpty(true) }

func (w *world) topicReplacedEmpty(running bool) {
	client, err := kafka.New(w.kafkaConfig())
	require.NoError(w.t, err)
	defer client.Close()
	w.await("the topic's id", func() bool { w.topicID, err = client.TopicID(context.Background(), 0); return err == nil })
	require.NotEmpty(w.t, w.topicID)
	r := w.start()
	w.await("partitions", r.goesOn)
	if !running {
		r.stop()
	}
	_, err = kadm.NewClient(w.producer).DeleteTopic(context.Background(), topic)
	require.NoError(w.t, err)
	w.await("the name to be free", func() bool {
		_, err = kadm.NewClient(w.producer).CreateTopic(context.Background(), partitions, 1, nil, topic)
		return err == nil
	})
	w.producer.PurgeTopicsFromClient(topic)
	w.produce(3000)
	if !running {
		r = w.start()
	}
	w.allStop(r, "log replaced: topic orders: the topic has id")
	require.Zero(w.t, w.number("SELECT count() FROM orders")+w.number("SELECT count() FROM rejects"))
}

// TestPartitionsAdded: keys have moved between partitions, so all of them stop.
func TestPartitionsAdded(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(900)
	w.counted()
	_, err := kadm.NewClient(w.producer).CreatePartitions(context.Background(), 1, topic)
	require.NoError(t, err)
	w.allStop(r, "partition count changed")
}

// TestTopicAbsentAtARebalance: the group shares partitions out while the topic is gone. Somebody has every partition all the same,
// says that its log is away, and sees the other log when that comes.
func TestTopicAbsentAtARebalance(t *testing.T) { newWorld(t).topicAbsentAtARebalance() }

func (w *world) topicAbsentAtARebalance() {
	inGroup := func(c *ingest.Config) { c.Alone = false }
	first := w.start(inGroup)
	w.await("partitions", first.goesOn)
	w.produce(900)
	w.counted()
	before := w.number("SELECT count() FROM orders FINAL")
	_, err := kadm.NewClient(w.producer).DeleteTopic(context.Background(), topic)
	require.NoError(w.t, err)
	w.start(inGroup)
	w.members(2)
	w.incomplete("")
	w.await("the name to be free", func() bool {
		_, err = kadm.NewClient(w.producer).CreateTopic(context.Background(), partitions, 1, nil, topic)
		return err == nil
	})
	w.producer.PurgeTopicsFromClient(topic)
	w.produce(6000)
	begun := time.Now()
	w.incomplete("log replaced")
	w.t.Logf("stopped after %s", time.Since(begun))
	require.Equal(w.t, before, w.number("SELECT count() FROM orders FINAL"))
}

// TestPartitionsAddedBeforeARebalance: the group shares out as many partitions as the ledger has.
func TestPartitionsAddedBeforeARebalance(t *testing.T) {
	w := newWorld(t)
	inGroup := func(c *ingest.Config) { c.Alone = false }
	first := w.start(inGroup)
	w.await("partitions", first.goesOn)
	w.produce(900)
	w.counted()
	_, err := kadm.NewClient(w.producer).CreatePartitions(context.Background(), 1, topic)
	require.NoError(t, err)
	w.incomplete("partition count changed")
	second := w.start(inGroup)
	w.members(2)
	w.await("the other member's share", func() bool { return len(second.reasons()) > 0 })
	w.incomplete("partition count changed")
}

// members waits until the group has so many and all of them have their share.
func (w *world) members(n int) {
	w.t.Helper()
	adm := kadm.NewClient(w.producer)
	w.await("members", func() bool {
		groups, err := adm.DescribeGroups(context.Background(), kafka.DefaultConfig().Group)
		if err != nil {
			return false
		}
		g := groups[kafka.DefaultConfig().Group]
		return g.State == "Stable" && len(g.Members) == n
	})
}

// TestOtherCluster: under the same address another cluster answers, with a topic of the same name and more records.
func TestOtherCluster(t *testing.T) {
	w := newWorld(t)
	r := w.start()
	w.produce(900)
	w.counted()
	before := w.number("SELECT count() FROM orders FINAL")
	var err error
	w.fake.Close()
	w.await("the address", func() bool {
		w.fake, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(portOf(t, w.brokers[0])), kfake.SeedTopics(partitions, topic), kfake.ClusterID("another"))
		return err == nil
	})
	t.Cleanup(w.fake.Close)
	w.producer, err = kgo.NewClient(kgo.SeedBrokers(w.brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	t.Cleanup(w.producer.Close)
	w.produce(6000)
	w.await("all to stop", func() bool { return len(r.reasons()) == partitions && !strings.Contains(r.reasons()[0], "EOF") })
	w.allStop(r, "")
	require.Equal(t, before, w.number("SELECT count() FROM orders FINAL"))
}

func portOf(t *testing.T, addr string) int {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	return n
}

// recreate deletes the topic and makes another one of the same name.
func (w *world) recreate(partitions int32) {
	w.t.Helper()
	ctx, adm := context.Background(), kadm.NewClient(w.producer)
	_, err := adm.DeleteTopic(ctx, topic)
	require.NoError(w.t, err)
	_, err = adm.CreateTopic(ctx, partitions, 1, nil, topic)
	require.NoError(w.t, err)
	w.producer.PurgeTopicsFromClient(topic)
}

// allStop waits until every partition has stopped for a reason, in the pulses that go to the board and to the store, in the frame
// and in the metric.
func (w *world) allStop(r *run, reason string) {
	w.t.Helper()
	w.allSay(r, reason)
	w.await("the metric", func() bool { return r.metric("stopped") == partitions })
	w.incomplete(reason)
}

// allSay waits until every partition has stopped for one reason. On the way there it may have said another, such as a time-out.
func (w *world) allSay(r *run, reason string) {
	w.t.Helper()
	var reasons map[int32]string
	w.await("all to stop: "+reason, func() bool {
		reasons = r.reasons()
		for _, text := range reasons {
			if !strings.Contains(text, reason) {
				return false
			}
		}
		return len(reasons) == partitions
	})
	w.t.Log(reasons)
}

// stops waits until this partition alone has stopped, with a reason that has all of these words.
func (w *world) stops(r *run, partition int32, words ...string) {
	w.t.Helper()
	w.await(fmt.Sprintf("the stop of partition %d: %s", partition, words), func() bool {
		reasons := r.reasons()
		for _, word := range words {
			if !strings.Contains(reasons[partition], word) {
				return false
			}
		}
		return len(reasons) == 1
	})
	w.t.Log(r.reasons()[partition])
}

// incomplete waits until a board that reads the store says of every partition that it is stopped, with the reason.
func (w *world) incomplete(reason string) {
	w.t.Helper()
	w.await("every partition to be incomplete: "+reason, func() bool {
		gaps := w.gaps()
		for _, g := range gaps {
			if !strings.Contains(g.Reason, "stopped: ") || !strings.Contains(g.Reason, reason) {
				return false
			}
		}
		return len(gaps) == partitions
	})
}

// gaps are what a board that reads the store shows as incomplete.
func (w *world) gaps() []aggregate.Gap {
	board := aggregate.NewBoard(aggregate.BoardConfig{Rules: w.rules, Partitions: partitions, Zone: time.UTC})
	rows, err := w.store.Pulses(context.Background(), w.ledger.Prefix)
	if err != nil {
		return nil
	}
	for _, row := range rows {
		board.Pulse(aggregate.Pulse(row))
	}
	return board.Incomplete(time.Now().UnixMilli())
}
