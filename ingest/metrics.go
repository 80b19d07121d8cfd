package ingest

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"festival/aggregate"
	"festival/ingest/kafka"
)

// metrics are resolved once: the record path touches plain counters only. docs/operations.md says what each means,
// its normal range and what to do.
type metrics struct {
	records     [aggregate.Counted + 1]prometheus.Counter
	rejects     *prometheus.CounterVec
	flush       prometheus.Histogram
	inserts     *prometheus.HistogramVec
	retries     prometheus.Counter
	pulseErrors prometheus.Counter

	reused   prometheus.Counter
	recovery map[string]prometheus.Observer // by phase
	memory   *prometheus.GaugeVec           // by part

	next, high, lag, buffered, rejected, events, eventBytes, stop, gaps, standby *prometheus.GaugeVec
}

func newMetrics(cfg Config) *metrics {
	make := promauto.With(cfg.Registry)
	gauge := func(name, help string) *prometheus.GaugeVec {
		return make.NewGaugeVec(prometheus.GaugeOpts{Name: "festival_ingest_" + name, Help: help}, []string{"partition"})
	}
	bound := func(name, help string, value int) {
		make.NewGauge(prometheus.GaugeOpts{Name: "festival_ingest_" + name, Help: help}).Set(float64(value))
	}
	buckets := []float64{.005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10}
	records := make.NewCounterVec(prometheus.CounterOpts{Name: "festival_ingest_records_total", Help: "Records read, by verdict."}, []string{"verdict"})
	m := &metrics{
		rejects:     make.NewCounterVec(prometheus.CounterOpts{Name: "festival_ingest_rejects_total", Help: "Rejected records, by reason."}, []string{"reason"}),
		flush:       make.NewHistogram(prometheus.HistogramOpts{Name: "festival_ingest_flush_seconds", Help: "Time of one flush, all tables.", Buckets: buckets}),
		inserts:     make.NewHistogramVec(prometheus.HistogramOpts{Name: "festival_ingest_insert_seconds", Help: "Time of one insert.", Buckets: buckets}, []string{"table"}),
		retries:     make.NewCounter(prometheus.CounterOpts{Name: "festival_ingest_store_retries_total", Help: "Inserts that failed and were tried again."}),
		pulseErrors: make.NewCounter(prometheus.CounterOpts{Name: "festival_ingest_pulse_errors_total", Help: "Pulses that could not be asked or stored."}),
		next:        gauge("stored_offset", "Next offset to read that the store has acknowledged."),
		high:        gauge("high_watermark", "End of the partition's log."),
		lag:         gauge("lag_records", "Records between the stable end and what is stored."),
		buffered:    gauge("buffered_rows", "Records counted and not yet stored."),
		rejected:    gauge("buffered_reject_bytes", "Kept bytes of rejects that are not stored yet."),
		events:      gauge("fingerprints", "Events in the duplicate set."),
		eventBytes:  gauge("fingerprint_bytes", "Memory of the duplicate set."),
		stop:        gauge("stopped", "1 while the partition does not go on."),
		gaps:        gauge("accepted_gap_offsets", "Offsets of the partition that are not in the ledger's log, by signed-off gaps."),
		standby:     gauge("standby_fingerprints", "Events of a partition that another process counts, held ready for a takeover."),
		reused:      make.NewCounter(prometheus.CounterOpts{Name: "festival_ingest_kept_total", Help: "Partitions that went on after a rebalance without recovering."}),
	}
	recovery := make.NewHistogramVec(prometheus.HistogramOpts{Name: "festival_ingest_recovery_seconds",
		Help: "Time of one partition's recovery, by phase.", Buckets: []float64{.1, .2, .5, 1, 2, 3, 5, 10, 20, 60}}, []string{"phase"})
	m.recovery = map[string]prometheus.Observer{}
	for _, phase := range []string{"asked", "fingerprints", "whole", "counting"} {
		m.recovery[phase] = recovery.WithLabelValues(phase)
	}
	for v := aggregate.Rejected; v <= aggregate.Counted; v++ {
		m.records[v] = records.WithLabelValues(v.String())
	}
	bound("buffered_rows_bound", "Bound of buffered_rows over all partitions; fetching pauses there.", cfg.BufferedRows)
	bound("buffered_reject_bytes_bound", "Bound of buffered_reject_bytes over all partitions; fetching pauses there.", maxRejectBytes)
	m.memory = make.NewGaugeVec(prometheus.GaugeOpts{Name: "festival_ingest_memory_bound_bytes",
		Help: "What ingest may hold at the worst, by part; the sum is its stated bound."}, []string{"of"})
	for _, part := range cfg.memoryBound() {
		m.memory.WithLabelValues(part.of).Set(float64(part.bytes))
	}
	bound("fingerprints_bound", "Bound of fingerprints over all partitions; counting stops there.", int(cfg.Events))
	bound("standby_fingerprints_bound", "Bound of standby_fingerprints over all partitions; a partition with more than its share is not held ready.", int(cfg.Standby))
	return m
}

// reject counts a bad record's reason. Rejects are rare, so the first of a reason may look its counter up.
func (m *metrics) reject(r aggregate.Reason) {
	m.rejects.WithLabelValues(r.String()).Inc()
}

func (m *metrics) insert(table string) prometheus.Observer { return m.inserts.WithLabelValues(table) }

// stopped shows whether a partition does not go on, whatever the cause: its own, the store's, Kafka's. One that recovers is about to.
func (m *metrics) stopped(partition int32, reason string) {
	value := 0.0
	if reason != "" && reason != recovering {
		value = 1
	}
	m.stop.WithLabelValues(strconv.Itoa(int(partition))).Set(value)
}

func (m *metrics) gap(partition int32) prometheus.Gauge {
	return m.gaps.WithLabelValues(strconv.Itoa(int(partition)))
}

func (m *metrics) ready(partition int32) prometheus.Gauge {
	return m.standby.WithLabelValues(strconv.Itoa(int(partition)))
}

// partitionGauges are one partition's gauges.
type partitionGauges struct {
	*metrics
	label string
}

func (m *metrics) partition(id int32) partitionGauges {
	return partitionGauges{m, strconv.Itoa(int(id))}
}

func (g partitionGauges) set(end kafka.Offsets, stored int64, rows, rejected int, events, bytes int64) {
	g.next.WithLabelValues(g.label).Set(float64(stored))
	g.high.WithLabelValues(g.label).Set(float64(end.HighWatermark))
	g.lag.WithLabelValues(g.label).Set(float64(max(0, end.StableEnd-stored)))
	g.buffered.WithLabelValues(g.label).Set(float64(rows))
	g.rejected.WithLabelValues(g.label).Set(float64(rejected))
	g.events.WithLabelValues(g.label).Set(float64(events))
	g.eventBytes.WithLabelValues(g.label).Set(float64(bytes))
}

// forget removes the gauges of a partition that this process has no more: another one shows them.
func (m *metrics) forget(partition int32) {
	label := strconv.Itoa(int(partition))
	for _, g := range []*prometheus.GaugeVec{m.next, m.high, m.lag, m.buffered, m.rejected, m.events, m.eventBytes, m.stop, m.gaps} {
		g.DeleteLabelValues(label)
	}
}
