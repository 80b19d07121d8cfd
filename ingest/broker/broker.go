package broker

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// retentionEvery is how often old batches are deleted. kfake's own ticker starts only when a topic is created or altered, so a broker opened on
// an old directory would never delete: the broker asks for it itself.
const retentionEvery = 5 * time.Second

// Broker is a running demo broker. Stop it once.
type Broker struct {
	addr    string
	cluster *kfake.Cluster
	done    chan struct{}
	wg      sync.WaitGroup
}

// Start opens the directory, listens, and makes sure that the topic is there. The error of a port that is taken is one sentence.
// ctx bounds the start only.
func Start(ctx context.Context, cfg Config) (*Broker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("broker directory: %w", err)
	}
	ln, err := listen(ctx, cfg.Addr)
	if err != nil {
		return nil, err
	}
	cluster, err := kfake.NewCluster(options(cfg, ln)...)
	if err != nil {
		_ = ln.Close() // kfake may have closed it
		return nil, fmt.Errorf("open broker log in %s: %w", cfg.Dir, err)
	}
	// After a kill kfake scans every segment and holds the whole log in memory meanwhile: give it back to the machine.
	debug.FreeOSMemory()
	b := &Broker{addr: ln.Addr().String(), cluster: cluster, done: make(chan struct{})}
	if err := b.ensureTopic(ctx, cfg); err != nil {
		cluster.Close()
		return nil, fmt.Errorf("broker topic %s: %w", cfg.Topic, err)
	}
	b.wg.Add(1)
	go b.retain()
	return b, nil
}

// Addr is the HOST:PORT that clients connect to.
func (b *Broker) Addr() string { return b.addr }

// Stop closes the log in good order. Connections of clients break.
func (b *Broker) Stop() {
	close(b.done)
	b.wg.Wait()
	b.cluster.Close()
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port of %s is taken by another program: stop it (another demo?) or give another address with --kafka-addr", addr)
	case err != nil:
		return nil, fmt.Errorf("broker address %s: %w", addr, err)
	}
	return ln, nil
}

func options(cfg Config, ln net.Listener) []kfake.Opt {
	opts := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return ln, nil }),
		kfake.DataDir(cfg.Dir),
		kfake.ClusterID(newClusterID()), // of a new directory; an old one keeps its own
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": strconv.Itoa(cfg.MaxBatchBytes)}),
	}
	if cfg.SyncWrites {
		opts = append(opts, kfake.SyncWrites())
	}
	return opts
}

// newClusterID is 16 random bytes in Kafka's own form.
func newClusterID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// ensureTopic creates the topic, or gives an old one the limits of this start.
func (b *Broker) ensureTopic(ctx context.Context, cfg Config) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.addr))
	if err != nil {
		return err
	}
	defer client.Close()
	adm := kadm.NewClient(client)
	limits := map[string]string{
		"retention.bytes": strconv.FormatInt(cfg.RetentionBytes/int64(cfg.Partitions), 10),
		"retention.ms":    "-1",
		"segment.bytes":   strconv.FormatInt(cfg.SegmentBytes, 10),
	}
	topics, err := adm.ListTopics(ctx, cfg.Topic)
	if err != nil {
		return err
	}
	if !topics.Has(cfg.Topic) {
		return createTopic(ctx, adm, cfg, limits)
	}
	return alterTopic(ctx, adm, cfg.Topic, limits)
}

func createTopic(ctx context.Context, adm *kadm.Client, cfg Config, limits map[string]string) error {
	configs := make(map[string]*string, len(limits))
	for name, value := range limits {
		configs[name] = &value
	}
	_, err := adm.CreateTopic(ctx, int32(cfg.Partitions), 1, configs, cfg.Topic)
	return err
}

func alterTopic(ctx context.Context, adm *kadm.Client, topic string, limits map[string]string) error {
	var alters []kadm.AlterConfig
	for name, value := range limits {
		alters = append(alters, kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: &value})
	}
	res, err := adm.AlterTopicConfigs(ctx, alters, topic)
	if err != nil {
		return err
	}
	r, err := res.On(topic, nil)
	return errors.Join(err, r.Err)
}

// retain deletes what is over the limit, until Stop.
func (b *Broker) retain() {
	defer b.wg.Done()
	ticker := time.NewTicker(retentionEvery)
	defer ticker.Stop()
	for {
		select {
		case <-b.done:
			return
		case <-ticker.C:
			b.cluster.ApplyRetention()
		}
	}
}
