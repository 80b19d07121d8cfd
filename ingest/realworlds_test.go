package ingest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/ingest"
	"festival/ingest/kafka/kafkatest"
)

// TestRealTopicReplaced deletes the topic of a real cluster under a running ingest and fills another of the same name at once with
// more records than were counted: alone, in a group, and in a group that shares partitions out in between.
func TestRealTopicReplaced(t *testing.T) {
	c := kafkatest.Run(t, kafkatest.Config{})
	on := func(name string, do func(w *world)) {
		t.Run(name, func(t *testing.T) {
			w := newWorldOn(t, c, "", 0)
			t.Cleanup(func() { require.NoError(t, c.DeleteTopic(context.Background(), topic)) })
			do(w)
		})
	}
	on("alone", func(w *world) { w.topicReplaced(c, true) })
	on("group", func(w *world) { w.topicReplaced(c, false) })
	on("nothing counted", func(w *world) { w.topicReplacedEmpty(true) })
	on("nothing counted, restarted", func(w *world) { w.topicReplacedEmpty(false) })
	on("rebalance", func(w *world) { w.topicAbsentAtARebalance() })
}

func (w *world) topicReplaced(c *kafkatest.Cluster, alone bool) {
	r := w.start(func(c *ingest.Config) { c.Alone = alone })
	w.await("partitions", r.goesOn)
	w.produce(900)
	w.counted()
	before := w.number("SELECT count() FROM orders FINAL") + w.number("SELECT count() FROM rejects FINAL")
	ctx := context.Background()
	require.NoError(w.t, c.DeleteTopic(ctx, topic))
	require.NoError(w.t, c.CreateTopic(ctx, topic, partitions, 1, nil))
	w.producer.PurgeTopicsFromClient(topic)
	w.produce(6000)
	begun := time.Now()
	w.allStop(r, "log replaced")
	w.t.Logf("stopped after %s", time.Since(begun))
	require.Equal(w.t, before, w.number("SELECT count() FROM orders FINAL")+w.number("SELECT count() FROM rejects FINAL"))
}
