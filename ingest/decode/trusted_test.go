package decode

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// TestTrusted holds texts whose usual end is a quote, but not theirs, or that are no plain text: alone, escaped, given
// twice, with a fault behind them. Each stands where both readings meet.
func TestTrusted(t *testing.T) {
	p := newPair(t)
	texts := []string{`"CN"`, `""`, `"",""`, `"\"`, `"C\"N"`, `"C\\"`, `"CN\"`, `"\u0043N"`, "\"C\x01\"", "\"CN\x1f\"", "\"\xff\"", "\"CN\xff\"", `"é"`,
		`"中"`, `"330000"`, `"33\"000"`, `"33000\"`, "\"33000\n\"", `"中中"`, `"33000é"`, `"2019-11-11"`, `"2019-11-1\"`, "\"2019-11-1\x00\"",
		`"2026-11-11T00:00:07.450+08:00"`, `"2026-11-11T00:00:07.450+08:0\"`, "\"2026-11-11T00:00:07.450+08:0\t\"", `"2026\"11-11T00:00:07.450+08:00"`,
		`"CNY"`, `"CN\"`, `"","x":""`, `"ZZZ"`, `"ZZ"`}
	for f, length := range usualBytes {
		if length == 0 {
			continue
		}
		name := fmt.Sprintf("%q", aggregate.Field(f).String())
		for _, text := range texts {
			for _, tail := range []string{"", `,"x":1`, `,"x":"\ud800"`, "," + name + `:"CN"`, "," + name + `:null`, "," + name + `: 7`} {
				for _, value := range []string{`{` + name + `:` + text + tail + `,` + contractExample[1:],
					contractExample[:len(contractExample)-1] + `,` + name + `:` + text + tail + `}`,
					with(aggregate.Field(f).String(), text+tail), `{` + name + `:` + text + tail + `}`} {
					_, diff := p.compare([]byte(value), kafkaMs)
					require.Empty(t, diff, value)
				}
			}
		}
	}
}

// TestTrustIsUsed holds that the contract's record is read without a second look.
func TestTrustIsUsed(t *testing.T) {
	p := newPair(t)
	_, diff := p.compare([]byte(contractExample), kafkaMs)
	require.Empty(t, diff)
	require.NotZero(t, p.long.trusted)
	require.False(t, p.long.deceived())
}

// TestStarts holds that each name is found by its start, but for the one of the two that begin alike.
func TestStarts(t *testing.T) {
	missed := 0
	for f := range unknown {
		b := []byte(literalText(f) + `"text"` + "                        ")
		if knownStarts.find(b, 0) != f {
			missed++
		}
	}
	require.Equal(t, 1, missed)
}
