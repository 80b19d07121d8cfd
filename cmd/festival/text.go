package main

import (
	"maps"
	"slices"
	"strings"
)

// sortedKeys are the keys of both maps, each once.
func sortedKeys[V any](a, b map[string]V) []string {
	all := map[string]V{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// shorten keeps a value readable inside one line of an error.
func shorten(v []byte) string {
	const most = 120
	if len(v) == 0 {
		return "nothing"
	}
	if len(v) > most {
		return string(v[:most]) + "…"
	}
	return string(v)
}

// oneLine is an error whose joined parts stand in one sentence.
type oneLine struct{ error }

// Error implements error.
func (e oneLine) Error() string { return strings.ReplaceAll(e.error.Error(), "\n", ": ") }

// Unwrap gives the error itself.
func (e oneLine) Unwrap() error { return e.error }
