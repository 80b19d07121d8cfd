package recount

import "fmt"

// counts are the sums of one partition: the cells of its open segment, and what was added to the figures of frames since
// they were taken. Keys are numbered (names), and a cell within its window and dimension is its key's number in the upper
// and its bucket, a Unix second before the year 2106, in the lower 32 bits.
type counts struct {
	names   [Merchant + 1]names // by dimension
	windows []windowCounts      // in the ledger's order
	log     map[string]int64    // cells of the dimension Log
	logs    map[string]int64    // the same since they were taken
}

// windowCounts are those of one window.
type windowCounts struct {
	cells   [Merchant + 1]tally // by dimension
	figures [Flow + 1]tally     // by dimension in frames; keys are the names' numbers
	seconds tally               // by event second
}

func newCounts(windows int) *counts {
	return &counts{windows: make([]windowCounts, windows), log: map[string]int64{}, logs: map[string]int64{}}
}

// count adds an event to each of its cells and figures.
func (c *counts) count(o *Order, fen int64, window uint8) error {
	m, at := measures(o, fen), o.EventMs()
	w, list := &c.windows[window], keys(o)
	for dim := Total; dim <= Merchant; dim++ {
		name := c.names[dim].number(list[dim])
		if err := w.cells[dim].add(name<<32|uint64(bucket(dim, at)), &m); err != nil {
			return fmt.Errorf("cell %s: %w", CellKey{window, dim, list[dim], bucket(dim, at)}, err)
		}
		if !shown[dim] {
			continue
		}
		if err := w.figures[dim].add(name, &m); err != nil {
			return fmt.Errorf("sum of window %d %s %q: %w", window, dimName[dim], list[dim], err)
		}
	}
	return w.seconds.add(uint64(at/1000), &m)
}

// one adds one record to a counter of the log.
func (c *counts) one(key string) {
	c.log[key]++
	c.logs[key]++
}

// cells gives a copy of the open segment's cells.
func (c *counts) cells() map[CellKey]Measures {
	out := map[CellKey]Measures{}
	for window := range c.windows {
		for dim := Total; dim <= Merchant; dim++ {
			t := &c.windows[window].cells[dim]
			for i, key := range t.keys {
				out[CellKey{uint8(window), dim, c.names[dim].list[key>>32], int64(uint32(key))}] = t.sums[i]
			}
		}
	}
	for key, n := range c.log {
		out[CellKey{Window: NoWindow, Dim: Log, Key: key}] = Measures{Orders: n}
	}
	return out
}

// next begins another segment. The keys that no figure needs are forgotten: nobody bounds how many merchants there are.
func (c *counts) next() {
	for window := range c.windows {
		for dim := range c.windows[window].cells {
			c.windows[window].cells[dim].clear()
		}
	}
	for dim := range c.names {
		if !shown[dim] {
			c.names[dim].clear()
		}
	}
	clear(c.log)
}

// take hands over what was added to the figures since the call before.
func (c *counts) take() *Figures {
	f := &Figures{Sums: map[FigureKey]Measures{}, Seconds: map[SecondKey]Measures{}}
	for window := range c.windows {
		w := &c.windows[window]
		for dim := range w.figures {
			t := &w.figures[dim]
			for i, name := range t.keys {
				f.Sums[FigureKey{uint8(window), uint8(dim), c.names[dim].list[name]}] = t.sums[i]
			}
			t.clear()
		}
		for i, second := range w.seconds.keys {
			f.Seconds[SecondKey{uint8(window), int64(second)}] = w.seconds.sums[i]
		}
		w.seconds.clear()
	}
	for key, n := range c.logs {
		f.Sums[FigureKey{NoWindow, Log, key}] = Measures{Orders: n}
	}
	clear(c.logs)
	return f
}
