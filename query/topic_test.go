package query

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/sql"
)

// memoryTopic is a frames topic that behaves: one order, one clock, one holder; records can be cut off its front.
type memoryTopic struct {
	mu      sync.Mutex
	down    bool
	start   int64
	records []topicRecord
	grown   chan struct{} // closed at every change
	members []*topicMember
}

type topicRecord struct {
	ms        int64
	value     []byte
	signature []byte
}

type topicMember struct{ held func(bool) }

func newMemoryTopic() *memoryTopic { return &memoryTopic{grown: make(chan struct{})} }

// change does something under the lock and wakes whoever waits.
func (m *memoryTopic) change(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
	close(m.grown)
	m.grown = make(chan struct{})
}

var errTopicDown = errors.New("broker is down")

func (m *memoryTopic) Append(_ context.Context, value, signature []byte) (offset int64, err error) {
	m.change(func() {
		if err = errTopicDown; !m.down {
			m.records = append(m.records, topicRecord{time.Now().UnixMilli(), bytes.Clone(value), bytes.Clone(signature)})
			offset, err = m.start+int64(len(m.records))-1, nil
		}
	})
	return offset, err
}

func (m *memoryTopic) Read(ctx context.Context, record func(offset, ms int64, value, signature []byte) error, end func(next, end int64) error, _ func(error)) error {
	m.mu.Lock()
	at := m.start
	m.mu.Unlock()
	for ctx.Err() == nil {
		m.mu.Lock()
		if at < m.start {
			m.mu.Unlock()
			return errors.New("offset lost")
		}
		news, grown := slices.Clone(m.records[at-m.start:]), m.grown
		m.mu.Unlock()
		for _, r := range news {
			if err := record(at, r.ms, r.value, r.signature); err != nil {
				return err
			}
			at++
		}
		if err := end(at, at); err != nil {
			return err
		}
		select {
		case <-grown:
		case <-ctx.Done():
		}
	}
	return nil
}

// Hold gives the partition to the member that came first.
func (m *memoryTopic) Hold(ctx context.Context, held func(bool), trouble func(error)) error {
	me := &topicMember{held}
	m.change(func() { m.members = append(m.members, me); m.members[0].held(true) })
	trouble(nil)
	<-ctx.Done()
	m.change(func() {
		m.members = slices.DeleteFunc(m.members, func(o *topicMember) bool { return o == me })
		if len(m.members) > 0 {
			m.members[0].held(true)
		}
	})
	held(false)
	return nil
}

func (m *memoryTopic) cut(n int) {
	m.change(func() { m.records, m.start = m.records[n:], m.start+int64(n) })
}

func (m *memoryTopic) setDown(down bool) { m.change(func() { m.down = down }) }

// byTopic makes a server one of several that agree by a topic.
func byTopic(topic FramesLog, name string, more ...func(*Config)) func(*Config) {
	return func(c *Config) {
		c.Tail, c.Frames, c.Instance = true, topic, name
		for _, f := range more {
			f(c)
		}
	}
}

func (b *bench) holds() bool {
	_, held, _, _ := b.pub.topic.view()
	return held
}

// requireSame demands that both show the same official bytes.
func requireSame(t *testing.T, a, b *bench) {
	t.Helper()
	require.Equal(t, string(a.hub.newest("", false).full.wire), string(b.hub.newest("", false).full.wire))
}

func putFrom(store *memoryStore, n int64) {
	store.put(paid(0, 0, n, n, 50, dayStart))
	store.setPulses(sql.PulseRow{Partition: 0, StableEnd: n, HighWatermark: n, AtMs: time.Now().UnixMilli()},
		sql.PulseRow{Partition: 1, AtMs: time.Now().UnixMilli()})
}

// Two serves make one chain, show the same bytes, and a planned stop hands over within a second.
func TestTwoServesOneChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, topic := newMemoryStore(), newMemoryTopic()
		putFrom(store, 10)
		twoWindows := func(c *Config) { c.Rules = testRules(t, 2) }
		a := newBench(t, store, byTopic(topic, "a", twoWindows))
		b := newBench(t, store, byTopic(topic, "b", twoWindows))
		pass(3100 * time.Millisecond)
		require.True(t, a.holds())
		require.False(t, b.holds())
		requireSame(t, a, b)
		for _, m := range []*bench{a, b} { // what the operations page shows of it
			row := m.framesRow()
			require.Equal(t, m == a, row.Publishing)
			require.Equal(t, []string{m.cfg.Instance, "a"}, []string{*row.Instance, *row.By})
			require.LessOrEqual(t, *row.TopicLag, int64(1))
		}
		require.Equal(t, string(a.hub.newest("day", false).full.wire), string(b.hub.newest("day", false).full.wire))
		putFrom(store, 20)
		pass(2 * time.Second)
		requireSame(t, a, b)
		before := len(store.chain(""))
		a.stop()
		pass(2 * time.Second)
		require.Len(t, store.chain(""), before+2)
		require.EqualValues(t, 20, decode(t, string(b.hub.newest("", false).body)).Total.Orders)
		b.stop()
		checkChain(t, store.chain(""), b.cfg.ledgerHex())
		require.Len(t, store.chain("day"), len(store.chain("")))
		for _, m := range []*bench{a, b} {
			require.Zero(t, valueOf(m.metrics.ignored[stale])-valueOf(m.metrics.ignored[malformed]))
		}
	})
}

