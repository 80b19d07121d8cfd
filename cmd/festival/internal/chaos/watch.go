package chaos

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// audience is a screen on each serve: it looks at everything that is shown, and remembers what may never happen.
type audience struct {
	mu       sync.Mutex
	bySecond map[string]string // official frames by second, over all serves: hash
	wrong    []string          // what was shown and must not be
	frames   int               // official frames seen, by any
	lastAny  time.Time
	freeze   time.Duration // longest time without a new official second on any screen
	freezes  []time.Duration
	fell     bool
}

// screen is what one viewer has seen last.
type screen struct {
	serve int
	last  shown
	at    time.Time
}

// shown is what matters of a frame.
type shown struct {
	Official bool             `json:"official"`
	Second   string           `json:"second"`
	Seq      int64            `json:"seq"`
	Hash     string           `json:"hash"`
	Prev     string           `json:"prev"`
	Pos      map[string]int64 `json:"positions"`
	Complete bool             `json:"complete"`
	Total    struct {
		GmvFen int64 `json:"gmv_fen"`
		Orders int64 `json:"orders"`
	} `json:"total"`
	Countries []struct {
		GmvFen int64 `json:"gmv_fen"`
	} `json:"countries"`
	Devices []struct {
		GmvFen int64 `json:"gmv_fen"`
	} `json:"devices"`
}

func newAudience() *audience {
	return &audience{bySecond: map[string]string{}, freezes: make([]time.Duration, serves)}
}

// watch keeps a screen on a serve until ctx ends, across every loss of it.
func (a *audience) watch(ctx context.Context, serve int, addr string) {
	s := &screen{serve: serve, at: time.Now()}
	for ctx.Err() == nil {
		a.stream(ctx, s, addr)
		rest(ctx, 300*time.Millisecond)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.freezes[serve] = max(a.freezes[serve], time.Since(s.at))
	if !a.lastAny.IsZero() {
		a.freeze = max(a.freeze, time.Since(a.lastAny))
	}
}

// stream reads one connection. A line that is silent for 6 s is given up, as pages do.
func (a *audience) stream(ctx context.Context, s *screen, addr string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(6*time.Second, cancel)
	defer silence.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/api/v1/stream", nil)
	if err != nil {
		return
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(make([]byte, 1<<20), 16<<20)
	event := ""
	for lines.Scan() {
		silence.Reset(6 * time.Second)
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			event = name
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok && event == "frame" {
			a.see(s, []byte(data))
		}
	}
}

// see holds a frame against all that was shown before.
func (a *audience) see(s *screen, data []byte) {
	var f shown
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := json.Unmarshal(data, &f); err != nil {
		a.say(s, "a frame that is no JSON: %v", err)
		return
	}
	var countries, devices int64
	for _, c := range f.Countries {
		countries += c.GmvFen
	}
	for _, d := range f.Devices {
		devices += d.GmvFen
	}
	if countries != f.Total.GmvFen || devices != f.Total.GmvFen {
		a.say(s, "frame of %s: total %d, countries %d, devices %d", f.Second, f.Total.GmvFen, countries, devices)
	}
	if f.Official {
		a.official(s, f)
	}
}

func (a *audience) official(s *screen, f shown) {
	now := time.Now()
	if known, ok := a.bySecond[f.Second]; ok && known != f.Hash {
		a.say(s, "second %s is shown as %.8s here and as %.8s elsewhere", f.Second, f.Hash, known)
	}
	a.bySecond[f.Second] = f.Hash
	last := s.last
	if last.Second != "" && f.Second < last.Second {
		a.say(s, "second %s after %s", f.Second, last.Second)
		return
	}
	if f.Second == last.Second {
		return
	}
	if last.Hash != "" && f.Seq == last.Seq+1 && f.Prev != last.Hash {
		a.say(s, "frame %d does not follow %d", f.Seq, last.Seq)
	}
	a.fall(s, last, f)
	a.frames++
	a.freezes[s.serve] = max(a.freezes[s.serve], now.Sub(s.at))
	if !a.lastAny.IsZero() {
		a.freeze = max(a.freeze, now.Sub(a.lastAny))
	}
	a.lastAny, s.at, s.last = now, now, f
}

// fall notes every figure and position that went down.
func (a *audience) fall(s *screen, last, f shown) {
	if f.Total.GmvFen < last.Total.GmvFen || f.Total.Orders < last.Total.Orders {
		a.fell = true
		a.say(s, "the total fell from %d to %d at %s", last.Total.GmvFen, f.Total.GmvFen, f.Second)
	}
	for p, at := range last.Pos {
		if f.Pos[p] < at {
			a.say(s, "partition %s went back from %d to %d at %s", p, at, f.Pos[p], f.Second)
		}
	}
}

// say keeps the first hundred complaints.
func (a *audience) say(s *screen, format string, args ...any) {
	if len(a.wrong) < 100 {
		a.wrong = append(a.wrong, fmt.Sprintf("screen %d: ", s.serve)+fmt.Sprintf(format, args...))
	}
}
