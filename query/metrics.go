package query

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"festival/aggregate"
	"festival/sql"
)

// metrics are resolved once; nothing looks a label up while a request runs.
type metrics struct {
	frames, officials, refusedFrames prometheus.Counter
	frameBuild, storeFrame           prometheus.Histogram
	storeFailures                    prometheus.Counter
	frameSecond, frameSeq            prometheus.Gauge
	miskeyed, incomplete, fresh      prometheus.Gauge
	closed, held, afterClose         prometheus.Gauge
	merged, pending                  prometheus.Gauge

	publishing, topicLag prometheus.Gauge
	appendFrame          prometheus.Histogram
	ignored              map[verdict]prometheus.Counter

	viewers        prometheus.Gauge
	events         prometheus.Counter
	dropped        prometheus.Counter
	slow           prometheus.Counter
	refusedStreams prometheus.Counter

	board    map[string]prometheus.Gauge // by what it keeps
	rolledUp prometheus.Gauge
	folded   prometheus.Counter
	panics   prometheus.Counter
	restarts *prometheus.GaugeVec     // child
	requests *prometheus.CounterVec   // route, code class
	latency  *prometheus.HistogramVec // route
}

// newMetrics registers everything, the configured bounds too, so that an alarm can be set against them.
func newMetrics(reg prometheus.Registerer, cfg *Config) (*metrics, error) {
	b := builder{reg: reg}
	m := &metrics{
		frames:         b.counter("frames_live_total", "Live frames made."),
		officials:      b.counter("frames_official_total", "Official frames stored and shown."),
		refusedFrames:  b.counter("frames_refused_total", "Frames that failed a check and were not published."),
		frameBuild:     b.histogram("frame_build_seconds", "Time to make one frame and its bytes, all views.", fast),
		storeFrame:     b.histogram("frame_store_seconds", "Time until the store acknowledged an official frame.", slow),
		storeFailures:  b.counter("frame_store_failures_total", "Attempts to store an official frame that failed."),
		frameSecond:    b.gauge("frame_official_second", "Unix second of the newest official frame."),
		frameSeq:       b.gauge("frame_official_seq", "Number of the newest official frame."),
		miskeyed:       b.gauge("miskeyed", "Records of the ledger whose key is not their order_id, in the newest frame."),
		incomplete:     b.gauge("incomplete_partitions", "Incomplete partitions in the newest frame, live or official."),
		fresh:          b.gauge("fresh_seconds", "Age of the data in the newest frame, live or official (fresh_ms)."),
		closed:         b.gauge("closed", "1 after the close of the festival."),
		held:           b.gauge("held", "1 while an operator holds the shown number."),
		afterClose:     b.gauge("after_close_orders", "Paid orders in windows that came after the close."),
		rolledUp:       b.gauge("rolled_up_seconds", "Unix time of the last roll-up of sealed segments that this process made."),
		merged:         b.gauge("board_queue_merges", "How often waiting updates were merged because the board was behind."),
		pending:        b.gauge("board_queue_cells", "Cells that wait for the board."),
		publishing:     b.gauge("frames_publishing", "1 where this process holds the frames topic's partition."),
		topicLag:       b.gauge("frames_topic_lag", "Records of the frames topic that are not read yet."),
		appendFrame:    b.histogram("frame_append_seconds", "Time until the frames topic acknowledged a proposed frame.", slow),
		viewers:        b.gauge("stream_clients", "Open streams."),
		events:         b.counter("stream_events_total", "Frames written to streams."),
		dropped:        b.counter("stream_dropped_total", "Frames that a newer one replaced before a slow reader took them."),
		slow:           b.counter("stream_slow_total", "Streams ended because the reader did not take a frame within 5 s."),
		refusedStreams: b.counter("stream_refused_total", "Streams refused at a limit."),
		folded:         b.counter("board_cells_folded_total", "Changed cells that the board took, repeats included."),
		panics:         b.counter("panics_total", "Requests that panicked and were answered with 500."),
		requests:       b.counters("requests_total", "Requests by route and class of status.", "route", "class"),
		restarts:       b.gauges("child_restarts", "How often a child process of the demo was started again.", "child"),
		latency:        b.histograms("request_seconds", "Time to answer, by route.", "route"),
	}
	ignored := b.counters("frames_ignored_total", "Records of the frames topic that are no official frame, by reason.", "reason")
	m.ignored = map[verdict]prometheus.Counter{}
	for _, v := range []verdict{otherLedger, malformed, gap, stale, notLater, future, below, unsigned, forged, unbalanced} {
		m.ignored[v] = ignored.WithLabelValues(string(v))
	}
	board := b.gauges("board_bytes", "Memory of the board, by what it keeps.", "of")
	m.board = map[string]prometheus.Gauge{}
	for _, of := range []string{"merchants", "figures", "seconds", "open_cells"} {
		m.board[of] = board.WithLabelValues(of)
	}
	b.gaugeOf("history_bytes", "Memory of the parts of curves and breakdowns that never change.", func() float64 { return float64(cfg.Store.RolledParts()) })
	limits := b.gauges("limit", "Configured bounds.", "of")
	limits.WithLabelValues("streams").Set(float64(cfg.MaxStreams))
	limits.WithLabelValues("streams_per_ip").Set(float64(cfg.MaxStreamsPerIP))
	limits.WithLabelValues("connections").Set(float64(cfg.MaxConns))
	limits.WithLabelValues("descriptors").Set(float64(descriptors()))
	limits.WithLabelValues("queries").Set(float64(cfg.MaxQueries))
	limits.WithLabelValues("board_queue_cells").Set(maxQueued)
	limits.WithLabelValues("history_bytes").Set(sql.RolledPartsBytes)
	return m, errors.Join(b.errs...)
}

