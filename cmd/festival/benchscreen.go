package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"festival/aggregate"
)

// screen is what a viewer of one stream sees, and what the log holds meanwhile: when each partition and the number moved.
type screen struct {
	mu     sync.Mutex
	frame  aggregate.Frame
	moved  map[int32]time.Time // when a partition's position last moved
	number time.Time           // when the total last moved
	ends   aggregate.Positions // of the log, as acknowledged
	pauses                     // since reset
}

// pauses are the longest times without a move.
type pauses struct {
	partition time.Duration // the worst of all partitions
	total     time.Duration
}

func newScreen() *screen { return &screen{moved: map[int32]time.Time{}, ends: aggregate.Positions{}} }

// watch follows a stream until ctx ends, over restarts of the server.
func (s *screen) watch(ctx context.Context, addr string) {
	for ctx.Err() == nil {
		_ = streamFrames(ctx, addr, s.see) // the server is away: it comes again
		sleep(ctx, 20*time.Millisecond)
	}
}

// streamFrames gives each frame of a stream with the time of its arrival, until the stream ends.
func streamFrames(ctx context.Context, addr string, see func(*aggregate.Frame, time.Time)) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/api/v1/stream", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("stream: %s", res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		if data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); ok {
			now := time.Now()
			var f aggregate.Frame
			if err := json.Unmarshal(data, &f); err != nil {
				return err
			}
			see(&f, now)
		}
	}
	return lines.Err()
}

func (s *screen) see(f *aggregate.Frame, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, at := range f.Positions {
		if at <= s.frame.Positions[p] {
			continue
		}
		if last, ok := s.moved[p]; ok {
			s.partition = max(s.partition, now.Sub(last))
		}
		s.moved[p] = now
	}
	if f.Total.GmvFen > s.frame.Total.GmvFen {
		if !s.number.IsZero() {
			s.total = max(s.total, now.Sub(s.number))
		}
		s.number = now
	}
	if read(*f) >= read(s.frame) {
		s.frame = *f
	}
}

// sent notes what the log has acknowledged: a source's acked.
func (s *screen) sent(partition int32, end int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends[partition] = end
}

// reset forgets the pauses; one that lasts counts from its beginning.
func (s *screen) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pauses = pauses{}
}

// mark gives the log's ends of this moment.
func (s *screen) mark() aggregate.Positions {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := aggregate.Positions{}
	for p, end := range s.ends {
		out[p] = end
	}
	return out
}

// past says whether every partition has come past a mark.
func (s *screen) past(mark aggregate.Positions) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, end := range mark {
		if s.frame.Positions[p] <= end {
			return false
		}
	}
	return true
}

// behind is how many records of the log are not shown.
func (s *screen) behind() (n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, end := range s.ends {
		n += max(0, end-s.frame.Positions[p])
	}
	return n
}

func (s *screen) now() (aggregate.Frame, pauses) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frame, s.pauses
}
