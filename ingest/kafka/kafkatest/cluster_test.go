package kafkatest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/sql/leaks"
)

func TestMain(m *testing.M) { leaks.Main(m) }

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// lines collects what the cluster says.
type lines struct{ t *testing.T }

func (l lines) Write(p []byte) (int, error) {
	l.t.Helper()
	l.t.Log(time.Now().Format("15:04:05.000 ") + strings.TrimSpace(string(p)))
	return len(p), nil
}

func produce(t *testing.T, c *Cluster, topic string, values ...string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.Addrs(Plaintext)...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProduceRequestTimeout(time.Second), kgo.RequestTimeoutOverhead(2*time.Second))
	require.NoError(t, err)
	defer cl.Close()
	for _, v := range values {
		require.NoError(t, cl.ProduceSync(within(t), &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr())
	}
}

func ends(t *testing.T, c *Cluster, topic string) int64 {
	t.Helper()
	listed, err := c.Admin().ListEndOffsets(within(t), topic)
	require.NoError(t, err)
	o, ok := listed.Lookup(topic, 0)
	require.True(t, ok)
	require.NoError(t, o.Err)
	return o.Offset
}

// TestThreeNodes goes through what may be done to nodes, with a topic on all of them that loses nothing.
func TestThreeNodes(t *testing.T) {
	c := Run(t, Config{Nodes: 3, Log: lines{t}})
	ctx := within(t)
	require.NoError(t, c.CreateTopic(ctx, "orders", 1, 0, map[string]string{"min.insync.replicas": "2"}))
	produce(t, c, "orders", "a", "b")
	for to := 3; to >= 1; to-- {
		require.NoError(t, c.MoveLeader(ctx, "orders", 0, to))
	}
	require.NoError(t, c.Kill(1))
	require.ErrorIs(t, c.Kill(1), ErrDown)
	assert.False(t, c.Running(1))
	produce(t, c, "orders", "c")
	require.NoError(t, c.Start(ctx, 1))
	require.NoError(t, c.Start(ctx, 1), "it runs")
	require.NoError(t, c.AwaitInSync(ctx, "orders"))
	assert.EqualValues(t, 3, ends(t, c, "orders"))

	leaders, err := c.Leaders(ctx, "orders")
	require.NoError(t, err)
	leader := int(leaders[0])
	require.NoError(t, c.Pause(leader))
	assert.True(t, c.Running(leader))
	produce(t, c, "orders", "d") // another has to lead
	require.NoError(t, c.Resume(leader))
	require.NoError(t, c.AwaitInSync(ctx, "orders"))
	require.NoError(t, c.Stop(ctx, 2))
	produce(t, c, "orders", "e")
	require.NoError(t, c.Start(ctx, 2))
	require.NoError(t, c.AwaitInSync(ctx, "orders"))
	assert.EqualValues(t, 5, ends(t, c, "orders"))
	assert.ErrorContains(t, c.Kill(4), "nodes 1 to 3")
}

// TestTopics goes through the helpers for topics, and finds a cluster again in its directory.
func TestTopics(t *testing.T) {
	dir := t.TempDir()
	c := Run(t, Config{Dir: dir, Log: lines{t}})
	ctx := within(t)
	require.NoError(t, c.CreateTopic(ctx, "orders", 1, 0, nil))
	produce(t, c, "orders", "a", "b", "c")
	require.NoError(t, c.DeleteRecords(ctx, "orders", 0, 2))
	starts, err := c.Admin().ListStartOffsets(ctx, "orders")
	require.NoError(t, err)
	o, _ := starts.Lookup("orders", 0)
	assert.EqualValues(t, 2, o.Offset)
	require.NoError(t, c.AddPartitions(ctx, "orders", 3))
	require.NoError(t, c.SetTopic(ctx, "orders", "retention.ms", "12345"))
	require.Error(t, c.SetTopic(ctx, "orders", "retention.ms", "soon"))
	require.ErrorContains(t, c.MoveLeader(ctx, "orders", 0, 2), "replicas are on nodes [1]")
	files, err := c.Segments(1, "orders", 0)
	require.NoError(t, err)
	text, err := os.ReadFile(files[len(files)-1])
	require.NoError(t, err)
	assert.Contains(t, string(text), "c")
	id := c.ID()
	require.NoError(t, c.Close())

	c = Run(t, Config{Dir: dir, Log: lines{t}})
	assert.Equal(t, id, c.ID())
	assert.EqualValues(t, 3, ends(t, c, "orders"), "a kill loses nothing that was acknowledged")
	require.NoError(t, c.DeleteTopic(ctx, "orders"))
	_, err = c.Leaders(ctx, "orders")
	require.Error(t, err)
	require.NoError(t, c.CreateTopic(ctx, "orders", 2, 1, nil))
}

// TestFailureSaysWhy: a node that cannot start shows its own words.
func TestFailureSaysWhy(t *testing.T) {
	Need(t)
	_, err := Start(within(t), Config{Properties: map[string]string{"log.retention.bytes": "plenty"}})
	require.ErrorContains(t, err, "plenty")
	_, err = Start(within(t), Config{Nodes: 4, Listeners: []Listener{"SSL"}})
	require.ErrorContains(t, err, "nodes is 4")
	require.ErrorContains(t, err, `"SSL"`)
	t.Setenv("PATH", "")
	t.Setenv("JAVA_HOME", "")
	_, err = Start(within(t), Config{})
	require.ErrorIs(t, err, ErrMissing)
	require.ErrorContains(t, err, "openjdk-17-jre-headless")
}

// fakeTB sees what Need does.
type fakeTB struct {
	TB
	said string
}

func (f *fakeTB) Helper()                        {}
func (f *fakeTB) Fatalf(format string, a ...any) { f.said = "fatal: " + fmt.Sprintf(format, a...) }
func (f *fakeTB) Skipf(format string, a ...any)  { f.said = "skip: " + fmt.Sprintf(format, a...) }

func TestMissingFailsInCIAndSkipsElsewhere(t *testing.T) {
	t.Setenv("PATH", "")
	t.Setenv("JAVA_HOME", "")
	for ci, want := range map[string]string{"true": "fatal: real Kafka is not here", "": "skip: SKIPPED: real Kafka is not here"} {
		t.Setenv("CI", ci)
		var f fakeTB
		Need(&f)
		assert.Contains(t, f.said, want)
	}
}
