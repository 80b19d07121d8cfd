package aggregate

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/bits"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
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
	f(Refunded, "abc", "abc", "7")
	f(Refunded, "", "abcabc", "8")
	require.Len(t, seen, 8)
}

// randomPrint is a print with a few of its bits set, so that many share homes and hashes, and one of the three events.
func randomPrint(rnd *rand.Rand, mask uint64) Print {
	return Print{Hi: rnd.Uint64() & (mask | mask<<52), Lo: rnd.Uint64()&mask&^eventBits | 1<<rnd.Intn(eventShift)}
}

// The set against a map, with values crowded into few homes so that every branch is met, before, in and after growths.
func TestFingerprintsAgainstMap(t *testing.T) {
	seeds := int64(40)
	if raceBuild {
		seeds = 6
	}
	for seed := range seeds {
		rnd := rand.New(rand.NewSource(seed))
		set, want := NewFingerprints(0), map[Print]bool{}
		mask := uint64(1)<<rnd.Intn(65) - 1
		if seed%5 == 0 {
			set.Reserve(2000)
		}
		for i := range 4000 {
			p := randomPrint(rnd, mask)
			if seed%3 == 0 { // the last homes, from where lines overflow behind the end
				p.Hi |= 0x3f << 58
			}
			added, err := set.Add(p)
			if err != nil || added == want[p] {
				t.Fatal("seed", seed, "print", p, "added", added, err)
			}
			want[p] = true
			if seed%7 == 0 && i == 2500 {
				set.Reserve(rnd.Int63n(10_000))
			}
		}
		requireSet(t, set, want)
	}
}

// requireSet looks every event up, in an order of its own, and holds the set's numbers against what lies in its lines.
func requireSet(t *testing.T, set *Fingerprints, want map[Print]bool) {
	t.Helper()
	require.EqualValues(t, len(want), set.Len())
	for p := range want {
		if added, err := set.Add(p); added || err != nil {
			t.Fatal("print", p, "added again", err)
		}
	}
	events, entries, lines := 0, int64(0), 0
	for _, chunk := range set.chunks {
		for _, l := range chunk {
			for _, e := range l[:l.used()] {
				events += bits.OnesCount64(e.Lo & eventBits)
				entries++
			}
			for _, e := range l[l.used():] {
				if e != (Print{}) {
					t.Fatal("an entry behind an empty one: ", e)
				}
			}
		}
		lines += len(chunk)
	}
	require.Equal(t, len(want), events)
	require.Equal(t, set.entries, entries)
	require.EqualValues(t, set.taken, lines)
}

// The set against a map with a growth under way at each event: by one line, twofold, and by chunks of which most have no
// memory yet. Places that are announced meanwhile have memory.
func TestFingerprintsGrowAtEachEvent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		set, want := NewFingerprints(0), map[Print]bool{}
		rnd := rand.New(rand.NewSource(rapid.Int64().Draw(rt, "seed")))
		mask := uint64(1)<<rapid.IntRange(0, 64).Draw(rt, "bits of a hash") - 1
		for range rapid.IntRange(1, 400).Draw(rt, "events") {
			if more := [...]uint64{1, set.homes, 2 * chunkLines}[rnd.Intn(3)]; set.front == idle.front && set.homes < 8*chunkLines {
				set.begin(set.homes + more)
			} else if set.front != idle.front {
				set.step()
			}
			p := randomPrint(rnd, mask)
			set.Prefetch(randomPrint(rnd, math.MaxUint64))
			set.Prefetch(p)
			if added, err := set.Add(p); err != nil || added == want[p] {
				rt.Fatal("print", p, "added", added, err)
			}
			want[p] = true
		}
		requireSet(t, set, want)
	})
}

