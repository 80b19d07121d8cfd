package sql

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func sized(points int) *part { return &part{points: make([]Point, points)} }

// At the bound the parts not asked for longest go; one larger than all of it is not taken, and forgets what its question had.
func TestRolledPartsAtTheirBound(t *testing.T) {
	var m rolledParts
	quarter := sized(RolledPartsBytes/4/64 - 10) // four of them fit, with what each is counted for besides
	for i := range 4 {
		m.put(fmt.Sprint(i), quarter)
	}
	require.NotNil(t, m.get("0"))
	m.put("4", quarter)
	require.Nil(t, m.get("1"), "not asked for longest")
	for _, kept := range []string{"0", "2", "3", "4"} {
		require.NotNil(t, m.get(kept))
	}
	require.LessOrEqual(t, m.bytes, int64(RolledPartsBytes))
	m.put("0", sized(RolledPartsBytes/64))
	require.Nil(t, m.get("0"))
	require.Equal(t, 3*quarter.bytes(), m.bytes)
	m.put("2", sized(1))
	require.Equal(t, 2*quarter.bytes()+sized(1).bytes(), m.bytes)
	m.clear()
	require.Zero(t, m.bytes)
	require.Nil(t, m.get("3"))
	m.put("3", quarter)
	require.Equal(t, quarter.bytes(), m.bytes)
}
