package aggregate

import (
	"cmp"
	"slices"
)

// KeyMeasures is one key of a breakdown.
type KeyMeasures struct {
	Key string
	M   Measures
}

// Breakdown gives a dimension's keys with anything counted over the whole of a window (NoWindow: of all together), largest
// GMV first, then by key; false where the board does not keep them: it has devices, countries, provinces and flows, and
// merchants of all windows together.
func (b *Board) Breakdown(dim Dim, window uint8) ([]KeyMeasures, bool) {
	r, ok := b.kept(dim, window)
	if !ok {
		return nil, false
	}
	out := make([]KeyMeasures, 0, len(r.rows))
	for _, row := range r.rows {
		if row.m.Orders != 0 || row.m.GmvFen != 0 || row.m.Created != 0 || row.m.Refunds != 0 {
			out = append(out, KeyMeasures{row.key, row.m})
		}
	}
	slices.SortFunc(out, func(x, y KeyMeasures) int {
		return cmp.Or(cmp.Compare(y.M.GmvFen, x.M.GmvFen), cmp.Compare(x.Key, y.Key))
	})
	return out, true
}

func (b *Board) kept(dim Dim, window uint8) (*ranking, bool) {
	t := &b.whole
	if window != NoWindow {
		if int(window) >= len(b.windows) {
			return nil, false
		}
		t = &b.windows[window]
	}
	switch {
	case dim == DimDevice:
		return &t.devices, true
	case dim == DimCountry:
		return &t.countries, true
	case dim == DimProvince:
		return &t.provinces, true
	case dim == DimFlow:
		return &t.flows, true
	case dim == DimMerchant && window == NoWindow:
		return &b.merchants, true
	}
	return nil, false
}