// says notes what the newest frame, live or official, says of the log.
func (m *metrics) says(f *aggregate.Frame) {
	m.miskeyed.Set(float64(f.Total.Miskeyed))
	m.incomplete.Set(float64(len(f.Incomplete)))
	m.fresh.Set(float64(f.FreshMs) / 1000)
	m.afterClose.Set(float64(f.Total.AfterClose))
}

// boardSize notes what the board keeps.
func (m *metrics) boardSize(s aggregate.BoardSize) {
	m.board["merchants"].Set(float64(s.Merchants))
	m.board["figures"].Set(float64(s.Figures))
	m.board["seconds"].Set(float64(s.Seconds))
	m.board["open_cells"].Set(float64(s.OpenCells))
}

// The buckets: for work in memory, and for a store across a network.
var (
	fast = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1}
	slow = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
)

// builder registers collectors under festival_query_ and collects the errors.
type builder struct {
	reg  prometheus.Registerer
	errs []error
}

func register[C prometheus.Collector](b *builder, c C) C {
	if err := b.reg.Register(c); err != nil {
		b.errs = append(b.errs, err)
	}
	return c
}

func opts(name, help string) prometheus.Opts {
	return prometheus.Opts{Namespace: "festival", Subsystem: "query", Name: name, Help: help}
}

func histogramOpts(name, help string, buckets []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Namespace: "festival", Subsystem: "query", Name: name, Help: help, Buckets: buckets}
}

func (b *builder) counter(name, help string) prometheus.Counter {
	return register(b, prometheus.NewCounter(prometheus.CounterOpts(opts(name, help))))
}

func (b *builder) gauge(name, help string) prometheus.Gauge {
	return register(b, prometheus.NewGauge(prometheus.GaugeOpts(opts(name, help))))
}

// gaugeOf asks for its value at each scrape.
func (b *builder) gaugeOf(name, help string, value func() float64) {
	register(b, prometheus.NewGaugeFunc(prometheus.GaugeOpts(opts(name, help)), value))
}

func (b *builder) histogram(name, help string, buckets []float64) prometheus.Histogram {
	return register(b, prometheus.NewHistogram(histogramOpts(name, help, buckets)))
}

func (b *builder) counters(name, help string, labels ...string) *prometheus.CounterVec {
	return register(b, prometheus.NewCounterVec(prometheus.CounterOpts(opts(name, help)), labels))
}

func (b *builder) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	return register(b, prometheus.NewGaugeVec(prometheus.GaugeOpts(opts(name, help)), labels))
}

func (b *builder) histograms(name, help string, labels ...string) *prometheus.HistogramVec {
	return register(b, prometheus.NewHistogramVec(histogramOpts(name, help, slow), labels))
}

// routeMetrics are one route's, resolved by class of status.
type routeMetrics struct {
	classes [6]prometheus.Counter
	latency prometheus.Observer
}

func (m *metrics) route(path string) *routeMetrics {
	r := &routeMetrics{latency: m.latency.WithLabelValues(path)}
	for i, class := range [...]string{"other", "1xx", "2xx", "3xx", "4xx", "5xx"} {
		r.classes[i] = m.requests.WithLabelValues(path, class)
	}
	return r
}

func (r *routeMetrics) observe(status int, took time.Duration) {
	class := status / 100
	if class < 0 || class >= len(r.classes) {
		class = 0
	}
	r.classes[class].Inc()
	r.latency.Observe(took.Seconds())
}
