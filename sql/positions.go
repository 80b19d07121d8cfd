package sql

import (
	"maps"
	"slices"
)

// split gives a map by partition as two slices in the order of the partitions, as statements take it.
func split[V int64 | uint64](m map[int32]V) (partitions []int32, values []V) {
	partitions = slices.Sorted(maps.Keys(m))
	if partitions == nil {
		partitions = []int32{}
	}
	values = make([]V, len(partitions))
	for i, p := range partitions {
		values[i] = m[p]
	}
	return partitions, values
}

// positionArgs are the parameters of orders_at and rejects_at.
func positionArgs(ledger uint64, positions map[int32]int64) []any {
	partitions, values := split(positions)
	return []any{named("ledger", ledger), named("partitions", partitions), named("positions", values)}
}
