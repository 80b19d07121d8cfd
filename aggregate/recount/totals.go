package recount

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Totals are the running figures of the whole log: what a frame shows that stands where they stand. One goroutine
// owns them.
type Totals struct {
	rules *Rules
	views []table // one a window, in the ledger's order, then the whole festival
	log   map[string]int64
}

// table is one window, or the whole festival.
type table struct {
	sums    [Flow + 1]map[string]Measures // by dimension and key
	seconds map[int64]Measures            // by event second
}

// NewTotals gives the figures of an empty log.
func NewTotals(rules *Rules) *Totals {
	t := &Totals{rules: rules, views: make([]table, len(rules.Windows)+1), log: map[string]int64{}}
	for i := range t.views {
		t.views[i].seconds = map[int64]Measures{}
		for _, dim := range inFrames {
			t.views[i].sums[dim] = map[string]Measures{}
		}
	}
	return t
}

// Clone copies the totals.
func (t *Totals) Clone() *Totals {
	out := NewTotals(t.rules)
	maps.Copy(out.log, t.log)
	for i := range t.views {
		maps.Copy(out.views[i].seconds, t.views[i].seconds)
		for _, dim := range inFrames {
			maps.Copy(out.views[i].sums[dim], t.views[i].sums[dim])
		}
	}
	return out
}

// Whole is the view of all windows together.
func (t *Totals) Whole() int { return len(t.views) - 1 }

// View finds a window's view by its id; "" is the whole festival.
func (t *Totals) View(id string) (view int, ok bool) {
	if id == "" {
		return t.Whole(), true
	}
	view = slices.IndexFunc(t.rules.Windows, func(w Window) bool { return w.ID == id })
	return view, view >= 0
}

// Add adds what a stretch of a partition's log changed.
func (t *Totals) Add(f *Figures) error {
	for k, m := range f.Sums {
		if k.Dim == Log {
			t.log[k.Key] += m.Orders
			continue
		}
		for _, view := range []int{int(k.Window), t.Whole()} {
			if err := plus(t.views[view].sums[k.Dim], k.Key, m); err != nil {
				return fmt.Errorf("sum of %s %q: %w", dimName[k.Dim], k.Key, err)
			}
		}
	}
	for k, m := range f.Seconds {
		for _, view := range []int{int(k.Window), t.Whole()} {
			if err := plus(t.views[view].seconds, k.Second, m); err != nil {
				return fmt.Errorf("second %d: %w", k.Second, err)
			}
		}
	}
	return nil
}

func plus[K comparable](sums map[K]Measures, key K, m Measures) error {
	sum, err := sums[key].Plus(m)
	sums[key] = sum
	return err
}

// Total is the sum of a view.
func (t *Totals) Total(view int) Measures { return t.views[view].sums[Total][""] }

// Log is a counter of the whole log: "duplicates", "outside", "miskeyed", "rehearsal", "rejected:<reason>".
func (t *Totals) Log(key string) int64 { return t.log[key] }

// Rejected sums the log's counters of all reasons.
func (t *Totals) Rejected() (n int64) {
	for key, count := range t.log {
		if strings.HasPrefix(key, "rejected:") {
			n += count
		}
	}
	return n
}

// Reached is the first event second through which a view's GMV reaches a threshold; ok false where it does not.
func (t *Totals) Reached(view int, thresholdFen int64) (second int64, ok bool) {
	seconds := make([]int64, 0, len(t.views[view].seconds))
	for s := range t.views[view].seconds {
		seconds = append(seconds, s)
	}
	slices.Sort(seconds)
	var sum int64
	for _, s := range seconds {
		if sum += t.views[view].seconds[s].GmvFen; sum >= thresholdFen {
			return s, true
		}
	}
	return 0, false
}
