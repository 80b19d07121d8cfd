package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadCPU is the CPU time of this thread, to the nanosecond, so that other programs are no pause.
func threadCPU() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) // cannot fail for a thread's own clock
	return time.Duration(t.Nano())
}
