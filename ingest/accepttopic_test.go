package ingest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"

	"festival/ingest"
)

// TestAcceptTopic: a topic that was made anew is signed off only where it holds the last batch counted of every partition. Another
// log is refused, whether it is shorter or longer; the record of the right one says what was compared, and bears a hash.
func TestAcceptTopic(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	r := w.start()
	w.produce(900)
	w.counted()
	r.stop()
	desk, done := w.desk()
	defer done()
	const id = "00112233445566778899aabbccddeeff"
	record, err := desk.Topic(ctx, id, "Ann", "restored from the mirror")
	require.NoError(t, err)
	require.Len(t, record.Hash, 64)
	for _, p := range []string{"partition 0: the last batch counted is at ", "partition 1: ", "partition 2: "} {
		require.Contains(t, record.World, p)
	}
	require.NoError(t, w.store.InsertTopicID(ctx, w.ledger.Prefix, record))
	w.requireEqual() // verify holds the hash

	refused := func(words ...string) {
		t.Helper()
		w.await("the refusal: "+words[0], func() bool {
			_, err = desk.Topic(ctx, id, "Ann", "wrong")
			return err != nil && strings.Contains(err.Error(), words[0])
		})
		require.ErrorIs(t, err, ingest.ErrRefused)
		for _, word := range words {
			require.ErrorContains(t, err, word)
		}
	}
	w.recreate(partitions)
	refused("log truncated", "partition 0", "partition 1", "partition 2", "festival ledger new --config FILE")
	w.produce(6000)
	refused("log replaced", "partition 0", "partition 1", "partition 2", "festival ledger new --config FILE")
	_, err = kadm.NewClient(w.producer).CreatePartitions(ctx, 1, topic)
	require.NoError(t, err)
	refused("partition count changed")
}
