package aggregate

import (
	"bytes"
	"cmp"
	"slices"
)

// sealKey is a cell's slot and what it is sorted by first: its packed id, or the first eight bytes of a merchant's name.
type sealKey struct {
	key  uint64
	slot uint32
}

// radixLeast is how many keys pay for counting bytes; fewer are compared.
const radixLeast = 256

// sortKeys sorts by key, byte by byte from the lowest, and passes over bytes in which all keys agree. The order among
// equal keys stays. A comparison that cannot be predicted costs more than a byte's pass over all keys. The result lies in
// keys or in spare, which is at least as long.
func sortKeys(keys, spare []sealKey) []sealKey {
	if len(keys) < radixLeast {
		slices.SortStableFunc(keys, func(a, b sealKey) int { return cmp.Compare(a.key, b.key) })
		return keys
	}
	var counts [8][256]uint32
	for i := range keys {
		k := keys[i].key
		for b := range counts {
			counts[b][uint8(k>>(8*b))]++
		}
	}
	spare = spare[:len(keys)]
	for b := range counts {
		shift := 8 * b
		if int(counts[b][uint8(keys[0].key>>shift)]) == len(keys) {
			continue
		}
		places(&counts[b])
		for i := range keys {
			at := &counts[b][uint8(keys[i].key>>shift)]
			spare[*at] = keys[i]
			*at++
		}
		keys, spare = spare, keys
	}
	return keys
}

// places turns counts into where each byte's keys begin.
func places(counts *[256]uint32) {
	sum := uint32(0)
	for i, n := range counts {
		counts[i] = sum
		sum += n
	}
}

// sortNames puts merchants whose names begin alike, and so have the same key, into the order of their whole names.
func sortNames(s *segment, names []sealKey) {
	for from := 0; from < len(names); {
		to := from + 1
		for to < len(names) && names[to].key == names[from].key {
			to++
		}
		if to-from > 1 {
			slices.SortFunc(names[from:to], func(a, b sealKey) int {
				return bytes.Compare(s.name(&s.cells[a.slot]), s.name(&s.cells[b.slot]))
			})
		}
		from = to
	}
}
