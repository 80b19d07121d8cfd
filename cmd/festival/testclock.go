package main

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// testClockVariable names a file that holds by how many milliseconds this process's clock is wrong: `rehearse --chaos`
// writes it. Kafka, the store and timers keep the machine's time.
const testClockVariable = "FESTIVAL_TEST_CLOCK_FILE"

// clock is the festival's clock of this process, nil for the machine's own.
func (a *app) clock() func() time.Time {
	for _, pair := range a.environ {
		if file, ok := strings.CutPrefix(pair, testClockVariable+"="); ok && file != "" {
			return func() time.Time { return time.Now().Add(offsetIn(file)) }
		}
	}
	return nil
}

// offsetIn is 0 for a file that is not there or says nothing.
func offsetIn(file string) time.Duration {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	ms, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}
