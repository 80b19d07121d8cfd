package query

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/sql"
)

// bench runs a publisher without HTTP. Inside a synctest bubble its seconds pass at once, and wait lets it finish
// what it can do now.
type bench struct {
	*Server
	store *memoryStore
	stop  func()
}

func newBench(t *testing.T, store *memoryStore, change func(*Config)) *bench {
	cfg := testConfig(t, store, 1)
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { require.NoError(t, s.pub.run(ctx)) })
	synctest.Wait()
	return &bench{s, store, func() { cancel(); done.Wait() }}
}

// flush stores an update and hands it over, as ingest does.
func (b *bench) flush(u aggregate.Update) {
	b.store.put(u)
	b.Apply(u)
	synctest.Wait()
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (s *memoryStore) chain(window string) []sql.FrameRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []sql.FrameRow
	for _, second := range slices.Sorted(maps.Keys(s.frames[window])) {
		out = append(out, s.frames[window][second])
	}
	return out
}

func decode(t *testing.T, text string) aggregate.Frame {
	var f aggregate.Frame
	require.NoError(t, json.Unmarshal([]byte(text), &f))
	return f
}

// checkChain holds every stored frame against its hash, its predecessor and the rules of DESIGN.md §4.
func checkChain(t *testing.T, rows []sql.FrameRow, ledger string) {
	prev, last, positions := ledger, int64(0), aggregate.Positions{}
	for i, r := range rows {
		f := decode(t, r.JSON)
		canonical, err := aggregate.Canonical([]byte(r.JSON), aggregate.Unhashed()...)
		require.NoError(t, err)
		require.Equal(t, hexSum(canonical), r.Hash)
		require.Equal(t, r.Hash, *f.Hash)
		require.Equal(t, prev, f.Prev)
		require.EqualValues(t, i+1, f.Seq)
		require.Equal(t, f.Seq, r.Seq)
		require.True(t, f.Official)
		require.Greater(t, r.Second, last)
		for p, at := range positions {
			require.GreaterOrEqual(t, f.Positions[p], at)
		}
		prev, last, positions = r.Hash, r.Second, f.Positions
	}
}

func TestOfficialFrameEachSecondAndTheChainGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		b := newBench(t, store, nil)
		b.flush(paid(0, 0, 10, 10, 50, dayStart))
		pass(3 * time.Second)
		b.flush(paid(0, 0, 20, 20, 50, dayStart))
		pass(2 * time.Second)
		b.stop()
		require.Len(t, store.chain(""), 5)
		require.EqualValues(t, 1000, decode(t, store.chain("")[4].JSON).Total.GmvFen)

		again := newBench(t, store, nil) // a restart resumes the chain and loads the board
		require.Equal(t, store.chain("")[4].JSON, string(again.hub.newest("", false).body), "the last official frame is there at once")
		pass(2 * time.Second)
		again.stop()
		rows := store.chain("")
		require.Len(t, rows, 7)
		require.EqualValues(t, 1000, decode(t, rows[6].JSON).Total.GmvFen)
		checkChain(t, rows, again.cfg.ledgerHex())
	})
}

// A frame carries exactly the newest acknowledged flush, and live frames keep their distance.
func TestLiveFramesFollowFlushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, newMemoryStore(), nil)
		defer b.stop()
		pass(1100 * time.Millisecond)
		first := b.hub.newest("", true)
		for n := range int64(20) { // every 10 ms
			b.flush(paid(0, 0, n+1, n+1, 50, dayStart))
			pass(10 * time.Millisecond)
		}
		e := b.hub.newest("", true)
		require.False(t, e.official)
		require.Regexp(t, `^1\.[34]$`, e.id, "20 flushes in 200 ms make two or three frames after %s", first.id)
		pass(100 * time.Millisecond)
		f := decode(t, string(b.hub.newest("", true).body))
		require.EqualValues(t, 20, f.Total.Orders)
		require.Nil(t, f.Hash)
		require.EqualValues(t, 1, f.Seq)
		require.Equal(t, b.store.chain("")[0].Hash, f.Prev)
	})
}

