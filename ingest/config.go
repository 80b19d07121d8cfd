package ingest

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"festival/aggregate"
	"festival/ingest/kafka"
	"festival/sql"
)

// Config is everything that ingest needs. Kafka, Store, Rules and Ledger are required; Validate reports every
// problem at once.
type Config struct {
	Kafka  *kafka.Client
	Store  *sql.Store
	Rules  *aggregate.Rules
	Ledger Ledger

	// Alone makes this process take all partitions without a consumer group: for demo, whose data directory is
	// locked by one process. Default: false, the group shares the partitions.
	Alone bool

	// Flush is how often what was counted is stored. Default: 200 ms (DESIGN.md §2).
	Flush time.Duration
	// BufferedRows bounds the records that wait for the store over all partitions of this process, beside as many
	// that are being stored. A full partition stops fetching. Default: 200,000, at most 450,000 so that a flush
	// stays one block; about 300 bytes a record.
	BufferedRows int
	// Events bounds the fingerprints of this process; at the bound a partition stops with a sentence. 24 bytes
	// each. Default: 400,000,000.
	Events int64

	// Standby bounds the fingerprints of partitions that other processes count, held ready for a takeover. 24 bytes each. Of a
	// partition whose share is too small nothing is held. Default: 25,000,000, at most Events.
	Standby int64

	// OwnPace leaves the garbage collector's pace to whoever has set it. Default: false, the garbage beside what lives stays at 256 MiB.
	OwnPace bool

	// Acked is told of each flush that the store has acknowledged, in order. It owns the
	// update's slices from then on, and must not block for long.
	Acked func(aggregate.Update)
	// Pulsed is told of each second's pulse. It must not block.
	Pulsed func([]aggregate.Pulse)

	// Process names this process to operators. Default: host and process number.
	Process string

	Clock    func() time.Time
	Log      *slog.Logger
	Registry prometheus.Registerer
}

// Ledger names the open ledger.
type Ledger struct {
	ID       [32]byte
	Prefix   uint64 // first 8 bytes of ID, the tables' key
	LogStart []int64
	Identity kafka.Identity
}

// The stated bounds.
const (
	defaultFlush    = 200 * time.Millisecond
	defaultRows     = 200_000
	maxRows         = 450_000
	defaultEvents   = 400_000_000
	maxCells        = 900_000 // changed cells of one flush; sql refuses a block of 1,000,000
	earlyFlushShare = 3       // a flush starts before its time once 1/3 of BufferedRows waits
)

func (c Config) withDefaults() Config {
	if c.Flush == 0 {
		c.Flush = defaultFlush
	}
	if c.BufferedRows == 0 {
		c.BufferedRows = defaultRows
	}
	if c.Events == 0 {
		c.Events = defaultEvents
	}
	if c.Standby == 0 {
		c.Standby = min(standbyEvents, c.Events)
	}
	if c.Process == "" {
		c.Process = processName()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Registry == nil {
		c.Registry = prometheus.NewRegistry()
	}
	return c
}

// Validate reports every problem of the configuration.
func (c Config) Validate() error {
	var problems []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	bad(c.Kafka == nil || c.Store == nil || c.Rules == nil, "ingest needs Kafka, a store and rules")
	problems = append(problems, Limits{Flush: c.Flush, BufferedRows: c.BufferedRows, Events: c.Events}.Validate())
	return errors.Join(problems...)
}

// Limits are those of a Config that an operator sets, as section ingest of festival.yaml; 0 is the default.
type Limits struct {
	Flush        time.Duration
	BufferedRows int
	Events       int64
}

// Validate reports every limit that is out of its range.
func (l Limits) Validate() error {
	var problems []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	bad(l.Flush != 0 && (l.Flush < 10*time.Millisecond || l.Flush > 10*time.Second), "ingest.flush %s: from 10ms to 10s", l.Flush)
	bad(l.BufferedRows != 0 && (l.BufferedRows < 1000 || l.BufferedRows > maxRows), "ingest.buffered_rows %d: from 1000 to %d", l.BufferedRows, maxRows)
	bad(l.Events < 0, "ingest.events %d: at least 1", l.Events)
	return errors.Join(problems...)
}
