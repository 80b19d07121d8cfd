package ingest

import (
	"runtime/debug"
	runtimemetrics "runtime/metrics"
)

// heapRoom is how much garbage may wait for the collector beside what lives. By default Go lets the heap double, so that the
// fingerprints, which hold no pointers and cost the collector nothing to pass over, would count twice.
const heapRoom = 256 << 20

// collectorPercent is the collector's pace (GOGC) for so much live memory: the default below heapRoom, then as much as keeps the
// garbage at heapRoom, at least 10.
func collectorPercent(live uint64) int {
	if live <= heapRoom {
		return 100
	}
	return max(10, int(100*heapRoom/live))
}

// paceCollector follows the live heap. It changes nothing where an operator has set GOGC.
func (in *Ingest) paceCollector() {
	if in.cfg.OwnPace {
		return
	}
	sample := []runtimemetrics.Sample{{Name: "/gc/heap/live:bytes"}}
	runtimemetrics.Read(sample)
	if sample[0].Value.Kind() != runtimemetrics.KindUint64 {
		return
	}
	if percent := collectorPercent(sample[0].Value.Uint64()); percent != in.percent {
		in.percent = percent
		debug.SetGCPercent(percent)
	}
}
