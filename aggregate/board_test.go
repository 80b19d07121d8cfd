package aggregate

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shanghai is the festival's zone without the zone database.
var shanghai = time.FixedZone("CST", 8*3600)

func testBoard(t testing.TB, partitions int) *Board {
	return NewBoard(BoardConfig{Rules: testRules(t), Ledger: [32]byte{0xab}, Partitions: partitions, LatenessMs: 2000,
		Zone: shanghai, ThresholdsFen: []int64{100, 1000}})
}

// paid gives the cells of one paid order on an app from RU, in a segment of its own.
func paid(partition int32, segment, second, fen int64) []Cell {
	m := Measures{Orders: 1, GmvFen: fen, MobileOrders: 1, MobileGmvFen: fen}
	base := Cell{Partition: partition, Segment: segment, Revision: segment*16 + 1, Bucket: second, M: m}
	var out []Cell
	for d, key := range map[Dim]string{DimTotal: "", DimDevice: "app", DimCountry: "RU", DimProvince: "unknown", DimFlow: "IT>RU",
		DimMerchant: "m1", DimCity: "unknown"} {
		c := base
		c.Dim, c.Key = d, key
		if d.Step() == 60 {
			c.Bucket = second / 60 * 60
		} else if d.Step() == 0 {
			c.Bucket = 0
		}
		out = append(out, c)
	}
	return out
}

func progress(partition int32, next, lastMs, eventMs int64) []Progress {
	return []Progress{{Partition: partition, Next: next, LastMs: lastMs, MaxEventMs: eventMs}}
}

func pulse(partition int32, stable, high, atMs int64) Pulse {
	return Pulse{Partition: partition, StableEnd: stable, HighWatermark: high, AtMs: atMs}
}

func TestFoldRefusesTornCuts(t *testing.T) {
	f := func(u Update, want string) {
		t.Helper()
		b := testBoard(t, 2)
		err := b.Fold(u)
		require.ErrorIs(t, err, ErrCut)
		require.ErrorContains(t, err, want)
		require.Empty(t, b.Positions(), "nothing changed")
		require.Zero(t, b.Merchant("m1"))
	}
	f(Update{Cells: paid(0, 0, dayMs/1000+1, 5)}, "partition 0: a cell of revision 1 beyond progress -1")
	f(Update{Cells: paid(0, 3, dayMs/1000+1, 5), Progress: progress(0, 48, 0, 0)}, "revision 49 beyond progress 48")
	f(Update{Cells: paid(2, 0, dayMs/1000+1, 5), Progress: progress(0, 48, 0, 0)}, "cell of partition 2 of 2")
	f(Update{Progress: progress(-1, 48, 0, 0)}, "progress of partition -1 of 2")
	wrong := paid(0, 0, dayMs/1000+1, 5)
	wrong[0].Window = 2
	f(Update{Cells: wrong, Progress: progress(0, 48, 0, 0)}, "cell of window 2 of 2")
}

// The same cell twice in one update, newer first: the higher revision stays.
func TestFoldKeepsTheHigherRevision(t *testing.T) {
	b := testBoard(t, 1)
	old, newer := paid(0, 0, dayMs/1000+1, 5), paid(0, 0, dayMs/1000+1, 5)
	for i := range newer {
		newer[i].M.Orders, newer[i].M.GmvFen, newer[i].Revision = 2, 9, 4
	}
	require.NoError(t, b.Fold(Update{Cells: append(newer, old...), Progress: append(progress(0, 4, 0, 0), progress(0, 1, 0, 0)...)}))
	require.EqualValues(t, 9, b.Merchant("m1").GmvFen)
	require.Equal(t, Positions{0: 4}, b.Positions())
	require.NoError(t, b.Fold(Update{Cells: old, Progress: progress(0, 1, 0, 0)}))
	require.EqualValues(t, 9, b.Merchant("m1").GmvFen)
	require.Equal(t, Positions{0: 4}, b.Positions())
}

