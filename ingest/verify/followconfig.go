package verify

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// FollowConfig says how the live edge is followed. Store, Ledger and Kafka of Config are required; From, Partitions,
// Until and Progress mean nothing.
type FollowConfig struct {
	Config

	// Every is how much of the festival lies between two frames that are compared. Default: 10 s; at least 1 s.
	Every time.Duration
	// Clock is the wall's time. Default: time.Now.
	Clock func() time.Time
	// Log is told of every difference, of what has to be tried again, and now and then how far it is. Default: nobody.
	Log *slog.Logger
	// Registry gets the metrics festival_verify_*. Default: nobody looks.
	Registry prometheus.Registerer
}

const defaultEvery = 10 * time.Second

func (c FollowConfig) withDefaults() FollowConfig {
	c.Config = c.Config.withDefaults()
	if c.Every == 0 {
		c.Every = defaultEvery
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
func (c FollowConfig) Validate() error {
	problems := []error{c.Config.Validate()}
	if c.Every != 0 && c.Every < time.Second {
		problems = append(problems, fmt.Errorf("--every %s: at least 1s", c.Every))
	}
	if len(c.Kafka) == 0 {
		problems = append(problems, errors.New("--follow reads Kafka: no brokers are set (kafka.brokers)"))
	}
	if c.From != "" || len(c.Partitions) > 0 || c.Until > 0 {
		problems = append(problems, errors.New("--follow goes with none of --from, --partition and --until: it reads Kafka, all of it"))
	}
	return errors.Join(problems...)
}
