package chaos

import (
	"errors"
	"fmt"
	"io"
	"time"

	"festival/aggregate"
)

// Config is one run. Program, Rules and Out are required.
type Config struct {
	Seed    uint64        // records, timetable and choices come from it; the operating system's timing does not
	Records int64         // at least so many are sent. Default 300,000
	For     time.Duration // how long faults rain. Default 2 min, from 30 s to 10 min
	Program string        // the built festival, with festival-engine beside it
	Dir     string        // for everything; removed after a run that passed. Default: a temporary one
	Commit  string        // of the program, for the card
	Machine string        // where, for the card
	AtOnce  int           // how many seeds share the machine, for the card. Default 1
	Lane    int           // of AtOnce, from 0: each has ports of its own
	// Rules reads the sealed rules out of a festival.yaml.
	Rules func(path string) (*aggregate.Rules, error)
	Out   io.Writer // progress, a line for each fault
}

const (
	nodes       = 3 // brokers
	partitions  = 6
	maxIngests  = 4
	serves      = 2
	topic       = "orders"
	framesTopic = "frames"
	maxAtOnce   = 4
)

func (c Config) withDefaults() Config {
	if c.Records == 0 {
		c.Records = 300_000
	}
	if c.For == 0 {
		c.For = 2 * time.Minute
	}
	c.AtOnce = max(c.AtOnce, 1)
	return c
}

// Validate reports every problem at once.
func (c Config) Validate() error {
	var all []error
	if c.AtOnce < 0 || c.AtOnce > maxAtOnce {
		all = append(all, fmt.Errorf("--at-once %d: from 1 to %d seeds, two on two cores", c.AtOnce, maxAtOnce))
	}
	c = c.withDefaults()
	if c.Records < 1000 {
		all = append(all, fmt.Errorf("--records %d: chaos wants at least 1000 records, 300000 for a card that counts", c.Records))
	}
	if c.For < 30*time.Second || c.For > 10*time.Minute {
		all = append(all, fmt.Errorf("--for %s: from 30s to 10m", c.For))
	}
	return errors.Join(all...)
}
