package ingest_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/aggregate"
	"festival/ingest"
	"festival/ingest/kafka"
	"festival/ingest/kafka/kafkatest"
	"festival/ingest/verify"
	"festival/sql"
	"festival/sql/engine"
	"festival/sql/engine/enginetest"
	"festival/sql/leaks"
)

// shared is the engine of the worlds whose store is never taken away.
var shared enginetest.Shared

func TestMain(m *testing.M) { leaks.Main(enginetest.Main(m, &shared)) }

const (
	topic      = "orders"
	cluster    = "ingest-test"
	partitions = 3
	stride     = 512
	openMs     = 1794326400000 // 2026-11-11T00:00:00+08:00
	// metadataTTL is also how long kafka-go waits for metadata: a new client whose first answer takes longer gives an error.
	metadataTTL = 300 * time.Millisecond
	// pollEvery is how often a condition is looked at: many ask the store, at several ms of CPU each.
	pollEvery = 50 * time.Millisecond
	patience  = 3 * time.Minute // bounds every wait for something that has to happen
)

// world is what ingest works in: a log in kfake or real Kafka, the real engine on a fixed address, a ledger.
type world struct {
	t        *testing.T
	brokers  []string
	cluster  string         // its id
	fake     *kfake.Cluster // nil on a real cluster
	producer *kgo.Client
	rules    *aggregate.Rules
	ledger   sql.Ledger
	dir      string // of the store; "": a database in the shared engine
	logDir   string // of the log; "": in memory
	keepFree int64
	engine   *engine.Process // nil in the shared one
	store    *sql.Store
	conn     driver.Conn // for questions that the program never asks
	random   *rand.Rand
	made     int
	fetch    int32  // bytes a fetch; 0: as usual
	topicID  string // that the ledger has; "": none
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldIn(t, "", 0)
}

// newWorldAlone has an engine of its own, for stopEngine.
func newWorldAlone(t *testing.T) *world {
	t.Helper()
	return newWorldIn(t, t.TempDir(), 0)
}

// newWorldIn has its store in dir, with engine.Config's KeepFree.
func newWorldIn(t *testing.T, dir string, keepFree int64) *world {
	t.Helper()
	return newWorldOn(t, nil, dir, keepFree)
}

// newWorldOn works on a real cluster, in which it makes the topic; nil is a kfake of its own.
func newWorldOn(t *testing.T, log *kafkatest.Cluster, dir string, keepFree int64) *world {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	w := &world{t: t, random: rand.New(rand.NewPCG(seed, 0)), dir: dir, keepFree: keepFree}
	var err error
	w.rules, err = aggregate.NewRules(aggregate.RulesSpec{Festival: "ingest", Stride: stride,
		Windows:      []aggregate.Window{{ID: "day", StartMs: openMs, EndMs: openMs + 86_400_000}},
		Rates:        map[string]string{"CNY": "1", "USD": "7.1142"},
		Marketplaces: []string{"tmall"}, Categories: []string{"beauty"}})
	require.NoError(t, err)
	w.openKafka(log)
	w.openStore()
	return w
}

func (w *world) openKafka(log *kafkatest.Cluster) {
	var err error
	if log != nil {
		w.brokers, w.cluster = log.Addrs(kafkatest.Plaintext), log.ID()
		require.NoError(w.t, log.CreateTopic(context.Background(), topic, partitions, 1, nil))
	} else {
		fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, topic), kfake.ClusterID(cluster),
			kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"}))
		require.NoError(w.t, err)
		w.t.Cleanup(fake.Close)
		w.brokers, w.cluster, w.fake = fake.ListenAddrs(), cluster, fake
	}
	w.producer, err = kgo.NewClient(kgo.SeedBrokers(w.brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(w.t, err)
	w.t.Cleanup(w.producer.Close)
}

func (w *world) openStore() {
	ctx := context.Background()
	dsn := w.dsn()
	var err error
	w.store, err = sql.Open(ctx, sql.Config{DSN: dsn})
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, w.store.Close()) })
	_, err = w.store.Migrate(ctx)
	require.NoError(w.t, err)
	opt, err := clickhouse.ParseDSN(dsn)
	require.NoError(w.t, err)
	w.conn, err = clickhouse.Open(opt)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, w.conn.Close()) })

	document := w.rules.Document(w.cluster, topic, partitions, 1)
	id := aggregate.LedgerID(document)
	w.ledger = sql.Ledger{ID: hex.EncodeToString(id[:]), Document: string(document), LogStart: make([]int64, partitions),
		Serial: 1, Festival: "ingest", Codes: w.codes()}
	w.ledger.Prefix, err = sql.LedgerPrefix(w.ledger.ID)
	require.NoError(w.t, err)
	require.NoError(w.t, w.store.CreateLedger(ctx, w.ledger))
}

