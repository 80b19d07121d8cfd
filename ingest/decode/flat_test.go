package decode

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/ingest/rehearsal"
)

// TestShortWayIsUsed holds that, where the processor can, nearly all of a rehearsal goes the short way.
func TestShortWayIsUsed(t *testing.T) {
	if !hasMarks {
		t.Skip("this processor has no AVX-512 VBMI2: all records go the general way")
	}
	c := rehearsal.DefaultConfig()
	c.StartMs, c.Rules = kafkaMs, testRules()
	g, err := rehearsal.New(c)
	require.NoError(t, err)
	d, o, short := New(c.Rules), aggregate.Order{}, 0
	var r rehearsal.Record
	for range 2000 {
		require.True(t, g.Next(&r))
		if d.flatRecord(r.Value, &o) {
			short++
		}
	}
	require.Greater(t, short, 1950)
	require.True(t, d.flatRecord([]byte(contractExample), &o))
	spaced := []byte(strings.ReplaceAll(contractExample, `,"`, `, "`))
	for range flatPatience {
		require.Zero(t, d.flat.waits)
		require.False(t, d.flatRecord(spaced, &o))
	}
	for range flatWait {
		require.NotZero(t, d.flat.waits)
		require.False(t, d.flatRecord([]byte(contractExample), &o), "not tried again yet")
	}
	require.True(t, d.flatRecord([]byte(contractExample), &o))
}

// TestShortWayTornAnywhere holds all ways together where one byte of a record is another, or the record ends early: every form
// that the short way rules out is among them.
func TestShortWayTornAnywhere(t *testing.T) {
	p := newPair(t)
	plain := []byte(contractExample)
	step := 1
	if testing.Short() || raceEnabled {
		step = 7
	}
	for at := 0; at < len(plain); at += step {
		for _, c := range []byte("\"\\ ,:{}[]0-.ent\x00\x1f\x7f\x80\xff") {
			old := plain[at]
			plain[at] = c
			_, diff := p.compare(plain, kafkaMs)
			require.Empty(t, diff, string(plain))
			plain[at] = old
		}
		_, diff := p.compare(plain[:at], kafkaMs)
		require.Empty(t, diff, at)
		_, diff = p.compare(append(append(append([]byte{}, plain[:at]...), ' '), plain[at:]...), kafkaMs)
		require.Empty(t, diff, at)
		_, diff = p.compare(append(append([]byte{}, plain[:at]...), plain[at+1:]...), kafkaMs)
		require.Empty(t, diff, at)
	}
}

// TestShortWayLengths holds all ways together around the lengths at which the short way ends: 64-byte steps, 64-byte ids,
// flatBytes.
func TestShortWayLengths(t *testing.T) {
	p := newPair(t)
	begin := contractExample[:len(contractExample)-1]
	step := 1
	if raceEnabled {
		step = 3
	}
	for _, n := range []int{0, 1, 2, 62, 63, 64, 65, 66, 127, 128, 129, 1400, 1500, 1520, 1530, 1540, 1550, 1600} {
		for more := 0; more < 70; more += step {
			for _, name := range []string{"x", "refund_id"} {
				_, diff := p.compare([]byte(begin+`,"`+name+`":"`+strings.Repeat("y", n+more)+`"}`), kafkaMs)
				require.Empty(t, diff, n+more)
			}
		}
	}
	for _, members := range []string{`,"x":"",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,`, `,"x":1`, `,"x":"y"`, `,"":""`, `,"x":{"a":"b"}`, `,"x":["a","b"]`,
		`,"refund_id":null`, `,"quantity":null`, `,"new_product":null`, `,"red_envelope":0010`, `,"red_envelope":10.50`, `,"refunded_at":1794326408000`,
		`,"refunded_at":01794326408000`, `,"buyer_since":"2020-02-29"`, `,"refund_id":":"`, `,"refund_id":","`, `,"refund_id":"}"`, `,"refund_id":"{"`} {
		_, diff := p.compare([]byte(begin+members+"}"), kafkaMs)
		require.Empty(t, diff, members)
		_, diff = p.compare([]byte("{"+members[1:]+","+begin[1:]+"}"), kafkaMs)
		require.Empty(t, diff, members)
	}
}

// TestFieldNames holds that each name has an entry of its own, and is found there whatever follows it.
func TestFieldNames(t *testing.T) {
	for f := range unknown {
		name := aggregate.Field(f).String()
		require.Len(t, name[:min(len(name), 16)], len(name))
		for _, behind := range []string{`":"text`, strings.Repeat("\xff", 8)} {
			w := binary.LittleEndian.Uint64([]byte(name + behind))
			require.Equal(t, uint32(1)<<f, knownNames.entry(w, uint64(len(name))+nameGap).bit)
		}
	}
}
