package recount

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

// Len is how many figures changed: what they cost in memory is about 150 bytes each.
func (f *Figures) Len() int { return len(f.Sums) + len(f.Seconds) }

// inFrames are the dimensions that frames show; shown has them by number.
var (
	inFrames = [...]uint8{Total, Device, Country, Province, Flow}
	shown    = [Merchant + 1]bool{Total: true, Device: true, Country: true, Province: true, Flow: true}
)
