package verify

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"festival/sql"
)

// TestKafkaMs: franz-go's time.Time of a timestamp on the wire gives the timestamp back, also where it wraps.
func TestKafkaMs(t *testing.T) {
	for _, ms := range []int64{-1, 0, 1, 1794326400000, math.MaxInt64 / 1_000_000, math.MaxInt64/1_000_000 + 1,
		1794326400000_000, -1794326400000_000, 1<<57 - 1, -1 << 57} {
		require.Equal(t, ms, kafkaMs(&kgo.Record{Timestamp: time.Unix(0, ms*1_000_000)}), ms)
	}
}

func TestSample(t *testing.T) {
	var stands []stand
	for i := range 10 {
		stands = append(stands, stand{row: sql.FrameRow{Seq: int64(i)}})
	}
	seqs := func(n int) (out []int64) {
		for _, s := range sample(stands, n) {
			out = append(out, s.row.Seq)
		}
		return out
	}
	require.Equal(t, []int64{9}, seqs(1))
	require.Equal(t, []int64{2, 5, 9}, seqs(3))
	require.Len(t, seqs(10), 10)
	require.Len(t, seqs(99), 10)
	require.Empty(t, sample(nil, 3))
}

func TestCollectorIsBounded(t *testing.T) {
	var c collector
	for range maxDifferences + 5 {
		c.add(Difference{Stored: strings.Repeat("x", 2*maxText)})
	}
	require.Len(t, c.list, maxDifferences)
	require.EqualValues(t, maxDifferences+5, c.len())
	require.Len(t, c.list[0].Stored, maxText+3)
}

func TestRises(t *testing.T) {
	at := time.Unix(100, 0)
	before := head{Seq: 3, Second: at, Positions: map[string]int64{"0": 5, "1": 7}}
	f := func(want int, h head) {
		t.Helper()
		var c comparison
		rises(&c, &h, &before)
		require.Len(t, c.stored, want, c.stored)
	}
	f(0, head{Seq: 4, Second: at.Add(time.Second), Positions: map[string]int64{"0": 5, "1": 9, "2": 1}})
	f(1, head{Seq: 5, Second: at.Add(time.Second), Positions: before.Positions})
	f(1, head{Seq: 4, Second: at, Positions: before.Positions})
	f(2, head{Seq: 4, Second: at.Add(time.Second), Positions: map[string]int64{"0": 4}})
}
