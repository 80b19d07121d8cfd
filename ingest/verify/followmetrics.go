package verify

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// followMetrics are what a follower tells of itself; docs/operations.md says what they mean.
type followMetrics struct {
	records, retries prometheus.Counter
	frames           *prometheus.CounterVec
	second           prometheus.Gauge
	behindRecords    prometheus.Gauge
	behindSeconds    prometheus.Gauge
}

func newFollowMetrics(registry prometheus.Registerer) (*followMetrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "festival", Subsystem: "verify", Name: name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "festival", Subsystem: "verify", Name: name, Help: help})
	}
	vector := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "festival", Subsystem: "verify", Name: name, Help: help}, labels)
	}
	m := &followMetrics{records: counter("records_total", "Records recounted."),
		retries:       counter("retries_total", "What Kafka or the store refused and was asked for again."),
		frames:        vector("frames_total", "Official frames compared with the recount.", "equal"),
		second:        gauge("frame_second", "Unix second of the newest official frame that was found right."),
		behindRecords: gauge("behind_records", "Offsets between the recount and the frame that it is on the way to."),
		behindSeconds: gauge("behind_seconds", "Seconds between that frame and now."),
	}
	m.frames.WithLabelValues("true")
	m.frames.WithLabelValues("false")
	return m, errors.Join(registry.Register(m.records), registry.Register(m.retries), registry.Register(m.frames),
		registry.Register(m.second), registry.Register(m.behindRecords), registry.Register(m.behindSeconds))
}

func (m *followMetrics) behind(f *follower, second int64, at map[string]int64) {
	m.behindRecords.Set(float64(f.behindOf(at)))
	m.behindSeconds.Set(float64(max(0, f.follow.Clock().Unix()-second)))
}

func (m *followMetrics) compared(ref *FrameRef) {
	m.behindRecords.Set(0)
	if !ref.Equal {
		m.frames.WithLabelValues("false").Inc()
		return
	}
	m.frames.WithLabelValues("true").Inc()
	m.second.Set(float64(ref.Second))
}
