package recount

import "fmt"

// FigureKey names a figure of frames: a cell without its bucket, over all segments.
type FigureKey struct {
	Window uint8 // index into the ledger's windows, or NoWindow
	Dim    uint8
	Key    string
}

// SecondKey names an event second of a window.
type SecondKey struct {
	Window uint8
	Second int64 // Unix
}

// Figures are what a stretch of one partition's log adds to the figures of frames.
type Figures struct {
	Sums    map[FigureKey]Measures
	Seconds map[SecondKey]Measures
}

// NewFigures gives empty figures.
func NewFigures() *Figures {
	return &Figures{Sums: map[FigureKey]Measures{}, Seconds: map[SecondKey]Measures{}}
}

// Len is how many figures changed: what they cost in memory is about 150 bytes each.
func (f *Figures) Len() int { return len(f.Sums) + len(f.Seconds) }

// inFrames are the dimensions that frames show.
var inFrames = [...]uint8{Total, Device, Country, Province, Flow}

// count adds one counted event.
func (f *Figures) count(window uint8, keys *[Merchant + 1]string, second int64, m Measures) error {
	for _, dim := range inFrames {
		if err := f.add(FigureKey{window, dim, keys[dim]}, m); err != nil {
			return err
		}
	}
	at := SecondKey{window, second}
	sum, err := f.Seconds[at].Plus(m)
	f.Seconds[at] = sum
	return err
}

func (f *Figures) add(key FigureKey, m Measures) error {
	sum, err := f.Sums[key].Plus(m)
	if err != nil {
		return fmt.Errorf("sum of window %d %s %q: %w", key.Window, dimName[key.Dim], key.Key, err)
	}
	f.Sums[key] = sum
	return nil
}