// Cells are held while their segment is unfinished, and no longer.
func TestFoldForgetsFinishedSegments(t *testing.T) {
	b := testBoard(t, 1)
	held := func() (n int) {
		for _, open := range b.partitions[0].open {
			n += len(open.cells)
		}
		return n
	}
	require.NoError(t, b.Fold(Update{Cells: paid(0, 0, dayMs/1000+1, 5), Progress: progress(0, 15, 0, 0)}))
	require.Equal(t, 6, held(), "all but the city")
	require.NoError(t, b.Fold(Update{Progress: progress(0, 16, 0, 0)}))
	require.Zero(t, held())
}

func TestFrameRefusesImbalance(t *testing.T) {
	f := func(lost Dim, want ...string) {
		t.Helper()
		b := testBoard(t, 1)
		for _, c := range paid(0, 0, dayMs/1000+1, 77) {
			if c.Dim != lost {
				require.NoError(t, b.Fold(Update{Cells: []Cell{c}, Progress: progress(0, 1, 0, 0)}))
				b.SetPosition(0, 0) // the rest of the same cut
			}
		}
		for range 2 { // it does not heal by itself
			_, err := b.Frame(dayMs, FrameState{})
			if len(want) == 0 {
				require.NoError(t, err)
				continue
			}
			require.ErrorIs(t, err, ErrUnbalanced)
			for _, w := range want {
				require.ErrorContains(t, err, w)
			}
		}
	}
	f(DimMerchant)
	f(DimCountry, "window first", "GmvFen:77", "sum of countries", "GmvFen:0")
	f(DimDevice, "sum of devices")
	f(DimTotal, "sum of countries", "GmvFen:77")
}

func TestBoardSumStops(t *testing.T) {
	b := testBoard(t, 2)
	require.NoError(t, b.Fold(Update{Cells: paid(0, 0, dayMs/1000+1, MaxSum), Progress: progress(0, 1, 0, 0)}))
	_, err := b.Frame(dayMs, FrameState{})
	require.NoError(t, err)
	require.ErrorIs(t, b.Fold(Update{Cells: paid(1, 0, dayMs/1000+1, 1), Progress: progress(1, 1, 0, 0)}), ErrBoardSum)
	_, err = b.Frame(dayMs, FrameState{})
	require.ErrorIs(t, err, ErrBoardSum)
}

func TestPhaseAndWindow(t *testing.T) {
	rules := testRules(t)
	f := func(nowMs int64, closed bool, phase, window string) {
		t.Helper()
		gotPhase, gotWindow := rules.phase(nowMs, closed)
		require.Equal(t, phase, gotPhase)
		require.Equal(t, window, *gotWindow)
	}
	f(firstMs-1, false, "before", "first")
	f(firstMs, false, "open", "first")
	f(dayMs+90_249, false, "open", "first")
	f(dayMs+90_250, false, "between", "second")
	f(dayMs+200_000, false, "open", "second")
	f(lastMs-1, false, "open", "second")
	f(lastMs, false, "between", "second")
	f(lastMs, true, "closed", "second")
}

func TestIncomplete(t *testing.T) {
	const now = int64(dayMs)
	b := testBoard(t, 2)
	f := func(nowMs int64, want ...Gap) {
		t.Helper()
		require.Equal(t, append([]Gap{}, want...), b.Incomplete(nowMs))
	}
	f(now, Gap{0, "not assigned yet"}, Gap{1, "not assigned yet"})
	b.SetPosition(1, 0)
	f(now, Gap{0, "not assigned yet"}, Gap{1, "no pulse for 5 s"})
	b.SetPosition(0, 10)
	b.Pulse(pulse(0, 10, 10, now))
	b.Pulse(pulse(1, 0, 0, now))
	f(now + 5000)
	f(now+5001, Gap{0, "no pulse for 5 s"}, Gap{1, "no pulse for 5 s"})

	// The stable end stands still below the high watermark: counted from when both are so.
	b.Pulse(pulse(0, 10, 10, now+60_000))
	b.Pulse(pulse(1, 7, 9, now+60_000))
	b.Pulse(pulse(1, 7, 12, now+64_999))
	f(now + 65_000)
	b.Pulse(pulse(1, 7, 12, now+65_000))
	f(now+65_000, Gap{1, "stable end has not moved for 5 s while below the high watermark"})
	b.Pulse(pulse(1, 8, 12, now+66_000))
	b.Pulse(pulse(0, 10, 10, now+66_000))
	f(now + 66_000)
	b.Pulse(pulse(1, 12, 12, now+67_000))
	b.Pulse(pulse(1, 12, 12, now+80_000))
	b.Pulse(pulse(0, 10, 10, now+80_000))
	f(now + 80_000)

	stopped := pulse(1, 12, 12, now+81_000)
	stopped.Stopped = "log replaced at offset 7"
	b.Pulse(stopped)
	f(now+81_000, Gap{1, "stopped: log replaced at offset 7"})
	b.Pulse(pulse(1, 12, 12, now+80_500)) // an older one
	f(now+81_000, Gap{1, "stopped: log replaced at offset 7"})
	b.Pulse(pulse(9, 12, 12, now))
}

