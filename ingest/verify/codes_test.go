package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCodes: names of codes that were exchanged, taken out or put in are named; views would call one country by another's name.
func TestCodes(t *testing.T) {
	f := newFestival(t, stride)
	f.grow(t, 50)
	require.False(t, f.verify(t).Differs())
	f.exec(t, "ALTER TABLE codes UPDATE name = if(name = 'CN', 'RU', 'CN') WHERE catalogue = 'country' AND name IN ('CN', 'RU')")
	r := f.verify(t)
	require.True(t, names(r, "name of a code", "country"), text(t, r))
	f.exec(t, "ALTER TABLE codes UPDATE name = if(name = 'CN', 'RU', 'CN') WHERE catalogue = 'country' AND name IN ('CN', 'RU')")
	f.exec(t, "ALTER TABLE codes DELETE WHERE catalogue = 'device' AND code = 2")
	f.exec(t, "INSERT INTO codes SELECT ledger, 'channel', 250, 'x' FROM codes LIMIT 1")
	r = f.verify(t)
	require.True(t, names(r, "name of a code", "device"), text(t, r))
	require.True(t, names(r, "name of a code", "channel 250"), text(t, r))
}