func (w *world) dsn() string {
	w.t.Helper()
	if w.dir == "" {
		return shared.DSN(w.t)
	}
	w.startEngine("")
	return w.engine.DSN(sql.DefaultDatabase)
}

// startEngine starts the store, after a stop on the address that it had.
func (w *world) startEngine(addr string) {
	w.t.Helper()
	w.engine = enginetest.StartIn(w.t, w.dir, func(c *engine.Config) {
		c.KeepFree = w.keepFree
		if addr != "" {
			c.Addr = addr
		}
	})
}

// stopEngine takes the store away and gives what brings it back.
func (w *world) stopEngine() (again func()) {
	w.t.Helper()
	addr := w.engine.Addr()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(w.t, w.engine.Stop(ctx))
	return func() { w.startEngine(addr) }
}

func (w *world) codes() map[string][]string {
	currencies := []string{}
	for _, rate := range w.rules.Rates {
		currencies = append(currencies, rate.Currency)
	}
	return map[string][]string{"currency": currencies, "country": aggregate.Countries.Names(),
		"province": aggregate.Provinces.Names(), "device": aggregate.Devices.Names(), "channel": aggregate.Channels.Names(),
		"marketplace": w.rules.Marketplaces.Names(), "category": w.rules.Categories.Names()}
}

// produce writes records to all partitions in turn: mostly orders, some seen before, some late, some bad, some of 64 KiB
// and one byte.
func (w *world) produce(records int) {
	w.t.Helper()
	batch := make([]*kgo.Record, records)
	for i := range batch {
		batch[i] = w.record(int32(i % partitions))
	}
	require.NoError(w.t, w.producer.ProduceSync(context.Background(), batch...).FirstErr())
}

func (w *world) record(partition int32) *kgo.Record {
	w.made++
	n := w.made
	if w.random.IntN(20) == 0 {
		n = 1 + w.random.IntN(w.made) // perhaps a duplicate
	}
	pick := func(words ...string) string { return words[w.random.IntN(len(words))] }
	ms := openMs + int64(w.made) - int64(w.random.IntN(5000))
	value := fmt.Sprintf(`{"order_id":"o%d","status":"paid","paid_at":%d,"currency":%q,"amount":"%d.5","merchant_id":"m%d","device":%q,"buyer_country":%q,"merchant_country":"IT","province":"330000"}`,
		n, ms, pick("CNY", "USD"), 1+w.random.IntN(900), n%30, pick("app", "desktop", "fridge"), pick("CN", "RU", "ZZ"))
	switch w.random.IntN(200) {
	case 0:
		value = value[:len(value)-1] + `,"note":"` + strings.Repeat("x", 65_537-len(value)-10) + `"}`
	case 1:
		value = value[:len(value)/2]
	}
	return &kgo.Record{Topic: topic, Partition: partition, Key: fmt.Appendf(nil, "o%d", n), Value: []byte(value), Timestamp: time.UnixMilli(ms + 50)}
}

// ends are where the partitions end.
func (w *world) ends() map[int32]int64 {
	w.t.Helper()
	offsets, err := kadm.NewClient(w.producer).ListEndOffsets(context.Background(), topic)
	require.NoError(w.t, err)
	all := map[int32]int64{}
	offsets.Each(func(o kadm.ListedOffset) { all[o.Partition] = o.Offset })
	return all
}

// run is one ingest at work.
type run struct {
	*world
	cancel   context.CancelFunc
	ended    chan error
	registry *prometheus.Registry

	mu      sync.Mutex
	next    map[int32]int64 // as acknowledged
	stopped map[int32]string
	updates []aggregate.Update
}

func (w *world) kafkaConfig() kafka.Config {
	c := kafka.DefaultConfig()
	c.Brokers, c.Topic, c.MetadataTTL = w.brokers, topic, metadataTTL
	c.SessionTimeout, c.Heartbeat = 6*time.Second, 100*time.Millisecond
	if w.fetch > 0 {
		c.FetchBytes = w.fetch
	}
	return c
}