// A zombie that wakes with an old frame to propose, a repeated record, another ledger's and bytes that are no frame change
// nothing; each is counted.
func TestWhatIsNoOfficialFrameIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, topic := newMemoryStore(), newMemoryTopic()
		putFrom(store, 10)
		a := newBench(t, store, byTopic(topic, "a"))
		defer a.stop()
		pass(5 * time.Second)
		zombie := topic.records[2].value
		other := bytes.ReplaceAll(zombie, []byte(a.cfg.ledgerHex()), []byte(strings.Repeat("ab", 32)))
		for _, value := range [][]byte{zombie, zombie, other, []byte("what"), nil, []byte(`{"format":2}`), topic.records[0].value[:200]} {
			_, err := topic.Append(t.Context(), value, nil)
			require.NoError(t, err)
		}
		pass(3 * time.Second)
		checkChain(t, store.chain(""), a.cfg.ledgerHex())
		require.Len(t, store.chain(""), 8)
		require.EqualValues(t, 2, valueOf(a.metrics.ignored[stale]))
		require.EqualValues(t, 1, valueOf(a.metrics.ignored[otherLedger]))
		require.EqualValues(t, 4, valueOf(a.metrics.ignored[malformed]))
	})
}

// A record whose head says what its frame does not say is no frame, however well it would fit the chain.
func TestForgedFramesAreIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, topic := newMemoryStore(), newMemoryTopic()
		putFrom(store, 10)
		a := newBench(t, store, byTopic(topic, "a"))
		defer a.stop()
		pass(2500 * time.Millisecond)
		last := a.pub.last
		topic.mu.Lock()
		p, err := readProposal(topic.records[1].value, nil)
		topic.mu.Unlock()
		require.NoError(t, err)
		require.NoError(t, p.open())
		require.Equal(t, last.hash, p.Hash)
		now := time.Now().UnixMilli()
		next := func(change func(f *aggregate.Frame, c *candidate)) verdict {
			f := decode(t, string(p.lines[0]))
			f.Seq, f.Prev, f.Second = f.Seq+1, p.Hash, a.cfg.timeText((p.Second+1)*1000)
			c := &candidate{frame: &f, link: link{second: p.Second + 1, seq: f.Seq}}
			change(&f, c)
			digest := f.Digest()
			if c.hash == "" {
				c.hash = digest
			}
			f.Hash = &c.hash
			c.events = []viewEvent{{"", a.pub.packer.newEvent("", "", true, c.second, f.JSON())}}
			record := c.propose(f.Ledger, "x")
			signed, err := readProposal(record, a.pub.keys.sign(record))
			require.NoError(t, err)
			bare := *signed
			bare.signature = nil
			strange := newKeyring(a.cfg.Ledger, []sql.FrameKey{{1}})
			of, at := a.cfg.ledgerHex(), &last
			if signed.Seq > last.seq { // nothing of it is believed without the signature
				require.Equal(t, unsigned, nextOfficial(at, of, a.pub.keys, &bare, now))
				require.Equal(t, unknownKey, nextOfficial(at, of, strange, signed, now))
				bare.signature = append(bytes.Clone(signed.signature[:16]), strange.sign(record)[16:]...)
				require.Equal(t, forged, nextOfficial(at, of, a.pub.keys, &bare, now))
				bare.signature = signed.signature[:40]
				require.Equal(t, forged, nextOfficial(at, of, a.pub.keys, &bare, now))
				bare.signature, bare.record = signed.signature, append(bytes.Clone(record), ' ')
				require.Equal(t, forged, nextOfficial(at, of, a.pub.keys, &bare, now))
			}
			return nextOfficial(at, of, a.pub.keys, signed, now)
		}
		require.Equal(t, official, next(func(*aggregate.Frame, *candidate) {}))
		require.Equal(t, malformed, next(func(f *aggregate.Frame, c *candidate) { c.hash = strings.Repeat("0", 64) }))
		require.Equal(t, malformed, next(func(f *aggregate.Frame, c *candidate) { c.second += 2 }))
		require.Equal(t, stale, next(func(f *aggregate.Frame, c *candidate) { f.Seq--; c.seq-- }))
		require.Equal(t, unbalanced, next(func(f *aggregate.Frame, c *candidate) {
			f.Total.GmvFen, f.Total.NetFen = 999_999_999_900, 999_999_999_900
		}))
		require.Equal(t, unbalanced, next(func(f *aggregate.Frame, c *candidate) { f.Total.Refunds++ }))
		require.Equal(t, unbalanced, next(func(f *aggregate.Frame, c *candidate) { f.Mobile.Orders++ }))
		require.Equal(t, malformed, next(func(f *aggregate.Frame, c *candidate) { f.Official = false }))
		require.Equal(t, below, next(func(f *aggregate.Frame, c *candidate) { f.Positions = aggregate.Positions{0: 9, 1: 0} }))
		require.Equal(t, below, next(func(f *aggregate.Frame, c *candidate) { f.Positions = aggregate.Positions{1: 5} }))
		require.Equal(t, gap, next(func(f *aggregate.Frame, c *candidate) { f.Seq++; c.seq++ }))
		require.Equal(t, stale, next(func(f *aggregate.Frame, c *candidate) { f.Prev = strings.Repeat("1", 64) }))
		require.Equal(t, notLater, next(func(f *aggregate.Frame, c *candidate) { c.second-- }))
		require.Equal(t, future, next(func(f *aggregate.Frame, c *candidate) { c.second += 3600 }))
	})
}

