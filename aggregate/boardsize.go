package aggregate

// What a board keeps costs, with what slices and maps hold in reserve, measured (TestBoardSize holds it).
const (
	rankedBytes = 150 // a merchant, or a flow of a window
	heldBytes   = 150 // a cell of an open segment
	hourBytes   = 8 + 3600*24
)

// BoardSize is what a board keeps that the festival bounds and nothing else, in bytes.
type BoardSize struct {
	Merchants int64 // totals of all merchants
	Figures   int64 // devices, countries, provinces and flows, of each window and of all together
	Seconds   int64 // by window and for all, in pages of an hour
	OpenCells int64 // of unfinished segments
}

// Size estimates the board's memory by what it holds; a frame's own copy is not in it. It costs a look at each window and open
// segment.
func (b *Board) Size() (s BoardSize) {
	s.Merchants = rankedBytes * int64(len(b.merchants.rows))
	s.addTally(&b.whole)
	for i := range b.windows {
		s.addTally(&b.windows[i])
	}
	for i := range b.partitions {
		for _, open := range b.partitions[i].open {
			s.OpenCells += heldBytes * int64(len(open.cells))
		}
	}
	return s
}

func (s *BoardSize) addTally(t *tally) {
	for _, r := range []*ranking{&t.devices, &t.countries, &t.provinces, &t.flows} {
		s.Figures += rankedBytes * int64(len(r.rows))
	}
	s.Seconds += hourBytes * int64(len(t.hours))
}

// Total is the sum.
func (s BoardSize) Total() int64 { return s.Merchants + s.Figures + s.Seconds + s.OpenCells }
