package main

import (
	"encoding/json"
	"fmt"
	"runtime"
)

// print writes one result, as JSON or as a line for people.
func (b *bench) print(l benchLine) error {
	if l.Cores == 0 {
		l.Cores = runtime.NumCPU()
	}
	if b.lines != nil {
		*b.lines = append(*b.lines, l)
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if b.JSON {
		_, err = fmt.Fprintln(b.out, string(text))
		return err
	}
	fmt.Fprintf(b.out, "%-9s %-28s %d cores", l.Bench, l.Case, l.Cores)
	if l.OrdersPerS > 0 {
		fmt.Fprintf(b.out, "  %12.0f records/s", l.OrdersPerS)
	}
	if l.NsPerOrder > 0 {
		fmt.Fprintf(b.out, "  %8.0f ns/record", l.NsPerOrder)
	}
	if l.ViewersPerCore > 0 {
		fmt.Fprintf(b.out, "  %8.0f viewers/core", l.ViewersPerCore)
	}
	if l.AllocsPer != nil {
		fmt.Fprintf(b.out, "  %.4f allocs/record", *l.AllocsPer)
	}
	if l.BytesPer > 0 {
		fmt.Fprintf(b.out, "  %.1f bytes/event", l.BytesPer)
	}
	if l.P99Ms == 0 && l.MaxMs > 0 {
		fmt.Fprintf(b.out, "  longest pause %.3f ms", l.MaxMs)
	}
	if l.P99Ms > 0 {
		fmt.Fprintf(b.out, "  p50 %.0f  p99 %.0f  max %.0f ms", l.P50Ms, l.P99Ms, l.MaxMs)
	}
	for _, name := range sortedKeys(l.CPUSeconds, l.RSSMB) {
		if cpu, ok := l.CPUSeconds[name]; ok {
			fmt.Fprintf(b.out, "  %s %.1f s CPU", name, cpu)
		} else {
			fmt.Fprintf(b.out, "  %s", name)
		}
		fmt.Fprintf(b.out, " %.0f MB", l.RSSMB[name])
	}
	for _, name := range sortedKeys(l.Seconds, nil) {
		fmt.Fprintf(b.out, "  %s %.2f s", name, l.Seconds[name])
	}
	for _, name := range sortedKeys(l.MBPerMinute, nil) {
		fmt.Fprintf(b.out, "  %s %+.1f MB/min", name, l.MBPerMinute[name])
	}
	for _, name := range sortedKeys(l.DiskMB, nil) {
		fmt.Fprintf(b.out, "  %s %.0f MB", name, l.DiskMB[name])
	}
	_, err = fmt.Fprintln(b.out, " ", l.Note)
	return err
}