// A set of two million keeps every event at each of its growths, twofold and by a fifth, and no Add moves more than a few lines.
func TestFingerprintsGrow(t *testing.T) {
	n, least := 2_000_000, 15
	if raceBuild {
		n, least = 50_000, 8
	}
	set, rnd := NewFingerprints(0), rand.New(rand.NewSource(3))
	growths, most := 0, 0
	for range n {
		growing := set.front != idle.front
		if added, err := set.Add(randomPrint(rnd, math.MaxUint64)); !added || err != nil {
			t.Fatal("taken for a duplicate: ", added, err)
		}
		if growing && set.front == idle.front {
			growths++
		}
		most = max(most, len(set.moving))
	}
	t.Logf("%d growths, at most %d entries moved by an Add", growths, most)
	require.GreaterOrEqual(t, growths, least)
	require.Less(t, most, 4000)
	again := rand.New(rand.NewSource(3))
	for range n {
		if added, err := set.Add(randomPrint(again, math.MaxUint64)); added || err != nil {
			t.Fatal("lost: ", added, err)
		}
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

// A row of the store whose status is none is named, and nothing of it or of the rows behind it comes into the set.
func TestFingerprintsStatus(t *testing.T) {
	for _, status := range []uint8{0, 4, 255} {
		set := NewFingerprints(0)
		err := set.AddBatch([]string{"a", "b", "c"}, []uint8{uint8(Paid), status, uint8(Paid)}, make([]string, 3))
		require.ErrorIs(t, err, ErrStatus)
		require.ErrorContains(t, err, fmt.Sprintf("order_id \"b\", status %d", status))
		require.EqualValues(t, 1, set.Len())
	}
}

// A set of less than 8 MiB takes at most 41 bytes an event and a chunk.
func TestFingerprintsSmall(t *testing.T) {
	set, rnd, worst := NewFingerprints(0), rand.New(rand.NewSource(2)), 0.0
	for set.Bytes() < 8<<20 {
		_, err := set.Add(randomPrint(rnd, math.MaxUint64))
		require.NoError(t, err)
		if entries := set.Len(); entries > 28_000 { // a first chunk is full
			worst = max(worst, float64(set.Bytes()-chunkLines*64)/float64(entries))
		}
	}
	t.Logf("bytes an entry: worst %.2f", worst)
	require.LessOrEqual(t, worst, 41.0)
	require.Greater(t, worst, 22.0, "it doubles")
}

// At any size above a million an event takes at most 24 bytes.
func TestFingerprintsMemory(t *testing.T) {
	if raceBuild {
		t.Skip("sizes are the same under the race detector, and three million events take a minute")
	}
	set, rnd := NewFingerprints(0), rand.New(rand.NewSource(1))
	var worst, sum, samples float64
	for n := 1; n <= 3_000_000; n++ {
		_, err := set.Add(randomPrint(rnd, math.MaxUint64))
		require.NoError(t, err)
		if n >= 1_000_000 && n%1000 == 0 {
			each := float64(set.Bytes()) / float64(n)
			worst, sum, samples = max(worst, each), sum+each, samples+1
		}
	}
	t.Logf("bytes an event: worst %.2f, mean %.2f", worst, sum/samples)
	require.LessOrEqual(t, worst, 24.0)
}

// BenchmarkAdd is one new event in sets of growing size.
func BenchmarkAdd(b *testing.B) {
	for _, size := range []int{1 << 20, 1 << 24} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			rnd := rand.New(rand.NewSource(1))
			set := NewFingerprints(0)
			for range size {
				_, _ = set.Add(randomPrint(rnd, math.MaxUint64))
			}
			var chunks []time.Duration
			for range b.N/256 + 1 {
				begin := time.Now()
				for range 256 {
					_, _ = set.Add(randomPrint(rnd, math.MaxUint64))
				}
				chunks = append(chunks, time.Since(begin))
			}
			slices.Sort(chunks)
			b.ReportMetric(float64(chunks[len(chunks)/2].Nanoseconds())/256, "p50-ns/event")
			b.ReportMetric(float64(set.Bytes())/float64(set.Len()), "B/event")
		})
	}
}

// A batch is its rows one after the other, and a set at its limit knows what it holds, before, in and after growths.
func TestFingerprintsBatchToAnyLimit(t *testing.T) {
	const n = 3000
	ids, statuses, refunds := make([]string, n), make([]uint8, n), make([]string, n)
	rnd := rand.New(rand.NewSource(7))
	for i := range ids { // a third of them repeats
		ids[i], statuses[i] = fmt.Sprint(rnd.Intn(1500)), uint8(1+rnd.Intn(2))
	}
	growing := 0
	for limit := int64(100); limit < 1500; limit += 17 {
		set, seen := NewFingerprints(limit), map[string]bool{}
		require.ErrorIs(t, set.AddBatch(ids, statuses, refunds), ErrFull)
		require.Equal(t, limit, set.Len())
		if set.front != idle.front {
			growing++
		}
		for i := range ids {
			key := fmt.Sprint(ids[i], statuses[i])
			want := !seen[key] && int64(len(seen)) == limit
			if !want {
				seen[key] = true
			}
			added, err := set.Add(Fingerprint(Status(statuses[i]), ids[i], ""))
			require.False(t, added)
			require.Equal(t, want, err != nil, "limit %d, row %d", limit, i)
			if want {
				break
			}
		}
	}
	require.Positive(t, growing, "some limit is met while the set grows")
}
