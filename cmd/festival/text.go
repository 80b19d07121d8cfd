package main

import (
	"maps"
	"slices"
)

// sortedKeys are the keys of both maps, each once.
func sortedKeys[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
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
