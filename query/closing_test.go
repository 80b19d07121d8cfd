package query

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/sql"
)

// closable gives a store with the ledger of the tests.
func closable() *memoryStore {
	store := newMemoryStore()
	store.closings.ledger = sql.Ledger{ID: hex.EncodeToString([]byte{1, 2, 3}), Prefix: 0x0102030000000000, Document: `{"rules":1}`, LogStart: []int64{0, 0}}
	return store
}

// afterWindows lets the bubble's clock be an hour after the last window.
func afterWindows(c *Config) {
	offset := time.Unix(nightFrom+7200, 0).Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) // where a bubble begins
	c.Clock = func() time.Time { return time.Now().Add(offset) }
}

// night is a festival of two partitions with random orders, and a store.
type night struct {
	t      *testing.T
	random *rand.Rand
	store  *memoryStore
	logs   [2]*orderLog
	now    func() time.Time
}

func newNight(t *testing.T) *night {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	store := closable()
	store.signoffs = []sql.Signoff{{Kind: sql.SignoffRecount}, {Kind: sql.SignoffGap, Partition: 1, First: 9000, End: 9100, By: "Wu", Reason: "lost"}}
	return &night{t: t, random: random, store: store, logs: [2]*orderLog{newOrderLog(0, random), newOrderLog(1, random)}}
}

func (n *night) bench(change func(*Config)) *bench {
	return newBench(n.t, n.store, func(c *Config) {
		c.Rules, c.MilestonesCN = testRules(n.t, 2), []int64{10, 1_000_000}
		afterWindows(c)
		n.now = c.Clock
		if change != nil {
			change(c)
		}
	})
}

// flush stores what a random flush writes, hands it over, and tells that the logs are read to their ends.
func (n *night) flush(b *bench) {
	u := n.logs[n.random.IntN(2)].flush(n.random)
	n.store.put(u)
	b.Apply(u)
	n.pulse()
	synctest.Wait()
}

func (n *night) pulse() {
	var rows []sql.PulseRow
	for p, l := range n.logs {
		rows = append(rows, sql.PulseRow{Partition: int32(p), StableEnd: l.top, HighWatermark: l.top, AtMs: n.now().UnixMilli()})
	}
	n.store.setPulses(rows...)
}

// sums counts the logs up to positions, without cells.
func (n *night) sums(at aggregate.Positions) (orders, fen int64) {
	for p, l := range n.logs {
		for _, o := range l.orders[:at[int32(p)]] {
			orders, fen = orders+1, fen+o.fen
		}
	}
	return orders, fen
}

// require holds every official frame against the logs: before the close at its positions; from the close on frozen at the
// closing positions, with what came after exact.
func (n *night) require(ledger string) (closedFrames int) {
	n.t.Helper()
	rows := n.store.chain("")
	checkChain(n.t, rows, ledger)
	var final *aggregate.Frame
	var after int64
	for _, r := range rows {
		f := decode(n.t, r.JSON)
		orders, fen := n.sums(f.Positions)
		require.Equal(n.t, [2]int64{orders, fen}, [2]int64{f.Total.Orders, f.Total.GmvFen}, "second %d", r.Second)
		if f.Phase != "closed" {
			require.Nil(n.t, final, "nothing opens what was closed")
			require.Equal(n.t, "provisional", f.Certainty)
			require.Nil(n.t, f.After)
			continue
		}
		require.Equal(n.t, "final", f.Certainty)
		if closedFrames++; final == nil {
			final = &f
			require.Zero(n.t, f.Total.AfterClose)
		}
		nowOrders, nowFen := n.sums(f.After)
		require.Equal(n.t, [2]int64{nowOrders - orders, nowFen - fen}, [2]int64{f.Total.AfterClose, f.Total.AfterCloseFen}, "second %d", r.Second)
		require.GreaterOrEqual(n.t, f.Total.AfterClose, after)
		after = f.Total.AfterClose
		f.Total.AfterClose, f.Total.AfterCloseFen = 0, 0
		require.Equal(n.t, final.Positions, f.Positions)
		require.Equal(n.t, final.Total, f.Total)
		require.Equal(n.t, final.Countries, f.Countries)
		require.Equal(n.t, final.Devices, f.Devices)
		require.Equal(n.t, final.Watermark, f.Watermark)
	}
	return closedFrames
}