// While the store is down nothing official is shown; the frame that was being stored keeps its bytes.
func TestNothingOfficialIsShownBeforeItIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		b := newBench(t, store, nil)
		defer b.stop()
		pass(1500 * time.Millisecond)
		shown := b.hub.newest("", false)
		store.setDown(true)
		b.Apply(paid(0, 0, 10, 10, 50, dayStart))
		pass(8 * time.Second)
		require.Same(t, shown, b.hub.newest("", false))
		require.Contains(t, b.hub.newest("", true).id, shown.id+".", "live frames go on")
		reasons, _ := b.reasons(time.Now())
		require.Contains(t, reasons, "frames: the store does not take official frames: store is down")
		require.Contains(t, reasons, "frames: the last official frame was stored 8s ago")
		store.setDown(false)
		pass(2 * time.Second)
		rows := store.chain("")
		checkChain(t, rows, b.cfg.ledgerHex())
		require.EqualValues(t, rows[0].Second+1, rows[1].Second, "the frame of the first second down was stored in the end")
		require.GreaterOrEqual(t, rows[2].Second, rows[1].Second+8)
		reasons, _ = b.reasons(time.Now())
		require.NotContains(t, reasons, "frames: the store does not take official frames: store is down")
	})
}

// A clock that steps back makes no official frame until it has passed the last one's second.
func TestClockStepsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, offset := newMemoryStore(), time.Duration(0)
		var mu sync.Mutex
		clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(offset) }
		b := newBench(t, store, func(c *Config) { c.Clock = clock })
		defer b.stop()
		pass(3 * time.Second)
		require.Len(t, store.chain(""), 3)
		mu.Lock()
		offset = -4 * time.Second
		mu.Unlock()
		pass(4 * time.Second)
		require.Len(t, store.chain(""), 3)
		pass(2 * time.Second)
		require.Len(t, store.chain(""), 5)
		checkChain(t, store.chain(""), b.cfg.ledgerHex())
	})
}

// Live frames go on while a clock that ran ahead is set right.
func TestLiveFramesGoOnAfterTheClockStepsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var offset atomic.Int64
		offset.Store(int64(24 * time.Second))
		b := newBench(t, newMemoryStore(), func(c *Config) {
			c.Clock = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
		})
		defer b.stop()
		pass(1100 * time.Millisecond)
		b.flush(paid(0, 0, 1, 1, 50, dayStart))
		offset.Store(0)
		b.flush(paid(0, 0, 2, 2, 50, dayStart))
		require.EqualValues(t, 2, decode(t, string(b.hub.newest("", true).body)).Total.Orders)
	})
}

// tailless is a store whose tail brings nothing: a board of it stays behind.
type tailless struct{ *memoryStore }

func (tailless) Tail(context.Context, uint64, map[int32]int64, func(sql.CellRow) error) error {
	return nil
}

// What is asked of the store reaches as far as the frame on the screens, though the board here is behind it.
func TestNewestPositionsAreThoseOfTheScreens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		leader := newBench(t, store, nil)
		defer leader.stop()
		follower := newBench(t, store, func(c *Config) { c.Tail, c.Follow, c.Store = true, true, tailless{store} })
		defer follower.stop()
		leader.flush(paid(0, 0, 10, 10, 50, dayStart))
		pass(2500 * time.Millisecond)
		at, err := follower.newest()
		require.NoError(t, err)
		require.EqualValues(t, 10, at[0])
		leader.flush(paid(0, 0, 20, 20, 50, dayStart))
		at, err = leader.newest()
		require.NoError(t, err)
		require.EqualValues(t, 20, at[0], "a live frame is newer than the official one")
	})
}

// A frame whose total differs from its countries is not published; the last good one stays and /readyz says so.
func TestUnbalancedFrameIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		b := newBench(t, store, nil)
		defer b.stop()
		b.flush(paid(0, 0, 10, 10, 50, dayStart))
		pass(1100 * time.Millisecond)
		good := b.hub.newest("", true)
		bad := paid(0, 0, 11, 11, 50, dayStart)
		bad.Cells = bad.Cells[:2] // no countries
		b.flush(bad)
		pass(3 * time.Second)
		require.Same(t, good, b.hub.newest("", true))
		require.Len(t, store.chain(""), 1)
		reasons, _ := b.reasons(time.Now())
		require.Contains(t, reasons[0], "frame does not balance")
		b.flush(paid(0, 0, 12, 12, 50, dayStart)) // the whole cut heals it
		pass(2 * time.Second)
		require.EqualValues(t, 12, decode(t, string(b.hub.newest("", false).body)).Total.Orders)
	})
}

