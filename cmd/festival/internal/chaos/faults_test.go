package chaos

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNoFaultPassesInSilence(t *testing.T) {
	for name, c := range map[string]struct {
		err               error
		over              bool
		count, not, wrong int
	}{
		"injected":            {nil, false, 1, 0, 0},
		"injected at the end": {nil, true, 1, 0, 0},
		"too late":            {errTooLate, false, 0, 1, 0},
		"down already":        {errDown, false, 0, 1, 0},
		"cut short":           {errors.New("context canceled"), true, 0, 1, 0},
		"not on this machine": {fmt.Errorf("%w: no mount", errNotHere), false, 0, 1, 0},
		"stays down":          {fmt.Errorf("%w: node 1", errStaysDown), true, 0, 0, 1},
		"failed":              {errors.New("no engine"), false, 0, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			card := newCard(Config{})
			card.note(fault{kind: diskFull, at: 2 * time.Second}, c.err, c.over)
			require.Equal(t, c.count, card.Faults[string(diskFull)])
			require.Len(t, card.NotInjected, c.not)
			require.Len(t, card.Problems, c.wrong)
			require.Equal(t, c.wrong == 0, card.Passed())
			for _, text := range append(card.NotInjected, card.Problems...) {
				require.Contains(t, text, "disk full at 2.0 s: "+c.err.Error())
			}
		})
	}
}
