package main

import (
	"bufio"
	"os"
	"strings"
	"time"
)

// milestones are what an ingest says on its way through a recovery, by the words of its log.
var milestones = []struct{ says, name string }{
	{`msg="partitions assigned"`, "until assigned"},
	{`msg="partition recovered"`, "until recovered"},
	{`msg="partition counts new records"`, "until counting"},
}

// recoveries are the seconds from begun until the last ingest had its share, had rebuilt the last partition of it, and had
// stored more of the last one than was stored before: where the time of a takeover goes.
func (n *benchNight) recoveries(begun time.Time) map[string]float64 {
	last := map[string]float64{}
	for _, c := range n.ingests {
		log, err := os.Open(c.log)
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			if name, at := milestone(lines.Text()); name != "" && at.After(begun) {
				last[name] = max(last[name], at.Sub(begun).Seconds())
			}
		}
		_ = log.Close()
	}
	return last
}

// milestone reads one line of slog's text, "" where it is none of the milestones.
func milestone(line string) (name string, at time.Time) {
	stamp, _, _ := strings.Cut(strings.TrimPrefix(line, "time="), " ")
	for _, m := range milestones {
		if strings.Contains(line, m.says) {
			if at, err := time.Parse(time.RFC3339Nano, stamp); err == nil {
				return m.name, at
			}
		}
	}
	return "", time.Time{}
}
