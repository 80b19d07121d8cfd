package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
)

// fanoutCalm is how long the serve is measured without viewers, and how long the viewers are left alone before they are.
const (
	fanoutCalm    = 5 * time.Second
	fanoutRecords = 200_000 // counted first: frames have nearly every country, all provinces and 60 flows by then
	fanoutChecked = 4       // viewers that read every frame
	fanoutFiles   = 500     // open files beside the viewers
)

// fanout measures what one `festival serve` spends on its viewers: Viewers streams of official frames, gzip, opened by this
// process over loopback and read by one epoll loop. CPU is the serve's own, less what it takes without viewers; on loopback
// the kernel does the receiver's part of TCP in the sender's time, so a network card costs less.
func (b *bench) fanout() error {
	asked := *b.benchCmd
	asked.Records = min(b.Records, fanoutRecords)
	fewer := *b
	fewer.benchCmd = &asked
	return fewer.night(fmt.Sprintf("query: {max_streams: %d}\n", b.Viewers+2*fanoutChecked), (*benchNight).fanout)
}

func (n *benchNight) fanout() error {
	n.unwatch() // the bench's own viewer
	n.unwatch = func() {}
	for _, view := range []string{"", "total"} {
		line, err := n.viewers(view)
		if err != nil {
			return fmt.Errorf("view %q: %w", view, err)
		}
		if err := n.print(line); err != nil {
			return err
		}
	}
	return nil
}

// fanoutState is what a serve has used and done at a moment.
type fanoutState struct {
	at                       time.Time
	cpu, rss                 float64
	clients, events, dropped float64
}

func (n *benchNight) fanoutState() (fanoutState, error) {
	m, err := n.scrape("festival_query_stream_clients", "festival_query_stream_events_total", "festival_query_stream_dropped_total")
	if err != nil {
		return fanoutState{}, err
	}
	pid := n.serve.pid()
	return fanoutState{time.Now(), cpuSeconds(pid), residentMB(pid), m[0], m[1], m[2]}, nil
}

// scrape reads unlabelled metrics of the serve.
func (n *benchNight) scrape(names ...string) ([]float64, error) {
	res, err := http.Get("http://" + n.http + "/metrics")
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	out := make([]float64, len(names))
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if i := slices.Index(names, name); i >= 0 {
			if out[i], err = strconv.ParseFloat(value, 64); err != nil {
				return nil, err
			}
		}
	}
	return out, lines.Err()
}

func (n *benchNight) viewers(view string) (line benchLine, err error) {
	idle, err := n.over(fanoutCalm)
	if err != nil {
		return line, err
	}
	crowd, err := openCrowd(n.http, view, n.Viewers)
	if err != nil {
		return line, err
	}
	ctx, cancel := context.WithCancel(n.app.ctx)
	var all errgroup.Group
	all.Go(func() error { return crowd.read(ctx) })
	for range fanoutChecked {
		all.Go(func() error { return n.checked(ctx) })
	}
	defer func() { cancel(); err = errors.Join(err, all.Wait(), crowd.close()) }()
	most := float64(n.Viewers + fanoutChecked)
	err = until(ctx, nightStart, func() (bool, error) {
		s, err := n.fanoutState()
		return err == nil && s.clients >= most, errors.Join(err, fmt.Errorf("%.0f of %.0f streams are open", s.clients, most))
	})
	if err != nil || !sleep(ctx, fanoutCalm) {
		return line, errors.Join(err, ctx.Err())
	}
	crowd.reset()
	busy, err := n.over(min(n.For, time.Minute))
	if err != nil {
		return line, err
	}
	return n.fanoutLine(view, idle, busy, crowd), nil
}

// fanoutSpan is what lies between two states.
type fanoutSpan struct{ from, to fanoutState }

func (s fanoutSpan) seconds() float64 { return s.to.at.Sub(s.from.at).Seconds() }
func (s fanoutSpan) cores() float64   { return (s.to.cpu - s.from.cpu) / s.seconds() }

func (n *benchNight) over(d time.Duration) (s fanoutSpan, err error) {
	if s.from, err = n.fanoutState(); err != nil {
		return s, err
	}
	if !sleep(n.app.ctx, d) {
		return s, n.app.ctx.Err()
	}
	s.to, err = n.fanoutState()
	return s, err
}

// tick is how finely CPU time of a process is told (cpuSeconds).
const tick = 10 * time.Millisecond

// fanoutLine leaves viewers a core out where the serve's CPU with viewers does not exceed that without by more than four readings
// of a clock of ticks can be wrong.
func (n *benchNight) fanoutLine(view string, idle, busy fanoutSpan, c *crowd) benchLine {
	events := busy.to.events - busy.from.events
	delays, bytes := c.seen()
	kB := (busy.to.rss - idle.to.rss) * 1000 / float64(n.Viewers)
	line := benchLine{Bench: "fanout", Case: strings.TrimSpace(fmt.Sprintf("%d viewers %s", n.Viewers, view)),
		CPUSeconds: map[string]float64{"serve": busy.to.cpu - busy.from.cpu}, RSSMB: map[string]float64{"serve": busy.to.rss},
		P50Ms: percentile(delays, 50), P99Ms: percentile(delays, 99), MaxMs: percentile(delays, 100)}
	cost := "too few viewers to tell what one costs"
	if more := busy.cores() - idle.cores(); events > 0 && more > 2*tick.Seconds()*(1/idle.seconds()+1/busy.seconds()) {
		perEvent := more * busy.seconds() / events
		line.ViewersPerCore, cost = 1/perEvent, fmt.Sprintf("%.1f µs of CPU a frame sent", perEvent*1e6)
	}
	line.Note = fmt.Sprintf("%s, %.0f frames/s, %.0f dropped for newer ones; %.1f kB received a frame; %.1f kB of the process a viewer; "+
		"serve takes %.3f cores without viewers, %.3f with; ms from the whole second to the viewer, storing included",
		cost, events/busy.seconds(), busy.to.dropped-busy.from.dropped, float64(bytes)/max(1, float64(len(delays)))/1000, kB, idle.cores(), busy.cores())
	return line
}

// percentile sorts its samples.
func percentile(samples []float64, p int) float64 {
	if len(samples) == 0 {
		return 0
	}
	slices.Sort(samples)
	return samples[min(len(samples)-1, len(samples)*p/100)]
}

// checked reads a stream as a browser does, and fails where a frame does not follow the one before it.
func (n *benchNight) checked(ctx context.Context) error {
	var last aggregate.Frame
	var wrong error
	err := streamFrames(ctx, n.http, func(f *aggregate.Frame, _ time.Time) {
		if !f.Official {
			return
		}
		if last.Seq > 0 && f.Seq > last.Seq && (f.Seq != last.Seq+1 || f.Prev != *last.Hash) {
			wrong = fmt.Errorf("frame %d after %d: one is missing, or it is another chain's", f.Seq, last.Seq)
		}
		last = *f
	})
	if ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, wrong)
}