// start lets an ingest work until stop; the given functions change its configuration.
func (w *world) start(with ...func(*ingest.Config)) *run {
	w.t.Helper()
	r := &run{world: w, ended: make(chan error, 1), registry: prometheus.NewRegistry(), next: map[int32]int64{}, stopped: map[int32]string{}}
	client, err := kafka.New(w.kafkaConfig())
	require.NoError(w.t, err)
	id, err := hex.DecodeString(w.ledger.ID)
	require.NoError(w.t, err)
	cfg := ingest.Config{Kafka: client, Store: w.store, Rules: w.rules, Alone: true, Flush: 50 * time.Millisecond, Registry: r.registry,
		Ledger: ingest.Ledger{ID: [32]byte(id), Prefix: w.ledger.Prefix, LogStart: w.ledger.LogStart,
			Identity: kafka.Identity{ClusterID: w.cluster, Topic: topic, Partitions: partitions, TopicID: w.topicID}},
		Acked: r.acked, Pulsed: r.pulsed}
	for _, f := range with {
		f(&cfg)
	}
	in, err := ingest.New(cfg)
	require.NoError(w.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() {
		defer client.Close()
		r.ended <- in.Run(ctx)
	}()
	w.t.Cleanup(r.stop)
	return r
}

// stop asks for a clean stop and waits for it.
func (r *run) stop() {
	r.t.Helper()
	if r.cancel == nil {
		return
	}
	r.cancel()
	r.cancel = nil
	begun := time.Now()
	require.NoError(r.t, <-r.ended)
	if took := time.Since(begun); took > 3*time.Second {
		r.t.Logf("stop took %s", took)
	}
}

func (r *run) acked(u aggregate.Update) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range u.Progress {
		r.next[p.Partition] = p.Next
	}
	r.updates = append(r.updates, u)
}

func (r *run) pulsed(pulses []aggregate.Pulse) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range pulses {
		r.stopped[p.Partition] = p.Stopped
	}
}

// reasons are why partitions do not go on, as of the newest pulse; one that begins is not stopped.
func (r *run) reasons() map[int32]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[int32]string{}
	for p, reason := range r.stopped {
		if reason != "" && reason != "recovering" {
			all[p] = reason
		}
	}
	return all
}

// goesOn says whether all partitions have recovered, as of the newest pulse.
func (r *run) goesOn() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, reason := range r.stopped {
		if reason != "" {
			return false
		}
	}
	return len(r.stopped) == partitions
}

func (r *run) flushes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.updates)
}

// metric sums a metric over its labels.
func (r *run) metric(name string) (sum float64) {
	families, err := r.registry.Gather()
	require.NoError(r.t, err)
	for _, f := range families {
		if f.GetName() != "festival_ingest_"+name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sum
}

// await waits until what holds.
func (w *world) await(what string, holds func() bool) {
	w.t.Helper()
	require.Eventually(w.t, holds, patience, pollEvery, what)
}

// counted waits until the store has all that the log holds.
func (w *world) counted() {
	w.t.Helper()
	ends := w.ends()
	w.await("all counted", func() bool {
		rows, err := w.store.Progress(context.Background(), w.ledger.Prefix)
		if err != nil || len(rows) < len(ends) {
			return false
		}
		for _, r := range rows {
			if r.Revision != ends[r.Partition] {
				return false
			}
		}
		return true
	})
}

// requireEqual recounts the log independently and demands that the store says the same.
func (w *world) requireEqual(with ...func(*verify.Config)) {
	w.t.Helper()
	cfg := verify.Config{Store: w.store, Ledger: w.ledger, Kafka: w.brokers}
	for _, f := range with {
		f(&cfg)
	}
	result, err := verify.Run(context.Background(), cfg)
	require.NoError(w.t, err)
	var text strings.Builder
	require.NoError(w.t, result.WriteText(&text))
	require.False(w.t, result.Differs(), text.String())
}

// number asks the store for one number.
func (w *world) number(query string) (n uint64) {
	w.t.Helper()
	require.NoError(w.t, w.conn.QueryRow(context.Background(), query).Scan(&n))
	return n
}

// isGood says whether the record is an order of usual length.
func isGood(value []byte) bool { return len(value) < 1000 && value[len(value)-1] == '}' }

// padded makes a record as long as asked by a field that nobody knows.
func padded(value []byte, length int) []byte {
	text := string(value[:len(value)-1]) + `,"note":"`
	return []byte(text + strings.Repeat("x", length-len(text)-2) + `"}`)
}
