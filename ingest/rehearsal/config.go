package rehearsal

import (
	"errors"
	"fmt"

	"festival/aggregate"
)

// Profile is the shape of the intensity over the day.
type Profile string

// The profiles of CONTRACT.md §2.
const (
	Midnight Profile = "midnight" // Rate is reached 26 s after the opening, then falls as on the real night
	Flat     Profile = "flat"     // Rate all the time
)

// Config says which festival to rehearse.
type Config struct {
	Seed    uint64
	StartMs int64 // where the simulated clock begins, Unix milliseconds
	// OpenMs is the opening that the midnight profile and the payments wait for. Default 0: StartMs. A demo gives
	// its window's start: 15 s after the first start, long before a restart.
	OpenMs int64
	// Orders is how many orders are made; what is pending then follows at the same rate. Default 0: without end.
	Orders int64
	// FirstOrder is the number of the first order. Ids hold the start's second, so a restart need not set it.
	FirstOrder int64
	Rate       int64 // records per second, 1 to 10^8; under Midnight the peak's
	Profile    Profile

	Duplicates float64 // share of records that are sent again, 0 to 0.5
	Late       float64 // share of events that reach Kafka seconds to minutes after they happened, 0 to 0.5
	Bad        float64 // share of records that are rejected, for every reason in turn, 0 to 0.5

	Rules *aggregate.Rules // windows, rates and catalogues of the festival
}

// DefaultConfig is the contract's: midnight, 2000 records a second, duplicates 0.01, late 0.02, bad 0.001. Seed,
// StartMs and Rules are still to be given.
func DefaultConfig() Config {
	return Config{Seed: 1, Rate: 2000, Profile: Midnight, Duplicates: 0.01, Late: 0.02, Bad: 0.001}
}

// The clock stays within the contract's event times: 2000 and 2099, less a year at either end.
const (
	minStartMs = 978_307_200_000
	maxStartMs = 4_070_908_800_000
)

// Validate reports every problem at once.
func (c Config) Validate() error {
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	if c.StartMs < minStartMs || c.StartMs >= maxStartMs {
		bad("start %d ms: give a time in the years 2001 to 2098", c.StartMs)
	}
	if c.OpenMs < 0 || c.OpenMs >= maxStartMs {
		bad("opening %d ms: give a time up to the year 2098, or 0 for the start", c.OpenMs)
	}
	if c.Rate < 1 || c.Rate > 1e8 {
		bad("rate %d: give 1 to 100000000 records per second", c.Rate)
	}
	if c.Orders < 0 || c.FirstOrder < 0 {
		bad("orders %d, first order %d: give 0 or more", c.Orders, c.FirstOrder)
	}
	if c.Profile != Midnight && c.Profile != Flat {
		bad("profile %q: give midnight or flat", c.Profile)
	}
	for _, s := range []struct {
		name  string
		share float64
	}{{"duplicates", c.Duplicates}, {"late", c.Late}, {"bad", c.Bad}} {
		if !(s.share >= 0 && s.share <= 0.5) {
			bad("%s %v: give a share from 0 to 0.5", s.name, s.share)
		}
	}
	if c.Rules == nil {
		bad("rules: none given")
	}
	return errors.Join(all...)
}
