package chaos

import (
	"net"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLanesHavePortsOfTheirOwn(t *testing.T) {
	var all []string
	for lane := range maxAtOnce {
		addrs, err := freeAddrs(lane, 7)
		require.NoError(t, err)
		all = append(all, addrs...)
	}
	slices.Sort(all)
	require.Len(t, slices.Compact(all), 7*maxAtOnce)

	taken, err := freeAddrs(0, 1)
	require.NoError(t, err)
	l, err := net.Listen("tcp", taken[0])
	require.NoError(t, err)
	defer l.Close()
	_, err = freeAddrs(0, portsPerLane)
	require.Error(t, err, "a port that is taken is not given")
}
