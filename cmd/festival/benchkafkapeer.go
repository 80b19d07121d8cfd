package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"festival/ingest/kafka/kafkatest"
	"festival/ingest/rehearsal"
)

// The peer of pipeline: the engine's own ENGINE=Kafka and materialized views, from the same topic into the same kinds of
// tables: raw orders with 24 columns, and sums by second or minute of the ten dimensions. It does less: no duplicates, no
// windows, no refunds apart, no conversion, no rejects kept, times as text, no frame, and nothing is exact after a crash.
const (
	kafkaPeerColumns = `order_id String, status LowCardinality(String), created_at String, paid_at String, refunded_at String, currency LowCardinality(String),
  amount Decimal(18, 3), merchant_id String, buyer_id String, buyer_country LowCardinality(String), province LowCardinality(String), city LowCardinality(String),
  merchant_country LowCardinality(String), marketplace LowCardinality(String), channel LowCardinality(String), device LowCardinality(String),
  category LowCardinality(String), brand_id String, product_id String, quantity UInt32, store_id String, team_id String, show_id String, broadcast String`

	kafkaPeerSource = `CREATE TABLE peer.source (` + kafkaPeerColumns + `) ENGINE = Kafka SETTINGS kafka_broker_list = '%s', kafka_topic_list = '%s',
  kafka_group_name = 'peer', kafka_format = 'JSONEachRow', kafka_num_consumers = %d, kafka_thread_per_consumer = 1, kafka_max_block_size = 262144,
  kafka_poll_max_batch_size = 65536, kafka_flush_interval_ms = 1000, kafka_handle_error_mode = 'stream', input_format_skip_unknown_fields = 1, input_format_null_as_default = 1`

	kafkaPeerRaw = `CREATE TABLE peer.orders (` + kafkaPeerColumns + `, partition UInt64, offset UInt64) ENGINE = MergeTree ORDER BY (partition, offset)`

	// All views hang on a table without data, and the view that fills it comes last: the engine reads the topic from its first
	// view on, and what came between two views would never be in the second one.
	kafkaPeerFeed     = `CREATE TABLE peer.feed (` + kafkaPeerColumns + `, partition UInt64, offset UInt64) ENGINE = Null`
	kafkaPeerFeedView = `CREATE MATERIALIZED VIEW peer.feed_view TO peer.feed AS SELECT *, _partition AS partition, _offset AS offset FROM peer.source WHERE length(_error) = 0`
	kafkaPeerRawView  = `CREATE MATERIALIZED VIEW peer.orders_view TO peer.orders AS SELECT * FROM peer.feed`

	kafkaPeerCells = `CREATE TABLE peer.%[1]s (key String, bucket String, orders Int64, amount Decimal(38, 3)) ENGINE = SummingMergeTree ORDER BY (key, bucket)`

	kafkaPeerView = `CREATE MATERIALIZED VIEW peer.%[1]s_view TO peer.%[1]s AS SELECT toString(%[2]s) AS key, %[3]s AS bucket, toInt64(count()) AS orders, sum(feed.amount) AS amount
FROM peer.feed AS feed WHERE status = 'paid' GROUP BY key, bucket`
)

// kafkaPeerDims are the views: key and width of the bucket in characters of the time, as the dimensions of cells have it.
var kafkaPeerDims = []struct {
	name, key string
	bucket    int
}{{"total", "''", 19}, {"device", "device", 19}, {"country", "buyer_country", 19}, {"province", "province", 16}, {"city", "city", 16}, {"category", "category", 16},
	{"marketplace", "marketplace", 16}, {"channel", "channel", 16}, {"flow", "concat(merchant_country, '>', buyer_country)", 16}, {"merchant", "merchant_id", 0}}

// kafkaPeerWait bounds how long the peer is measured: at ten million records it has not read all of them by then.
const kafkaPeerWait = 2 * time.Minute

