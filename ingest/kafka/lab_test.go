package kafka

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"

	"festival/ingest/kafka/kafkatest"
)

// The real clusters of this package: one node with every listener, and three. Both are started by the first test that wants
// them, and closed by TestMain.
var (
	oneNode = &kafkatest.Shared{Config: kafkatest.Config{
		Listeners: []kafkatest.Listener{kafkatest.TLS, kafkatest.MutualTLS, kafkatest.SASL, kafkatest.SASLTLS},
		Users:     map[string]string{user: password},
	}}
	threeNodes = &kafkatest.Shared{Config: kafkatest.Config{Nodes: 3}}
	topics     atomic.Int64
)

const user, password = "festival", "correct-horse-5812"

// lab is a broker to read from. topic makes a new one and gives the way to it.
type lab struct {
	name  string
	topic func(t testing.TB, partitions int, settings map[string]string) Config
}

// onBoth runs a test on kfake and on real Kafka.
func onBoth(t *testing.T, test func(t *testing.T, l lab)) {
	for _, l := range []lab{{"kfake", fakeTopic}, {"kafka", realTopic}} {
		t.Run(l.name, func(t *testing.T) { test(t, l) })
	}
}

func fakeTopic(t testing.TB, partitions int, settings map[string]string) Config {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	cfg := labConfig(cluster.ListenAddrs(), topic, partitions)
	createTopic(t, cfg, 1, settings)
	return cfg
}

// realTopic makes a topic of its own in the cluster that all tests share.
func realTopic(t testing.TB, partitions int, settings map[string]string) Config {
	t.Helper()
	c := oneNode.Get(t)
	cfg := labConfig(c.Addrs(kafkatest.Plaintext), topicName(t), partitions)
	createTopic(t, cfg, 1, settings)
	return cfg
}

func topicName(t testing.TB) string {
	name := strings.NewReplacer("/", ".", " ", "_", "#", "_").Replace(t.Name())
	return fmt.Sprintf("%s.%d", name, topics.Add(1))
}

func labConfig(brokers []string, name string, partitions int) Config {
	cfg := DefaultConfig()
	cfg.Brokers, cfg.Topic, cfg.Partitions, cfg.Group = brokers, name, partitions, "group-of-"+name
	cfg.MetadataTTL, cfg.MaxWait = metadataTTL, 5*time.Millisecond
	return cfg
}

func createTopic(t testing.TB, cfg Config, replication int16, settings map[string]string) {
	t.Helper()
	configs := map[string]*string{}
	for name, value := range settings {
		configs[name] = kadm.StringPtr(value)
	}
	_, err := kadm.NewClient(newKgo(t, cfg)).CreateTopic(within(t), int32(cfg.Partitions), replication, configs, cfg.Topic)
	require.NoError(t, err)
	awaitTopic(t, cfg)
}

// awaitTopic waits until a client may write and read it.
func awaitTopic(t testing.TB, cfg Config) {
	t.Helper()
	c := newClient(t, cfg)
	await(t, "the topic", func() error {
		_, err := c.Offsets(within(t), []int32{0})
		return err
	})
}

// await asks until there is no error; the last one is shown when patience ends.
func await(t testing.TB, what string, ask func() error) {
	t.Helper()
	ctx := within(t)
	for {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			require.NoError(t, err, what)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// metadataTTL is also how long kafka-go waits for metadata: a new client whose first answer takes longer gives an error.
const metadataTTL = 300 * time.Millisecond

// patience bounds every wait for something that has to happen, on a machine under load.
const patience = 4 * time.Minute

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}