func TestWatermarkFreshAndPace(t *testing.T) {
	const now = dayMs + 10_000
	b := testBoard(t, 2)
	frame := func(nowMs int64) *Frame {
		t.Helper()
		f, err := b.Frame(nowMs, FrameState{Second: nowMs})
		require.NoError(t, err)
		return f
	}
	require.Nil(t, frame(now).Watermark)
	require.Equal(t, Pace{}, frame(now).Rate)

	// Partition 0 has read to its end, partition 1 has an hour to go.
	require.NoError(t, b.Fold(Update{Cells: paid(0, 0, dayMs/1000+6, 500), Progress: progress(0, 1, now-3000, now-3000)}))
	b.SetPosition(1, 0)
	b.Pulse(pulse(0, 1, 1, now))
	b.Pulse(pulse(1, 9, 9, now))
	f := frame(now)
	require.Nil(t, f.Watermark, "partition 1 has none")
	require.Equal(t, int64(now), f.FreshMs, "nothing read of partition 1")

	require.NoError(t, b.Fold(Update{Progress: progress(1, 5, now-1500, now-1200)}))
	f = frame(now)
	require.Equal(t, "2026-11-11T00:00:06.800+08:00", *f.Watermark)
	require.EqualValues(t, 1500, f.FreshMs)
	require.Equal(t, []int64{0, 0, 0}, []int64{*f.Rate.OrdersPerS, *f.Rate.GmvFenPerS, *f.Rate.CreatedPerS}, "second 5")

	// All read: now less the lateness; nothing new is not stale.
	require.NoError(t, b.Fold(Update{Progress: progress(1, 9, now-1500, now-1200)}))
	f = frame(now)
	require.Equal(t, "2026-11-11T00:00:08.000+08:00", *f.Watermark)
	require.Zero(t, f.FreshMs)
	require.EqualValues(t, 0, *f.Rate.OrdersPerS, "second 7")
	f = frame(now - 1000)
	require.Equal(t, []int64{1, 500}, []int64{*f.Rate.OrdersPerS, *f.Rate.GmvFenPerS}, "second 6")
	one, ok := f.OfWindow("second")
	require.True(t, ok)
	require.Nil(t, one.Rate.OrdersPerS, "before its first second")
	require.True(t, b.Complete(dayMs/1000+7, now))
	require.False(t, b.Complete(dayMs/1000+8, now))

	require.Zero(t, frame(now+silenceMs).FreshMs)
	require.EqualValues(t, silenceMs+1, frame(now+silenceMs+1).FreshMs)

	// Partition 1 falls silent: it holds the watermark back at its newest event.
	b.Pulse(pulse(0, 1, 1, now+20_000))
	f = frame(now + 20_000)
	require.Equal(t, "2026-11-11T00:00:06.800+08:00", *f.Watermark)
	require.False(t, f.Complete)
	require.EqualValues(t, 20_000, f.FreshMs, "nobody knows whether more has come since its last pulse")
}