// Random streams, closed at any cut, going on, with restarts and a follower: figures are frozen at the cut, what came after
// is exact, nothing on a screen falls.
func TestCloseAtAnyCut(t *testing.T) {
	for round := range 12 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { closeAtAnyCut(t, newNight(t)) })
		})
	}
}

func closeAtAnyCut(t *testing.T, n *night) {
	b := n.bench(nil)
	follower := n.bench(func(c *Config) { c.Tail, c.Follow = true, true })
	defer follower.stop()
	run := func(steps int) {
		for range steps {
			n.flush(b)
			pass(time.Duration(n.random.IntN(400)) * time.Millisecond)
			if n.random.IntN(12) == 0 {
				b.stop()
				b = n.bench(nil)
			}
		}
	}
	run(n.random.IntN(30))
	require.Zero(t, b.pub.status.Load().closingMs)
	// Over partitions that nothing was read of, a festival closes only anyway.
	n.store.ask(sql.CloseRequest{AtMs: n.now().UnixMilli(), Who: "Lin", Anyway: "test"})
	for i := 0; b.pub.status.Load().closingMs == 0; i++ {
		require.Less(t, i, 1000, "no close")
		run(1)
	}
	run(10 + n.random.IntN(30))
	pass(2 * time.Second)
	b.stop()
	pass(2 * tailEvery) // the follower has seen the last one
	require.Greater(t, n.require(b.cfg.ledgerHex()), 1)
	require.NotZero(t, follower.pub.status.Load().closingMs)
	require.Equal(t, n.store.chain("")[len(n.store.chain(""))-1].JSON, string(follower.hub.newest("", false).body))
	live := decode(t, string(follower.hub.newest("", true).body))
	require.Equal(t, "closed", live.Phase)
	n.requireDocument()
}

// requireDocument holds the closing document against the logs, and its seals against the closing cells.
func (n *night) requireDocument() {
	row, ok, err := n.store.Closing(n.t.Context(), 0)
	require.NoError(n.t, err)
	require.True(n.t, ok)
	d, err := CheckClosing(row.Document)
	require.NoError(n.t, err)
	orders, fen := n.sums(d.Positions)
	require.Equal(n.t, [2]int64{orders, fen}, [2]int64{d.Total.Orders, d.Total.GmvFen})
	require.Equal(n.t, row.FrameHash, d.Frame.Hash)
	var windows int64
	for _, w := range d.Windows {
		windows += w.Total.GmvFen
	}
	require.Equal(n.t, fen, windows)
	require.Equal(n.t, []closingGap{{Partition: 1, First: 9000, End: 9100, By: "Wu", Reason: "lost"}}, d.Gaps)
	require.Len(n.t, d.Partitions, len(d.Positions))
	for i, p := range d.Partitions {
		require.Equal(n.t, d.Positions[p.Partition], p.Position)
		var cells []aggregate.Cell
		require.NoError(n.t, n.store.ClosingCells(n.t.Context(), 0, row.AtMs, func(r sql.CellRow) error {
			if r.Partition == p.Partition {
				cells = append(cells, cellOf(r))
			}
			return nil
		}))
		s := row.Seals[i]
		want := aggregate.SealCells(aggregate.Seal{Partition: s.Partition, Segment: s.Segment, First: s.First, End: s.End, Prev: s.Prev}, [32]byte{1, 2, 3}, cells)
		require.Equal(n.t, want.Hash, s.Hash)
		require.Equal(n.t, p.Seal.Hash, hex.EncodeToString(s.Hash[:]))
		require.Equal(n.t, p.Position/128, s.Segment)
		require.Equal(n.t, p.Position >= 128, p.Chain != nil)
	}
	require.Error(n.t, func() error {
		_, err := CheckClosing(strings.Replace(row.Document, `"by":"Lin"`, `"by":"Wu"`, 1))
		return err
	}())
}