// Clocks: one behind publishes nothing while the chain is ahead of it and leaves the partition; one that is an hour ahead is
// ignored and leaves too; the chain stands still for seconds, not for the hour.
func TestClocksOfSeveralServes(t *testing.T) {
	for name, offset := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour, "a little ahead": 4 * time.Second, "a little behind": -4 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, topic := newMemoryStore(), newMemoryTopic()
				putFrom(store, 10)
				clock := func(c *Config) { c.Clock = func() time.Time { return time.Now().Add(offset) } }
				good := newBench(t, store, byTopic(topic, "good"))
				wrong := newBench(t, store, byTopic(topic, "wrong", clock))
				pass(5 * time.Second)
				good.stop() // the wrong one takes over
				pass(time.Second)
				good = newBench(t, store, byTopic(topic, "good"))
				pass(20 * time.Second)
				rows := store.chain("")
				checkChain(t, rows, good.cfg.ledgerHex())
				require.Less(t, time.Now().Unix()-rows[len(rows)-1].Second, int64(6))
				longest := int64(0)
				for i := range rows[1:] {
					longest = max(longest, rows[i+1].Second-rows[i].Second)
				}
				require.LessOrEqual(t, longest, int64(10), "the longest rest of the screens")
				requireSame(t, good, wrong)
				wrong.stop()
				pass(10 * time.Second)
				require.Less(t, time.Now().Unix()-good.pub.shown.Load(), int64(2), "a chain that was ahead has been caught up with")
				good.stop()
				checkChain(t, store.chain(""), good.cfg.ledgerHex())
			})
		})
	}
}

// The store of one serve does not answer: it leaves the partition to the other, whose screens go on.
func TestStoreDownOnOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, topic := newMemoryStore(), newMemoryTopic()
		putFrom(store, 10)
		near := &cutStore{Store: store}
		a := newBench(t, store, byTopic(topic, "a", func(c *Config) { c.Store = near }))
		b := newBench(t, store, byTopic(topic, "b"))
		defer b.stop()
		defer a.stop()
		pass(3 * time.Second)
		require.True(t, a.holds())
		near.cut.Store(true)
		pass(8 * time.Second)
		require.True(t, b.holds())
		require.False(t, a.holds())
		require.Less(t, time.Now().Unix()-b.pub.shown.Load(), int64(2))
		pass(20 * time.Second)
		near.cut.Store(false)
		pass(3 * time.Second)
		requireSame(t, a, b)
		reasons, _ := a.reasons(time.Now())
		require.Empty(t, slices.DeleteFunc(reasons, func(s string) bool { return strings.HasPrefix(s, "partition") }))
		checkChain(t, store.chain(""), a.cfg.ledgerHex())
	})
}

