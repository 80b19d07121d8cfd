//go:build race

package kafka

// raceEnabled: the race detector allocates, so nothing can be said about ours.
const raceEnabled = true