// A close that was asked for without a reason is refused while something is unfinished, with every sentence; a refused
// request is answered once and changes nothing.
func TestCloseIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		b := n.bench(nil)
		n.flush(b)
		n.store.setPulses(sql.PulseRow{Partition: 0, StableEnd: n.logs[0].top, HighWatermark: n.logs[0].top, AtMs: n.now().UnixMilli()})
		at := n.now().UnixMilli()
		n.store.ask(sql.CloseRequest{AtMs: at, Who: "Lin"})
		pass(3 * time.Second)
		require.Contains(t, n.store.answer(at), "partition 1 is incomplete at offset")
		require.Contains(t, n.store.answer(at), "window night ends at 2025-11-11T03:00:00+08:00, and")
		require.Zero(t, b.pub.status.Load().closingMs)
		require.False(t, b.pub.holding)

		for n.logs[0].top == 0 || n.logs[1].top == 0 {
			n.flush(b)
		}
		n.pulse()
		at = n.now().UnixMilli()
		n.store.ask(sql.CloseRequest{AtMs: at, Who: "Lin"})
		pass(3 * time.Second)
		require.Empty(t, n.store.answer(at))
		require.NotZero(t, b.pub.status.Load().closingMs)
		b.stop()
		require.Positive(t, n.require(b.cfg.ledgerHex()))
		row, _, _ := n.store.Closing(t.Context(), 0)
		d, err := CheckClosing(row.Document)
		require.NoError(t, err)
		require.Empty(t, d.Unfinished)
		require.Nil(t, d.Anyway)
	})
}

// A process that ends at any step of a close leaves the festival open or closed, and the next one finishes what was asked.
func TestCloseCrashes(t *testing.T) {
	for _, step := range []string{"cut", "closing cells", "ledgers", "offer", "frame"} {
		t.Run(step, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNight(t)
				b := n.bench(nil)
				for range 20 {
					n.flush(b)
				}
				n.store.closings.broken = func(at string) error {
					if at == step {
						return errDown
					}
					if at == "offer" && step == "frame" { // the offer arrives, the frame does not
						n.store.setDown(true)
					}
					return nil
				}
				n.store.ask(sql.CloseRequest{AtMs: n.now().UnixMilli(), Who: "Lin", Anyway: "test"})
				pass(5 * time.Second)
				b.stop()
				n.store.setDown(false)
				_, ok, err := n.store.Closing(t.Context(), 0)
				require.NoError(t, err)
				require.False(t, ok)
				n.store.closings.broken = nil
				b = n.bench(nil)
				require.Zero(t, b.pub.status.Load().closingMs)
				n.flush(b)
				pass(4 * time.Second)
				b.stop()
				require.Positive(t, n.require(b.cfg.ledgerHex()))
				n.requireDocument()
			})
		})
	}
}

// An old request is nobody's wish any more.
func TestOldRequestIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		b := n.bench(nil)
		n.flush(b)
		n.store.ask(sql.CloseRequest{AtMs: n.now().Add(-requestWithin - time.Second).UnixMilli(), Who: "Lin", Anyway: "test"})
		pass(3 * time.Second)
		b.stop()
		require.Zero(t, b.pub.status.Load().closingMs)
	})
}

// Two serves that agree by a topic: whichever holds it closes, also where one ends in the middle of it; all show the same final figures.
func TestCloseByTopic(t *testing.T) {
	for round := range 4 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { closeByTopic(t, newNight(t)) })
		})
	}
}

func closeByTopic(t *testing.T, n *night) {
	topic := newMemoryTopic()
	serve := func(name string) *bench { // with the broker's clock: before the windows, so it closes only anyway
		return n.bench(byTopic(topic, name, func(c *Config) { c.Clock, n.now = time.Now, time.Now }))
	}
	a, b := serve("a"), serve("b")
	run := func(steps int) {
		for range steps {
			n.store.put(n.logs[n.random.IntN(2)].flush(n.random))
			n.pulse()
			pass(time.Duration(n.random.IntN(400)) * time.Millisecond)
		}
	}
	run(30)
	require.True(t, a.holds())
	n.store.ask(sql.CloseRequest{AtMs: n.now().UnixMilli(), Who: "Lin", Anyway: "test"})
	pass(time.Duration(n.random.IntN(1500)) * time.Millisecond)
	a.stop() // in the middle, or before, or after
	for i := 0; b.pub.status.Load().closingMs == 0; i++ {
		require.Less(t, i, 1000, "no close")
		run(1)
	}
	a = serve("a")
	run(20)
	pass(3 * time.Second)
	requireSame(t, a, b)
	a.stop()
	b.stop()
	require.Greater(t, n.require(b.cfg.ledgerHex()), 2)
	n.requireDocument()
}
