package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
)

// peakBeside names the most that broker and program took together, in MB, less the fingerprints.
const peakBeside = "beside engine and sets, peak"

// memorySample is what the processes take at a moment.
type memorySample struct {
	at   time.Time
	rss  map[string]float64 // MB
	sets float64            // MB of fingerprints, part of festival
}

// wholeProgram lets a demo count Rate records a second for For and tells whether its memory stays flat beside the
// fingerprints: the slope of a straight line through the second half, when everything has its size.
func (b *bench) wholeProgram() error {
	return b.withDemo(func(d *benchDemo, c *Config, rules *aggregate.Rules) error {
		ctx, cancel := context.WithTimeout(b.app.ctx, b.For)
		defer cancel()
		s, err := b.pacedSource(ctx, c, rules, &appends{waiting: map[int32][]sentBatch{}, shown: map[int32][]sentBatch{}})
		if err != nil {
			return err
		}
		before, _ := d.usage()
		begun := time.Now()
		var samples []memorySample
		var lies *layout
		all, ctx := errgroup.WithContext(ctx)
		all.Go(func() error { return s.run(ctx) })
		all.Go(func() error { samples = d.samples(ctx); return nil })
		all.Go(func() (err error) { lies, err = d.layouts(ctx); return err })
		if err := all.Wait(); err != nil && b.app.ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		cpu, _ := d.usage()
		if err := b.flatLines(samples, minus(cpu, before), float64(s.sent)/time.Since(begun).Seconds()); err != nil {
			return err
		}
		return b.print(lies.line(b.Rate))
	})
}

// samples looks every second until ctx ends.
func (d *benchDemo) samples(ctx context.Context) (out []memorySample) {
	for sleep(ctx, time.Second) {
		s := memorySample{at: time.Now()}
		_, s.rss = d.usage()
		s.sets = d.sumOf("festival_ingest_fingerprint_bytes{") / 1e6
		out = append(out, s)
	}
	return out
}

// sumOf adds what /metrics says in lines that begin so.
func (d *benchDemo) sumOf(begin string) (sum float64) {
	res, err := http.Get("http://" + d.http + "/metrics")
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if text := lines.Text(); strings.HasPrefix(text, begin) {
			v, _ := strconv.ParseFloat(text[strings.LastIndexByte(text, ' ')+1:], 64)
			sum += v
		}
	}
	return sum
}

func (b *bench) flatLines(samples []memorySample, cpu map[string]float64, rate float64) error {
	if len(samples) < 4 {
		return errors.New("too short to tell: give --for more than a few seconds")
	}
	last := samples[len(samples)-1]
	half := samples[len(samples)/2:]
	peak, slopes := 0.0, map[string]float64{}
	for _, s := range samples {
		peak = max(peak, s.rss["festival"]-s.sets+s.rss["broker"])
	}
	for name := range last.rss {
		slopes[name] = slope(half, func(s memorySample) float64 { return s.rss[name] })
	}
	slopes["festival beside the sets"] = slope(half, func(s memorySample) float64 { return s.rss["festival"] - s.sets })
	last.rss[peakBeside] = peak
	return b.print(benchLine{Bench: "memory", Case: fmt.Sprintf("whole program, %d/s", b.Rate), OrdersPerS: rate, CPUSeconds: cpu, RSSMB: last.rss, MBPerMinute: slopes,
		Note: fmt.Sprintf("%s; MB at the end; fingerprints %.0f MB of festival; slopes over the second half", b.For, last.sets)})
}

// slope is the least-squares slope in MB a minute.
func slope(samples []memorySample, of func(memorySample) float64) float64 {
	var n, sx, sy, sxx, sxy float64
	for _, s := range samples {
		x, y := s.at.Sub(samples[0].at).Minutes(), of(s)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	if d := n*sxx - sx*sx; d != 0 {
		return (n*sxy - sx*sy) / d
	}
	return 0
}