// The topic is away: nothing official is made or shown; it comes back: the chain goes on, whatever arrived late.
func TestTopicDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, topic := newMemoryStore(), newMemoryTopic()
		putFrom(store, 10)
		store.put(aggregate.Update{Progress: []aggregate.Progress{{Partition: 1}}}) // assigned and empty
		a := newBench(t, store, byTopic(topic, "a"))
		defer a.stop()
		pass(3 * time.Second)
		topic.setDown(true)
		pass(3500 * time.Millisecond)
		require.True(t, a.hub.newest("", true).official, "a second or two without an official frame is a change of publisher")
		require.Zero(t, valueOf(a.metrics.incomplete))
		pass(16500 * time.Millisecond)
		require.Len(t, store.chain(""), 3)
		live := decode(t, string(a.hub.newest("", true).body)) // a live frame each second, though nothing is folded
		require.False(t, live.Official)
		require.False(t, live.Complete)
		require.Len(t, live.Incomplete, 2)
		require.Equal(t, a.cfg.timeText(time.Now().Unix()*1000), live.Second)
		require.Greater(t, live.FreshMs, int64(15_000))
		require.EqualValues(t, 2, valueOf(a.metrics.incomplete))
		require.Greater(t, valueOf(a.metrics.fresh), 15.)
		require.EqualValues(t, 3, decode(t, string(a.hub.newest("", false).body)).Seq, "screens rest on the last official one")
		reasons, _ := a.reasons(time.Now())
		require.Contains(t, reasons, "frames: "+appending+": broker is down")
		topic.setDown(false)
		pass(12 * time.Second)
		require.Less(t, time.Now().Unix()-a.pub.shown.Load(), int64(2))
		require.True(t, a.hub.newest("", true).official, "no live frame is made any more where nothing changes")
		require.Positive(t, a.pub.times.store.Timing("frame_store", time.Now()).N, "the operations page shows how long frames take to be stored")
		checkChain(t, store.chain(""), a.cfg.ledgerHex())
	})
}

// What retention has cut is in the store; a restart goes on from there, whether the topic still holds the chain's end or not.
func TestRetentionCutsTheTopic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, topic := newMemoryStore(), newMemoryTopic()
		putFrom(store, 10)
		for _, keep := range []int{100, 2, 1, 0} {
			a := newBench(t, store, byTopic(topic, "a"))
			pass(4 * time.Second)
			a.stop()
			checkChain(t, store.chain(""), a.cfg.ledgerHex())
			topic.cut(max(0, len(topic.records)-keep))
		}
		require.GreaterOrEqual(t, len(store.chain("")), 15)
	})
}

// A store that lost the last frames, restored from an older copy: what the topic still holds of them goes back into it.
func TestFramesComeBackFromTheTopic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, topic := newMemoryStore(), newMemoryTopic()
		putFrom(store, 10)
		a := newBench(t, store, byTopic(topic, "a"))
		pass(6 * time.Second)
		a.stop()
		rows := store.chain("")
		for _, r := range rows[2:] {
			delete(store.frames[""], r.Second)
		}
		a = newBench(t, store, byTopic(topic, "a"))
		require.Equal(t, rows, store.chain(""))
		pass(2 * time.Second)
		a.stop()
		checkChain(t, store.chain(""), a.cfg.ledgerHex())

		rows = store.chain("") // and where the topic has lost a part too, nothing is made up
		for _, r := range rows[2:] {
			delete(store.frames[""], r.Second)
		}
		topic.cut(5)
		a = newBench(t, store, byTopic(topic, "a"))
		defer a.stop()
		pass(30 * time.Second)
		require.Len(t, store.chain(""), 2)
		reasons, _ := a.reasons(time.Now())
		require.Contains(t, strings.Join(reasons, "\n"), "a frame is missing: record 5 of the frames topic is frame 6 by a, and the chain known here ends with frame 2")
	})
}

// A serve that publishes without the topic beside those that use it: both sides see the other's frame in the store and say so
// before they store one that does not fit.
func TestPublisherWithoutTheTopicIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, topic := newMemoryStore(), newMemoryTopic()
		putFrom(store, 10)
		a := newBench(t, store, byTopic(topic, "a"))
		defer a.stop()
		pass(3500 * time.Millisecond)
		alone := newBench(t, store, func(c *Config) { c.Tail, c.Zone = true, time.UTC }) // other bytes for the same second
		defer alone.stop()
		pass(4 * time.Second)
		checkChain(t, store.chain(""), a.cfg.ledgerHex())
		seen, _ := a.reasons(time.Now())
		also, _ := alone.reasons(time.Now())
		require.Contains(t, strings.Join(append(seen, also...), "\n"), "another process publishes the frames of this ledger")
	})
}