// A board that read past rows that the store did not have at that moment loads them when the store has them again.
func TestUnbalancedBoardLoadsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		b := newBench(t, store, nil)
		defer b.stop()
		whole := paid(0, 0, 11, 11, 50, dayStart)
		torn := whole
		torn.Cells = torn.Cells[:2] // no countries
		store.put(torn)
		b.Apply(torn)
		pass(tornFor + 5*time.Second) // loaded again, and as torn as before
		require.Empty(t, store.chain(""))
		store.put(whole)
		pass(tornFor + 2*time.Second)
		require.EqualValues(t, 11, decode(t, string(b.hub.newest("", true).body)).Total.Orders)
		reasons, _ := b.reasons(time.Now())
		require.NotContains(t, strings.Join(reasons, " "), "balance")
	})
}

// A board that loads less than was on the air, as from a store that lost data, shows nothing.
func TestPositionBelowTheLastFrameIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		b := newBench(t, store, nil)
		b.flush(paid(0, 0, 10, 10, 50, dayStart))
		pass(1100 * time.Millisecond)
		b.stop()
		clear(store.cells)
		store.put(paid(0, 0, 9, 9, 50, dayStart))
		b = newBench(t, store, nil)
		defer b.stop()
		pass(3 * time.Second)
		require.Len(t, store.chain(""), 1)
		reasons, _ := b.reasons(time.Now())
		require.Contains(t, reasons[0], "partition 0 is at 9, below 10 of the last official frame")
	})
}

func TestEachWindowHasItsFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		b := newBench(t, store, func(c *Config) { c.Rules = testRules(t, 2) })
		defer b.stop()
		b.flush(paid(0, 0, 3, 3, 50, dayStart))
		b.flush(paid(1, 1, 4, 4, 50, nightFrom))
		pass(1100 * time.Millisecond)
		for view, orders := range map[string]int64{"": 7, "day": 3, "night": 4} {
			row := store.chain(view)[0]
			f := decode(t, row.JSON)
			require.Equal(t, orders, f.Total.Orders, view)
			require.Equal(t, row.JSON, string(b.hub.newest(view, false).body))
			require.Equal(t, store.chain("")[0].Hash, row.Hash, "one chain")
		}
	})
}

// serve elsewhere: the tail gives the same figures and, following, the same official bytes.
func TestTailAndFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		store.put(aggregate.Update{Progress: []aggregate.Progress{{Partition: 1}}}) // assigned and empty
		leader := newBench(t, store, nil)
		defer leader.stop()
		follower := newBench(t, store, func(c *Config) { c.Tail, c.Follow = true, true })
		defer follower.stop()
		leader.flush(paid(0, 0, 200, 72, 50, dayStart)) // the second segment; the first one was empty
		store.setPulses(sql.PulseRow{Partition: 0, StableEnd: 200, HighWatermark: 200, AtMs: time.Now().Add(2 * time.Second).UnixMilli()},
			sql.PulseRow{Partition: 1, AtMs: time.Now().Add(2 * time.Second).UnixMilli()})
		pass(2500 * time.Millisecond)
		require.Equal(t, leader.hub.newest("", false).full.wire, follower.hub.newest("", false).full.wire)
		live := decode(t, string(follower.hub.newest("", true).body)) // the same, or newer from the tail
		require.EqualValues(t, 72, live.Total.Orders)
		require.Equal(t, aggregate.Positions{0: 200, 1: 0}, live.Positions)
		reasons, _ := follower.reasons(time.Now())
		require.Empty(t, reasons)
		require.Len(t, store.chain(""), 2, "a follower stores nothing")
	})
}

// An update that is no cut makes the board load again; nothing is guessed.
func TestBoardLoadsAgainAfterABrokenUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, newMemoryStore(), nil)
		defer b.stop()
		u := paid(0, 0, 10, 10, 50, dayStart)
		b.store.put(u)
		u.Progress = nil
		b.Apply(u)
		pass(1100 * time.Millisecond)
		require.EqualValues(t, 10, decode(t, string(b.hub.newest("", false).body)).Total.Orders)
		reasons, _ := b.reasons(time.Now())
		require.NotContains(t, reasons, "frames: update")
	})
}
