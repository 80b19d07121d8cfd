package aggregate

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The first two vectors of the reference implementation (key 00..0f, input 00 01 ...) for 128 bits of output.
func TestSipHashVectors(t *testing.T) {
	f := func(input []byte, want string) {
		t.Helper()
		lo, hi := siphash128(0x0706050403020100, 0x0f0e0d0c0b0a0908, input)
		got := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, lo), hi)
		require.Equal(t, want, hex.EncodeToString(got))
	}
	f(nil, "a3817f04ba25a8e66df67214c7550293")
	f([]byte{0}, "da87c1d86b99af44347659119b22fc45")
}

// Different keys that are the same when joined without lengths have different fingerprints.
func TestFingerprintIsUnambiguous(t *testing.T) {
	seen := map[Print]string{}
	f := func(status Status, order, refund, group string) {
		t.Helper()
		p := Fingerprint(status, order, refund)
		require.Equal(t, p, Fingerprint(status, []byte(order), []byte(refund)))
		if other, ok := seen[p]; ok {
			require.Equal(t, other, group)
		}
		seen[p] = group
	}
	f(Refunded, "ab", "c", "1")
	f(Refunded, "a", "bc", "2")
	f(Refunded, "abc", "", "3")
	f(Paid, "abc", "", "4")
	f(Paid, "abc", "x", "4") // means nothing on other statuses
	f(Created, "abc", "", "5")
	f(Created, "ab", "c", "6")
	require.Len(t, seen, 6)
}

// The set against a map, with values crowded into few sub-tables and homes so that every branch is met.
func TestFingerprintsAgainstMap(t *testing.T) {
	seeds := int64(60)
	if raceBuild {
		seeds = 6
	}
	for seed := range seeds {
		rnd := rand.New(rand.NewSource(seed))
		set, want := NewFingerprints(0), map[Print]bool{}
		mask := uint64(1)<<rnd.Intn(64) - 1
		if seed%5 == 0 {
			set.Reserve(10_000)
		}
		for range 5000 {
			p := Print{Hi: rnd.Uint64() & (mask | mask<<52), Lo: rnd.Uint64() & mask & 0xff}
			if p.Hi|p.Lo == 0 {
				continue
			}
			added, err := set.Add(p)
			require.NoError(t, err)
			require.Equal(t, !want[p], added, "seed %d", seed)
			want[p] = true
		}
		require.EqualValues(t, len(want), set.Len())
		for p := range want {
			added, _ := set.Add(p)
			require.False(t, added)
		}
		count := int64(0)
		room := int64(0)
		for i := range set.subs {
			room += int64(len(set.subs[i].entries))
			for _, e := range set.subs[i].entries {
				if e.Hi|e.Lo != 0 {
					count++
				}
			}
		}
		require.Equal(t, set.Len(), count)
		require.Equal(t, room, set.room)
	}
}

func TestFingerprintsLimit(t *testing.T) {
	set := NewFingerprints(10)
	ids := func(from, to int) (orders []string, statuses []uint8, refunds []string) {
		for i := from; i < to; i++ {
			orders, statuses, refunds = append(orders, fmt.Sprint(i)), append(statuses, uint8(Paid)), append(refunds, "")
		}
		return orders, statuses, refunds
	}
	require.NoError(t, set.AddBatch(ids(0, 10)))
	require.NoError(t, set.AddBatch(ids(0, 10)), "repeats change nothing")
	require.ErrorIs(t, set.AddBatch(ids(9, 11)), ErrFull)
	require.EqualValues(t, 10, set.Len())
	set.SetLimit(11)
	require.NoError(t, set.AddBatch(ids(9, 11)))
}

// At any size above a million an event takes at most 24 bytes.
func TestFingerprintsMemory(t *testing.T) {
	if raceBuild {
		t.Skip("sizes are the same under the race detector, and three million events take a minute")
	}
	set, rnd := NewFingerprints(0), rand.New(rand.NewSource(1))
	var worst, sum, samples float64
	for n := 1; n <= 3_000_000; n++ {
		_, err := set.Add(Print{rnd.Uint64(), rnd.Uint64()})
		require.NoError(t, err)
		if n >= 1_000_000 && n%1000 == 0 {
			each := float64(set.Bytes()) / float64(n)
			worst, sum, samples = max(worst, each), sum+each, samples+1
		}
	}
	t.Logf("bytes an event: worst %.2f, mean %.2f", worst, sum/samples)
	require.LessOrEqual(t, worst, 24.0)
}

// BenchmarkGrow is the pause when a sub-table grows, at the size that 2.6e9 events in one set give it.
func BenchmarkGrow(b *testing.B) {
	const each = 2_600_000_000 / subTables
	rnd := rand.New(rand.NewSource(1))
	set := NewFingerprints(0)
	s := &set.subs[0]
	s.resize(each)
	for s.n < each*7/8 {
		_, err := set.Add(Print{rnd.Uint64() >> subBits, rnd.Uint64()})
		require.NoError(b, err)
	}
	full := *s
	var pauses []time.Duration
	for b.Loop() {
		*s = full
		begin := time.Now()
		s.grow()
		pauses = append(pauses, time.Since(begin))
	}
	slices.Sort(pauses)
	b.ReportMetric(float64(pauses[len(pauses)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(pauses[0].Microseconds()), "min-us")
}

// BenchmarkAdd is one new event in sets of growing size.
func BenchmarkAdd(b *testing.B) {
	for _, size := range []int{1 << 20, 1 << 24} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			rnd := rand.New(rand.NewSource(1))
			set := NewFingerprints(0)
			for range size {
				_, _ = set.Add(Print{rnd.Uint64(), rnd.Uint64()})
			}
			var chunks []time.Duration
			for range b.N/256 + 1 {
				begin := time.Now()
				for range 256 {
					_, _ = set.Add(Print{rnd.Uint64(), rnd.Uint64()})
				}
				chunks = append(chunks, time.Since(begin))
			}
			slices.Sort(chunks)
			b.ReportMetric(float64(chunks[len(chunks)/2].Nanoseconds())/256, "p50-ns/event")
			b.ReportMetric(float64(set.Bytes())/float64(set.Len()), "B/event")
		})
	}
}