// An order after a quiet minute is not a minute of delay: until it is read the figures are as old as the last pulse before it.
func TestFreshAfterAQuietMinute(t *testing.T) {
	const now = dayMs + 60_000
	b := testBoard(t, 1)
	fresh := func(nowMs int64) int64 {
		f, err := b.Frame(nowMs, FrameState{Second: nowMs})
		require.NoError(t, err)
		return f.FreshMs
	}
	require.NoError(t, b.Fold(Update{Progress: progress(0, 1, now-60_000, now-60_000)}))
	b.Pulse(pulse(0, 2, 2, now-59_000))
	require.EqualValues(t, 1000, fresh(now-59_000), "behind since its record")
	require.NoError(t, b.Fold(Update{Progress: progress(0, 2, now-59_500, now-59_500)}))
	b.Pulse(pulse(0, 2, 2, now-1000))
	require.Zero(t, fresh(now-500), "quiet")
	b.Pulse(pulse(0, 5, 5, now))
	require.EqualValues(t, 1300, fresh(now+300), "three orders wait since the pulse a second before")
	b.Pulse(pulse(0, 9, 9, now+1000))
	require.EqualValues(t, 2300, fresh(now+1300), "still behind: a later pulse is no proof of reading")
	require.NoError(t, b.Fold(Update{Progress: progress(0, 5, now-100, now-100)}))
	require.EqualValues(t, 1400, fresh(now+1300))
	require.NoError(t, b.Fold(Update{Progress: progress(0, 9, now+900, now+900)}))
	require.Zero(t, fresh(now+1300))
}

// A pulse of the future proves nothing: its clock was ahead, and whoever wrote it may have ended since.
func TestPulseOfTheFuture(t *testing.T) {
	const now = dayMs + 60_000
	b := testBoard(t, 1)
	require.NoError(t, b.Fold(Update{Progress: progress(0, 2, now-3000, now-3000)}))
	b.Pulse(pulse(0, 2, 2, now+silenceMs))
	f, err := b.Frame(now, FrameState{Second: now})
	require.NoError(t, err)
	require.True(t, f.Complete, "clocks may differ by as much as a pulse may be old")
	require.Zero(t, f.FreshMs)
	b.Pulse(pulse(0, 2, 2, now+600_000))
	f, err = b.Frame(now, FrameState{Second: now})
	require.NoError(t, err)
	require.Equal(t, []Gap{{0, "its pulse is 600 s ahead of this clock"}}, f.Incomplete)
	require.EqualValues(t, 3000, f.FreshMs)
	require.Equal(t, "2026-11-11T00:00:55.000+08:00", *f.Watermark, "held back at its newest event")
	set := testBoard(t, 1)
	require.NoError(t, set.Fold(Update{Progress: progress(0, 2, now-3000, now-3000)}))
	for _, at := range []int64{now + 599_000, now + 600_000, now + 1000, now} { // its clock is set back; the last one is only late
		set.Pulse(pulse(0, 2, 2, at))
	}
	f, err = set.Frame(now+6000, FrameState{Second: now + 6000})
	require.NoError(t, err)
	require.True(t, f.Complete, "5 s after the newest by the clock that was set back")
	require.Zero(t, f.FreshMs)
	f, err = set.Frame(now+6001, FrameState{Second: now + 6001})
	require.NoError(t, err)
	require.Equal(t, []Gap{{0, "no pulse for 5 s"}}, f.Incomplete)
	f, err = b.Frame(now+595_000, FrameState{Second: now + 595_000})
	require.NoError(t, err)
	require.True(t, f.Complete)
	f, err = b.Frame(now+605_001, FrameState{Second: now + 605_001})
	require.NoError(t, err)
	require.Equal(t, []Gap{{0, "no pulse for 5 s"}}, f.Incomplete)
}

func TestFrameOfWindow(t *testing.T) {
	b := testBoard(t, 1)
	second := paid(0, 1, dayMs/1000+201, 40)
	for i := range second {
		second[i].Window = 1
	}
	require.NoError(t, b.Fold(Update{Cells: append(paid(0, 0, dayMs/1000+1, 77), second...), Progress: progress(0, 17, 0, 0)}))
	f, err := b.Frame(dayMs, FrameState{AfterClose: 3, AfterCloseFen: 30})
	require.NoError(t, err)
	one, ok := f.OfWindow("second")
	require.True(t, ok)
	require.EqualValues(t, 117, f.Total.GmvFen)
	require.EqualValues(t, 40, one.Total.GmvFen)
	require.EqualValues(t, 3, one.Total.AfterClose)
	require.Equal(t, []Share{{"IT>RU", 40, 1}}, one.Flows)
	require.Equal(t, []Share{{"IT>RU", 117, 2}}, f.Flows)
	require.Len(t, one.Windows, 1)
	require.Equal(t, f.Windows[1], one.Windows[0])
	_, ok = f.OfWindow("third")
	require.False(t, ok)
	again, ok := one.OfWindow("second")
	require.True(t, ok)
	require.Equal(t, one, again)
}

