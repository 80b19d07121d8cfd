package recount

import "strings"

// tally sums measures by key with one look-up an addition: a map of measures would be looked up once to read and once
// to write, and ten cells change with every event. Keys are numbers, because a look-up of a text costs several times as
// much.
type tally struct {
	at   map[uint64]int // index into keys and sums
	keys []uint64
	sums []Measures
	last int // index of the addition before: neighbours in a log are often alike
}

// add adds to a key's sum; past 2^53-1 is an error, and the sum stays.
func (t *tally) add(key uint64, m *Measures) (err error) {
	if t.last >= len(t.keys) || t.keys[t.last] != key {
		t.last = t.find(key)
	}
	sum := &t.sums[t.last]
	*sum, err = sum.Plus(*m)
	return err
}

func (t *tally) find(key uint64) int {
	i, there := t.at[key]
	if !there {
		if t.at == nil {
			t.at = map[uint64]int{}
		}
		i = len(t.keys)
		t.at[key], t.keys, t.sums = i, append(t.keys, key), append(t.sums, Measures{})
	}
	return i
}

// clear forgets everything and keeps the memory.
func (t *tally) clear() {
	clear(t.at)
	t.keys, t.sums = t.keys[:0], t.sums[:0]
}

// names numbers the keys of one dimension in the order in which they come.
type names struct {
	at   map[string]uint64
	list []string
	last uint64
}

// number gives a name's number, below 2^32.
func (n *names) number(name string) uint64 {
	if n.last >= uint64(len(n.list)) || n.list[n.last] != name {
		n.last = n.find(name)
	}
	return n.last
}

func (n *names) find(name string) uint64 {
	i, there := n.at[name]
	if !there {
		if n.at == nil {
			n.at = map[string]uint64{}
		}
		name = strings.Clone(name) // it may be a piece of a whole record
		i = uint64(len(n.list))
		n.at[name], n.list = i, append(n.list, name)
	}
	return i
}

func (n *names) clear() { *n = names{} }
