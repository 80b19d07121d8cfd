// Package pace keeps the garbage of a process whose memory is mostly fingerprints bounded: in goes what lives on the heap, out
// comes the collector's pace.
package pace

import (
	"runtime/debug"
	runtimemetrics "runtime/metrics"
)

// Room is how much garbage may wait for the collector beside what lives. By default Go lets the heap double, so that
// fingerprints, which hold no pointers and cost the collector nothing to pass over, would count twice.
const Room = 256 << 20

// percent is the collector's pace (GOGC) for so much live memory: the default below Room, then as much as keeps the garbage at
// Room, at least 10.
func percent(live uint64) int {
	if live <= Room {
		return 100
	}
	return max(10, int(100*Room/live))
}

// Collector follows the live heap of its process, which has at most one of them. One goroutine owns it. Zero is ready.
type Collector struct{ percent int }

// Follow sets the pace anew; it is asked now and then. Not where an operator has set GOGC: that is for the caller to know.
func (c *Collector) Follow() {
	sample := []runtimemetrics.Sample{{Name: "/gc/heap/live:bytes"}}
	runtimemetrics.Read(sample)
	if sample[0].Value.Kind() != runtimemetrics.KindUint64 {
		return
	}
	if p := percent(sample[0].Value.Uint64()); p != c.percent {
		c.percent = p
		debug.SetGCPercent(p)
	}
}
