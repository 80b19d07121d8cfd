package query

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"festival/aggregate"
)

// Config is all that a Server needs. The zero value of an optional field means its default.
type Config struct {
	Addr string // listen address, host:port; port 0 takes a free one
	Open bool   // http.open: answer viewers beyond loopback; without it Addr has to be a loopback address
	// OperatorToken lets who sends it as a bearer token (RFC 6750) do what operators on this machine may; 32 to 256 printable
	// ASCII characters. "": operators' routes answer loopback only.
	OperatorToken string

	Festival     Festival
	Rules        *aggregate.Rules
	Ledger       [32]byte // id of the open ledger
	Partitions   int      // of the topic, at least 1
	LatenessMs   int64    // festival.lateness
	Zone         *time.Location
	MilestonesCN []int64          // thresholds in whole yuan (milestones_cny), in any order
	Reference    []ReferencePoint // last festival's curve, ascending; empty: none
	Store        Store
	Wall         Wall  // what is on which screen
	Pages        fs.FS // index.html, desk.html, merchant.html, ops.html, assets/; nil: no pages

	Tail   bool // feed the board by tailing the store (festival serve); else by Apply
	Follow bool // show the official frames that another process stores; needs Tail

	// KeepFree are the free bytes of the store's disk below which its guard refuses flushes (store.keep_free), for operators: 0 is the
	// engine's default, 2 GiB or 5 % of a smaller disk than 40 GiB; below 0 none.
	KeepFree int64

	Children func() map[string]int64 // restarts of each child process (demo); nil: none
	// Frames is the topic by which several serves agree on the official frames; nil: this process makes them alone, or
	// follows. It needs Tail.
	Frames   FramesLog
	Instance string // names this process among the serves, for people and in the topic; needed with Frames

	MaxStreams      int // open streams in all, default 10,000
	MaxStreamsPerIP int // from one address, default 64; loopback is not counted
	MaxConns        int // connections that are not streams, default 4,096
	MaxQueries      int // store queries at one time, default 8

	Registry *prometheus.Registry // nil: one of its own
	Clock    func() time.Time     // nil: time.Now
	Log      *slog.Logger         // nil: slog.Default()
}

// Festival is what pages say about the festival.
type Festival struct {
	ID      string
	NameZh  string
	NameEn  string
	Zone    string   // IANA name, as configured
	Locales []string // first is the default; empty: zh, en
}

// ReferencePoint is a point of last festival's curve: cumulative GMV through second N since its window's start (the
// first second is 0), as in the file festival.reference.
type ReferencePoint struct {
	Window string `json:"-"` // window id that the curve belongs to, "": the first window
	N      int64  `json:"n"`
	GmvFen int64  `json:"gmv_fen"`
}

func (c *Config) defaults() {
	set := func(n *int, def int) {
		if *n == 0 {
			*n = def
		}
	}
	set(&c.MaxStreams, 10_000)
	set(&c.MaxStreamsPerIP, 64)
	set(&c.MaxConns, 4096)
	set(&c.MaxQueries, 8)
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	c.Wall.Screens = slices.Clone(c.Wall.Screens)
	c.Wall.defaults()
	if len(c.Festival.Locales) == 0 {
		c.Festival.Locales = []string{"zh", "en"}
	}
}

// Validate reports every problem of the configuration at once.
func (c *Config) Validate() error {
	var errs []error
	bad := func(when bool, format string, args ...any) {
		if when {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	_, _, err := net.SplitHostPort(c.Addr)
	bad(err != nil, "http.addr %q: has to be host:port, as in 127.0.0.1:8080", c.Addr)
	bad(err == nil && !c.Open && !loopbackAddr(c.Addr),
		"http.addr %q can be reached from other machines: set http.open: true to let everybody read, or listen on 127.0.0.1", c.Addr)
	errs = append(errs, CheckOperatorToken(c.OperatorToken)) // Join leaves nil out
	bad(c.Rules == nil, "query: rules are missing")
	bad(c.Store == nil, "query: the store is missing")
	bad(c.Partitions < 1, "query: %d partitions: at least 1 is needed", c.Partitions)
	bad(c.LatenessMs < 0, "festival.lateness %d ms: has to be 0 or more", c.LatenessMs)
	bad(c.Follow && !c.Tail, "query: following another process needs tailing the store")
	bad(c.Frames != nil && (!c.Tail || c.Follow || c.Instance == ""), "query: a frames topic needs tailing the store, a name, and no following")
	bad(c.MaxStreams < 0 || c.MaxStreamsPerIP < 0 || c.MaxConns < 0 || c.MaxQueries < 0, "query: limits have to be 0 or more")
	for i, yuan := range c.MilestonesCN {
		bad(yuan < 1 || yuan > aggregate.MaxSum/100, "festival.milestones_cny[%d] %d: has to be from 1 to %d yuan",
			i, yuan, int64(aggregate.MaxSum/100))
	}
	if c.Rules != nil {
		errs = append(errs, c.Wall.Validate(c.Rules.Windows))
	}
	return errors.Join(errs...)
}

// thresholds gives the milestones in fen, ascending, each once.
func (c *Config) thresholds() []int64 {
	out := make([]int64, len(c.MilestonesCN))
	for i, yuan := range c.MilestonesCN {
		out[i] = yuan * 100
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// partitions gives the numbers of the topic's partitions, in order.
func (c *Config) partitions() []int32 {
	all := make([]int32, c.Partitions)
	for p := range all {
		all[p] = int32(p)
	}
	return all
}
