package chaos

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func frame(seq int, second, hash, prev string, gmv, position int64) []byte {
	return fmt.Appendf(nil, `{"official":true,"seq":%d,"second":%q,"hash":%q,"prev":%q,"positions":{"0":%d},
		"total":{"gmv_fen":%d,"orders":1},"countries":[{"gmv_fen":%d}],"devices":[{"gmv_fen":%d}]}`, seq, second, hash, prev, position, gmv, gmv, gmv)
}

func TestAudienceSeesWhatMayNeverBeShown(t *testing.T) {
	first := frame(1, "10", "a", "-", 100, 5)
	for name, c := range map[string]struct {
		second []byte
		wrong  string
	}{
		"the next":              {frame(2, "11", "b", "a", 120, 6), ""},
		"one was missed":        {frame(3, "12", "c", "b", 120, 6), ""},
		"the same again":        {first, ""},
		"a total that falls":    {frame(2, "11", "b", "a", 99, 6), "fell from 100 to 99"},
		"a position that falls": {frame(2, "11", "b", "a", 120, 4), "partition 0 went back"},
		"another chain":         {frame(2, "11", "b", "x", 120, 6), "does not follow"},
		"an earlier second":     {frame(2, "09", "b", "a", 120, 6), "after 10"},
		"other bytes":           {frame(1, "10", "z", "-", 100, 5), "elsewhere"},
		"sums that differ":      {[]byte(`{"total":{"gmv_fen":2},"countries":[{"gmv_fen":1}]}`), "countries 1"},
	} {
		t.Run(name, func(t *testing.T) {
			a, s := newAudience(), &screen{}
			a.see(s, first)
			a.see(s, c.second)
			if c.wrong == "" {
				require.Empty(t, a.wrong)
				return
			}
			require.Len(t, a.wrong, 1)
			require.Contains(t, a.wrong[0], c.wrong)
			require.Equal(t, strings.Contains(name, "total"), a.fell)
		})
	}
}

func TestTwoScreensOfOneSecond(t *testing.T) {
	a := newAudience()
	a.see(&screen{}, frame(1, "10", "a", "-", 100, 5))
	a.see(&screen{serve: 1}, frame(1, "10", "other", "-", 100, 5))
	require.Len(t, a.wrong, 1)
}
