//go:build !race

package decode

// raceEnabled tells long random tests to be shorter: under -race each record costs ten times as much.
const raceEnabled = false
