//go:build !race

package rehearsal

// raceEnabled tells the test of a million orders to stay away: under -race it takes a minute.
const raceEnabled = false
