package recount

import "fmt"

// FigureKey names a running figure: a cell without its bucket, over all segments.
type FigureKey struct {
	Window uint8 // index into the ledger's windows, or NoWindow
	Dim    uint8
	Key    string
}

// Figures are the sums that frames show, at one moment of one partition or, after Plus, of several.
type Figures struct {
	Sums    map[FigureKey]Measures
	Seconds map[int64]Measures // all windows together, by event second
}

// NewFigures gives empty figures.
func NewFigures() *Figures {
	return &Figures{Sums: map[FigureKey]Measures{}, Seconds: map[int64]Measures{}}
}

// inFrames are the dimensions that a frame shows.
var inFrames = map[uint8]bool{Total: true, Device: true, Country: true, Province: true, Flow: true, Log: true}

// Figures gives the partition's figures as of its progress, in maps of their own, so it costs a copy of all sums;
// of Seconds only the second asked for is there.
func (p *Partition) Figures(second int64) (*Figures, error) {
	now := NewFigures()
	for _, part := range []*Figures{p.figures, fold(p.cells)} {
		if err := now.plus(part, second); err != nil {
			return nil, fmt.Errorf("partition %d: %w", p.partition, err)
		}
	}
	return now, nil
}

// fold gives the figures of one segment's cells alone; they hold less than MaxSum because a partition's sums do.
func fold(cells map[CellKey]Measures) *Figures {
	f := NewFigures()
	if err := f.add(cells); err != nil {
		panic("BUG: one segment's sums were checked cell by cell and still overflow: " + err.Error())
	}
	return f
}

func (f *Figures) add(cells map[CellKey]Measures) error {
	for k, m := range cells {
		if !inFrames[k.Dim] {
			continue
		}
		if err := f.put(FigureKey{k.Window, k.Dim, k.Key}, m); err != nil {
			return err
		}
		if k.Dim == Total {
			sum, err := f.Seconds[k.Bucket].Plus(m)
			if err != nil {
				return fmt.Errorf("second %d: %w", k.Bucket, err)
			}
			f.Seconds[k.Bucket] = sum
		}
	}
	return nil
}

// Plus adds another partition's figures.
func (f *Figures) Plus(other *Figures) error {
	for second := range other.Seconds {
		if err := f.plusSecond(other, second); err != nil {
			return err
		}
	}
	return f.plusSums(other)
}

func (f *Figures) plus(other *Figures, second int64) error {
	if err := f.plusSecond(other, second); err != nil {
		return err
	}
	return f.plusSums(other)
}

func (f *Figures) plusSums(other *Figures) error {
	for k, m := range other.Sums {
		if err := f.put(k, m); err != nil {
			return err
		}
	}
	return nil
}

func (f *Figures) plusSecond(other *Figures, second int64) error {
	m, there := other.Seconds[second]
	if !there {
		return nil
	}
	sum, err := f.Seconds[second].Plus(m)
	if err != nil {
		return fmt.Errorf("second %d: %w", second, err)
	}
	f.Seconds[second] = sum
	return nil
}

func (f *Figures) put(key FigureKey, m Measures) error {
	sum, err := f.Sums[key].Plus(m)
	if err != nil {
		return fmt.Errorf("sum of window %d %s %q: %w", key.Window, dimName[key.Dim], key.Key, err)
	}
	f.Sums[key] = sum
	return nil
}

// Sum gives the measures of a dimension's key over all windows.
func (f *Figures) Sum(dim uint8, key string) Measures {
	return f.ByKey(dim)[key]
}

// ByKey gives the measures of a dimension by key, over all windows.
func (f *Figures) ByKey(dim uint8) map[string]Measures {
	out := map[string]Measures{}
	for k, m := range f.Sums {
		if k.Dim == dim {
			out[k.Key], _ = out[k.Key].Plus(m)
		}
	}
	return out
}
