package aggregate

// Peak is the event second that holds the most of something.
type Peak struct {
	PerS   int64
	Second int64 // Unix; the first of those that hold as much
}

// Peaks gives the most orders placed and the most orders paid in one event second of a window, so far. Seconds that the watermark has
// not passed do not count yet: what a peak says of a second is all of it. Zero where there is none. It looks through all seconds that
// hold orders, a tenth of a millisecond for a day.
func (b *Board) Peaks(window uint8, nowMs int64) (placed, paid Peak) {
	ms, ok := b.Watermark(nowMs)
	if !ok {
		return Peak{}, Peak{}
	}
	for n, h := range b.windows[window].hours {
		for i := range h.seconds {
			second := n*3600 + int64(i)
			if (second+1)*1000 > ms {
				break
			}
			placed.take(h.seconds[i].Created, second)
			paid.take(h.seconds[i].Orders, second)
		}
	}
	return placed, paid
}

// take is called in any order of hours.
func (p *Peak) take(n, second int64) {
	if n > p.PerS || n == p.PerS && n > 0 && second < p.Second {
		*p = Peak{n, second}
	}
}
