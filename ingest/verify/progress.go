package verify

import (
	"fmt"
	"time"

	"festival/ingest/pace"
)

// How often long work says how far it is: a line, or the only line of a terminal.
const (
	tellEvery     = 5 * time.Second
	terminalEvery = 500 * time.Millisecond
)

// tell says how far the work is until the function that it gives is called.
func (r *run) tell(workers []*worker) (stop func()) {
	done, told := make(chan struct{}), make(chan struct{})
	every, end := tellEvery, "\n"
	if r.Terminal {
		every, end = terminalEvery, "\r"
	}
	go func() {
		defer close(told)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				fmt.Fprint(r.Progress, r.progressLine(workers), end)
			}
		}
	}()
	return func() {
		close(done)
		<-told
		if r.Terminal {
			fmt.Fprint(r.Progress, "\x1b[K") // what is printed next stands where the line was
		}
	}
}

// paceEvery is how often the collector's pace follows what lives.
const paceEvery = time.Second

// pace keeps the garbage beside what lives bounded until the function that it gives is called.
func (c *Config) pace() (stop func()) {
	if c.OwnPace {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(paceEvery)
		defer ticker.Stop()
		for collector := (pace.Collector{}); ; collector.Follow() {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

func (r *run) progressLine(workers []*worker) string {
	var read, all int64
	for _, w := range workers {
		read, all = read+w.position.Load()-w.start, all+w.end-w.start
	}
	took := time.Since(r.begun)
	line := fmt.Sprintf("verify: %d of %d offsets recounted (%d %%), %.0f a second, %d differences", read, all,
		100*read/max(all, 1), float64(read)/took.Seconds(), r.found.len())
	if read > 0 {
		left := time.Duration(float64(took) * float64(all-read) / float64(read))
		line += fmt.Sprintf(", about %s to go  ", left.Round(time.Second))
	}
	return line
}
