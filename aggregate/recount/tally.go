package recount

// tally sums measures by key with one look-up an addition: a map of measures would be looked up once to read and once
// to write, and ten cells change with every event.
type tally[K comparable] struct {
	at   map[K]int // index into sums
	keys []K
	sums []Measures
	own  func(K) K // a key to keep: that of an addition may be a piece of a whole record
}

func newTally[K comparable](own func(K) K) *tally[K] { return &tally[K]{at: map[K]int{}, own: own} }

// add adds to a key's sum; past 2^53-1 is an error, and the sum stays.
func (t *tally[K]) add(key K, m Measures) (err error) {
	i, there := t.at[key]
	if !there {
		i, key = len(t.sums), t.own(key)
		t.at[key], t.keys, t.sums = i, append(t.keys, key), append(t.sums, Measures{})
	}
	t.sums[i], err = t.sums[i].Plus(m)
	return err
}

// all gives a copy.
func (t *tally[K]) all() map[K]Measures {
	out := make(map[K]Measures, len(t.keys))
	for i, key := range t.keys {
		out[key] = t.sums[i]
	}
	return out
}

// clear forgets everything and keeps the memory.
func (t *tally[K]) clear() {
	clear(t.at)
	t.keys, t.sums = t.keys[:0], t.sums[:0]
}