// A frame that was handed out does not change when the board goes on.
func TestFrameIsImmutable(t *testing.T) {
	b := testBoard(t, 1)
	require.NoError(t, b.Fold(Update{Cells: paid(0, 0, dayMs/1000+1, 77), Progress: progress(0, 1, 0, 0)}))
	f, err := b.Frame(dayMs, FrameState{Official: true})
	require.NoError(t, err)
	before, digest := string(f.JSON()), f.Digest()
	require.NoError(t, b.Fold(Update{Cells: paid(0, 1, dayMs/1000+2, 23), Progress: progress(0, 17, 5, 5)}))
	later, err := b.Frame(dayMs+1000, FrameState{Official: true})
	require.NoError(t, err)
	require.Equal(t, before, string(f.JSON()))
	require.Equal(t, digest, *f.Hash)
	require.NotEqual(t, digest, *later.Hash)
}

func TestLargestFlows(t *testing.T) {
	r := newRanking()
	for i := range 500 {
		r.add(new(int32), string([]byte{'A' + byte(i/26%26), 'A' + byte(i%26)}), Measures{Orders: 1, GmvFen: int64(i * 7919 % 97)})
	}
	r.add(new(int32), "none", Measures{Created: 4})
	all := r.largest(1000)
	require.Len(t, all, 500)
	for i := 1; i < len(all); i++ {
		require.Negative(t, compareRanked(all[i-1], all[i]))
	}
	require.Equal(t, all[:60], r.largest(60))
}

func TestFrameJSON(t *testing.T) {
	b := testBoard(t, 12)
	b.SetPosition(10, 7)
	b.SetPosition(2, 5)
	f, err := b.Frame(dayMs, FrameState{Second: dayMs})
	require.NoError(t, err)
	text := string(f.JSON())
	require.Contains(t, text, `"positions":{"2":5,"10":7}`)
	require.Contains(t, text, `"countries":[],"provinces":[],"flows":[]`)
	require.NotContains(t, text, "null,\"windows\"")
	require.Contains(t, string(f.Canonical()), `"positions":{"10":7,"2":5}`)
	require.NotContains(t, string(f.Canonical()), "fresh_ms")
	require.False(t, strings.HasSuffix(text, "\n"))
	var back Frame
	require.NoError(t, json.Unmarshal([]byte(text), &back))
	require.Equal(t, f.Digest(), back.Digest())
}

// The hash of a frame is fixed: a change here breaks every chain that exists.
func TestGoldenFrame(t *testing.T) {
	b := testBoard(t, 2)
	require.NoError(t, b.Fold(Update{Cells: paid(0, 0, dayMs/1000+1, 77_700), Progress: progress(0, 1, dayMs+1900, dayMs+1800)}))
	require.NoError(t, b.Fold(Update{Progress: progress(1, 0, 0, 0)}))
	b.Pulse(pulse(0, 1, 1, dayMs+5000))
	b.Pulse(pulse(1, 0, 0, dayMs+5000))
	f, err := b.Frame(dayMs+5003, FrameState{Seq: 6, Second: dayMs + 5000, Official: true, Prev: b.ledger, Certainty: "provisional",
		VerifiedTo: "2026-11-11T00:00:01+08:00"})
	require.NoError(t, err)
	want := readGolden(t, "frame.json")
	require.Equal(t, want, string(f.Canonical())+"\n")
	require.Equal(t, "93bc5f1405e49229b01fe08adb4fd50bc79cb6de18c327d8612a08dda42aba23", *f.Hash)
}
