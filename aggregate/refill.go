package aggregate

import "fmt"

// refillBits are the highest bits of a hash that a Refill sorts by: 512 stretches of a set. One of a set of 25 million events is 600 KB:
// the near caches hold it, and the table of addresses its pages.
const refillBits = 9

// Refill puts raw rows into a set of fingerprints, many at a time in the order of their places. A set is larger than the caches, and than
// what the processor knows the addresses of; one by one, each event waits for both. It has one owner.
type Refill struct {
	set            *Fingerprints
	rows           int
	waiting, order []Print
}

// NewRefill begins to put rows into a set, so many at a time; each takes 32 bytes until the end. The more, the faster: a million is
// half of the time that AddBatch takes for a set of 25 million events.
func NewRefill(set *Fingerprints, rows int) *Refill { return &Refill{set: set, rows: rows} }

// Add takes rows, given as columns of equal length: order_id, status (Status), refund_id ("" where absent); it keeps none of the
// strings. ErrStatus names a row that is no event; ErrFull says that the set is at its limit.
func (r *Refill) Add(orderIDs []string, statuses []uint8, refundIDs []string) error {
	for i, id := range orderIDs {
		s := Status(statuses[i])
		if s < Created || s > Refunded {
			return fmt.Errorf("order_id %q, status %d: %w", id, statuses[i], ErrStatus)
		}
		if r.waiting = append(r.waiting, Fingerprint(s, id, refundIDs[i])); len(r.waiting) >= r.rows {
			if err := r.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush puts what waits into the set. With the last rows it has to be called.
func (r *Refill) Flush() error {
	all := r.sorted()
	r.waiting = r.waiting[:0]
	for from := 0; from < len(all); from += rowsAhead {
		some := all[from:min(from+rowsAhead, len(all))]
		for _, p := range some {
			r.set.Prefetch(p)
		}
		for _, p := range some {
			if _, err := r.set.Add(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// sorted gives what waits by the highest bits of the hashes.
func (r *Refill) sorted() []Print {
	var next [1 << refillBits]int
	for i := range r.waiting {
		next[r.waiting[i].Hi>>(64-refillBits)]++
	}
	at := 0
	for i, n := range next {
		next[i] = at
		at += n
	}
	if cap(r.order) < len(r.waiting) {
		r.order = make([]Print, len(r.waiting))
	}
	out := r.order[:len(r.waiting)]
	for _, p := range r.waiting {
		i := p.Hi >> (64 - refillBits)
		out[next[i]] = p
		next[i]++
	}
	return out
}
