//go:build !linux

package main

import "time"

// threadCPU is that of the whole process where a thread's own clock is not had.
func threadCPU() time.Duration { return ownCPU() }