// kafkaPeer measures the peer on the topic of a filled directory, on which nothing runs; 0 where it could not be run.
func (b *bench) kafkaPeer(dir, topic string, partitions int, answer rehearsal.Answer) (rate float64, err error) {
	addr, err := kafkatest.FreeAddr()
	if err != nil {
		return 0, err
	}
	own := filepath.Join(dir, "peer")
	if err := os.MkdirAll(own, 0o700); err != nil {
		return 0, err
	}
	defer os.RemoveAll(own)
	p, err := b.startPeer(own)
	if err != nil {
		return 0, err
	}
	defer p.store.kill()
	if has, err := p.ask("SELECT count() FROM system.table_engines WHERE name = 'Kafka'", ""); err != nil || has == "0" {
		fmt.Fprintln(b.app.err, "peer: this engine has no ENGINE=Kafka; not measured")
		return 0, err
	}
	broker := &benchChild{name: "broker", args: []string{"broker", "--dir", brokerDir(dir), "--addr", addr, "--topic", topic,
		"--partitions", strconv.Itoa(partitions), "--retention", strconv.FormatInt(int64(benchLog), 10)}, log: filepath.Join(own, "broker.log")}
	if err := broker.start(); err != nil {
		return 0, err
	}
	defer func() { _ = broker.stop() }()
	if err := until(b.app.ctx, nightStart, func() (bool, error) { return dials(b.app.ctx, addr) }); err != nil {
		return 0, err
	}
	return b.kafkaPeerRun(p, broker, addr, topic, answer)
}

func (b *bench) kafkaPeerRun(p *peer, broker *benchChild, addr, topic string, answer rehearsal.Answer) (float64, error) {
	statements := []string{"CREATE DATABASE peer", fmt.Sprintf(kafkaPeerSource, addr, topic, 2), kafkaPeerFeed, kafkaPeerRaw, kafkaPeerRawView}
	for _, d := range kafkaPeerDims {
		bucket := "''"
		if d.bucket > 0 {
			bucket = fmt.Sprintf("substring(paid_at, 1, %d)", d.bucket)
		}
		statements = append(statements, fmt.Sprintf(kafkaPeerCells, d.name), fmt.Sprintf(kafkaPeerView, d.name, d.key, bucket))
	}
	for _, s := range append(statements, kafkaPeerFeedView) {
		if _, err := p.ask(s, ""); err != nil {
			return 0, err
		}
	}
	pid := engineOf(p.store.pid())
	begun, cpu, brokerCPU := time.Now(), cpuSeconds(pid), cpuSeconds(broker.pid())
	want, rows, first := answer.Records-answer.Rejected, int64(0), int64(0)
	var unknown error // why it could not be asked the last time
	err := until(b.app.ctx, kafkaPeerWait, func() (bool, error) {
		text, err := p.ask("SELECT count() FROM peer.orders", "")
		if unknown = err; err == nil {
			rows, err = strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		}
		if first == 0 && rows > 0 && rows < want/2 { // joining the group takes seconds, which are no fault of its speed
			begun, first = time.Now(), rows
		}
		return err == nil && rows >= want, fmt.Errorf("the peer has %d of %d records", rows, want)
	})
	if err != nil && (first == 0 || unknown != nil || b.app.ctx.Err() != nil) {
		return 0, err
	}
	took := time.Since(begun)
	rate := float64(rows-first) / took.Seconds()
	return rate, b.print(benchLine{Bench: "pipeline", Case: "peer: ENGINE=Kafka and views", OrdersPerS: rate,
		CPUSeconds: map[string]float64{"engine": cpuSeconds(pid) - cpu, "broker": cpuSeconds(broker.pid()) - brokerCPU},
		RSSMB:      map[string]float64{"engine": residentMB(pid), "broker": residentMB(broker.pid())},
		Note:       fmt.Sprintf("%d of %d raw rows and %d tables of sums; timed from its first %d rows on, %s; no duplicates, windows, conversion or frame", rows, want, len(kafkaPeerDims), first, took.Round(time.Millisecond))})
}
