package aggregate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Rows come by GMV, then by key, without those of nothing; a window has its own; what is not kept says so.
func TestBreakdown(t *testing.T) {
	b := testBoard(t, 1)
	var cells []Cell
	put := func(window uint8, key string, m Measures) {
		for _, c := range paid(0, 0, dayMs/1000+1, 5) {
			if c.Dim == DimCountry {
				c.Window, c.Key, c.M = window, key, m
				cells = append(cells, c)
			}
		}
	}
	put(0, "FR", Measures{Orders: 1, GmvFen: 5})
	put(0, "DE", Measures{Orders: 1, GmvFen: 5})
	put(0, "RU", Measures{Orders: 2, GmvFen: 9, Created: 4})
	put(0, "US", Measures{})
	put(1, "DE", Measures{Orders: 1, GmvFen: 7})
	require.NoError(t, b.Fold(Update{Cells: cells, Progress: progress(0, 1, 0, 0)}))
	rows, ok := b.Breakdown(DimCountry, NoWindow)
	require.True(t, ok)
	require.Equal(t, []KeyMeasures{{"DE", Measures{Orders: 2, GmvFen: 12}}, {"RU", Measures{Orders: 2, GmvFen: 9, Created: 4}}, {"FR", Measures{Orders: 1, GmvFen: 5}}}, rows)
	rows, ok = b.Breakdown(DimCountry, 0)
	require.True(t, ok)
	require.Equal(t, []KeyMeasures{{"RU", Measures{Orders: 2, GmvFen: 9, Created: 4}}, {"DE", Measures{Orders: 1, GmvFen: 5}}, {"FR", Measures{Orders: 1, GmvFen: 5}}}, rows)
	rows, ok = b.Breakdown(DimDevice, 1)
	require.True(t, ok)
	require.Empty(t, rows)
	for _, dim := range []Dim{DimCity, DimTotal, DimCategory} {
		_, ok = b.Breakdown(dim, NoWindow)
		require.False(t, ok, dim)
	}
	_, ok = b.Breakdown(DimMerchant, 0)
	require.False(t, ok)
	_, ok = b.Breakdown(DimCountry, 2)
	require.False(t, ok)
}
