package main

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"festival/sql/engine"
)

// showDisk shows the room on the disk of the embedded store, asked at each scrape.
func showDisk(registry *prometheus.Registry, e engine.Config) {
	gauge := func(name, help string, of func(engine.Disk) int64) {
		promauto.With(registry).NewGaugeFunc(prometheus.GaugeOpts{Name: "festival_disk_" + name, Help: help}, func() float64 {
			d, err := engine.DiskOf(e.Dir, e.KeepFree)
			if err != nil {
				return -1
			}
			return float64(of(d))
		})
	}
	gauge("free_bytes", "Free bytes of the embedded store's disk; -1 where the system does not say.", func(d engine.Disk) int64 { return d.Free })
	gauge("free_bound_bytes", "Below so many free bytes flushes are refused; 0: never.", func(d engine.Disk) int64 { return d.Keep })
}
