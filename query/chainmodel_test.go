package query

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/sql"
)

// histories is how many random lives of a frames topic are lived.
const histories = 3000

// TestRandomHistoriesMakeOneChain lets several processes with clocks of their own read one topic and one store, propose, pause at
// any point, wake as zombies, crash and begin again, while appends arrive late, twice or never, and retention cuts the topic
// anywhere. What is decided is decided by the program's own rule (nextOfficial, unstored). However it goes: the store holds one
// chain, nothing in it is ever replaced, and every process has shown frames of that chain only, in order.
func TestRandomHistoriesMakeOneChain(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	frames, ignored, again := 0, map[verdict]int{}, 0
	for h := range uint64(histories) {
		m := &chainModel{t: t, random: rand.New(rand.NewPCG(seed, h)), stored: map[int64]sql.FrameRow{}, positions: map[string]int64{},
			prevs: map[string]string{}, ignored: ignored,
			keys: newKeyring([32]byte{}, []sql.FrameKey{{1}}), thief: newKeyring([32]byte{}, []sql.FrameKey{{2}})}
		for range 2 + m.random.IntN(3) {
			m.processes = append(m.processes, m.newProcess())
		}
		for range 400 {
			m.step()
		}
		require.NoError(t, m.check(), "history %d of seed %d", h, seed)
		frames, again = frames+len(m.stored), again+m.again
	}
	t.Logf("%d histories, %d official frames, ignored %v, begun again %d times", histories, frames, ignored, again)
	for _, v := range []verdict{stale, notLater, future, below, unsigned, unknownKey} {
		require.Positive(t, ignored[v], v)
	}
	require.Greater(t, frames, 8*histories)
	require.Positive(t, again)
}

// chainModel is a topic, a store and the processes around them.
type chainModel struct {
	t         *testing.T
	random    *rand.Rand
	nowMs     int64
	truth     int64 // how far the orders have been counted
	start     int64 // the topic's first offset
	topic     []modelRecord
	flying    []*proposal // appends that were given up and may still come
	stored    map[int64]sql.FrameRow
	positions map[string]int64  // by hash
	prevs     map[string]string // of what was proposed, by hash
	processes []*modelProcess
	ignored   map[verdict]int
	again     int
	keys      *keyring // the ledger's
	thief     *keyring // of whoever may write the topic and not the store
}

type modelRecord struct {
	p  *proposal
	ms int64
}

type modelProcess struct {
	clock int64 // of its own, ms from the true one
	board int64 // how far its board has come
	next  int64
	last  link
	run   []*candidate
	shown []link
}

func (m *chainModel) newProcess() *modelProcess {
	p := &modelProcess{clock: []int64{0, 0, 700, -900, 4500, -4500, 60_000, -60_000}[m.random.IntN(8)]}
	m.begin(p)
	return p
}

// begin is a start: the store's end, the topic from its first record.
func (m *chainModel) begin(p *modelProcess) {
	p.next, p.run = m.start, nil
	if p.last.hash == "" {
		p.last = link{hash: "ledger"}
	}
	seconds := slices.Sorted(maps.Keys(m.stored))
	if n := len(seconds); n > 0 && m.stored[seconds[n-1]].Seq > p.last.seq {
		row := m.stored[seconds[n-1]]
		p.last = link{second: row.Second, seq: row.Seq, hash: row.Hash, positions: aggregate.Positions{0: m.positions[row.Hash]}}
		p.shown = append(p.shown, p.last)
	}
}

// step lets the time pass and one thing happen.
func (m *chainModel) step() {
	m.nowMs += int64(m.random.IntN(1500))
	m.truth += int64(m.random.IntN(5))
	p := m.processes[m.random.IntN(len(m.processes))]
	switch n := m.random.IntN(100); {
	case n < 40:
		m.read(p, 1+m.random.IntN(4))
	case n < 60:
		m.store(p)
	case n < 85:
		m.propose(p)
	case n < 90:
		m.arrive()
	case n < 93: // a crash: all that it knew is gone
		*p = modelProcess{clock: p.clock, shown: p.shown}
		m.begin(p)
	case n < 95:
		cut := m.random.IntN(len(m.topic) + 1)
		m.topic, m.start = m.topic[cut:], m.start+int64(cut)
	default:
		p.board = max(p.board, m.truth-int64(m.random.IntN(6)))
	}
}

func (m *chainModel) read(p *modelProcess, n int) {
	for ; n > 0 && p.next < m.start+int64(len(m.topic)); n-- {
		if p.next < m.start { // retention has passed it
			m.again++
			m.begin(p)
			return
		}
		r := m.topic[p.next-m.start]
		last := p.last
		if len(p.run) > 0 {
			last = p.run[len(p.run)-1].link
		}
		v := nextOfficial(&last, "ledger", m.keys, r.p, r.ms)
		switch p.next++; v {
		case official:
			p.run = append(p.run, &candidate{prev: last, link: linkTo(r.p.frame, r.p.Second, r.p.Seq, r.p.Hash)})
		case gap:
			m.again++
			m.begin(p)
			return
		default:
			m.ignored[v]++
		}
	}
}

// store stores what was read, and shows it.
func (m *chainModel) store(p *modelProcess) {
	if len(p.run) == 0 {
		return
	}
	var heads []sql.FrameRow
	for _, second := range slices.Sorted(maps.Keys(m.stored)) {
		if second >= p.run[0].prev.second && len(heads) <= len(p.run) {
			heads = append(heads, m.stored[second])
		}
	}
	missing, err := unstored(p.run[0].prev, p.run, heads)
	if err != nil {
		m.again++
		m.begin(p)
		return
	}
	for _, c := range missing {
		_, taken := m.stored[c.second]
		require.False(m.t, taken, "second %d would be replaced", c.second)
		m.stored[c.second] = sql.FrameRow{Second: c.second, Seq: c.seq, Hash: c.hash}
		m.positions[c.hash] = c.positions[0]
	}
	p.last = p.run[len(p.run)-1].link
	p.shown, p.run = append(p.shown, p.last), nil
}

// propose appends a frame after the newest shown one: no process is held back by what others do.
func (m *chainModel) propose(p *modelProcess) {
	second := (m.nowMs + p.clock) / 1000
	if second <= p.last.second && m.random.IntN(3) > 0 {
		return // a clock that is behind mostly knows it
	}
	at := p.board
	if m.random.IntN(20) > 0 {
		at = max(at, p.last.positions[0]) // a board that is behind mostly waits
	}
	c := &proposal{Ledger: "ledger", Second: second, Seq: p.last.seq + 1, Prev: p.last.hash,
		Hash: fmt.Sprintf("%x", m.random.Uint64()), frame: &aggregate.Frame{Positions: aggregate.Positions{0: at}}, opened: true}
	c.record = []byte(c.Hash)
	if m.random.IntN(20) == 0 { // somebody else's, of any number
		c.Seq += int64(m.random.IntN(5))
		if c.frame.Positions[0] += 1_000_000; m.random.IntN(2) == 0 {
			c.signature = m.thief.sign(c.record)
		}
		m.append(c)
		return
	}
	c.signature = m.keys.sign(c.record)
	m.prevs[c.Hash] = c.Prev
	switch m.random.IntN(10) {
	case 0:
		m.flying = append(m.flying, c) // the answer was lost; it may come yet
	case 1: // lost
	case 2:
		m.flying = append(m.flying, c) // in the topic, and once more later
		m.append(c)
	default:
		m.append(c)
	}
}

func (m *chainModel) append(c *proposal) { m.topic = append(m.topic, modelRecord{c, m.nowMs}) }

func (m *chainModel) arrive() {
	if n := len(m.flying); n > 0 {
		i := m.random.IntN(n)
		m.append(m.flying[i])
		m.flying = slices.Delete(m.flying, i, i+1)
	}
}

// check holds the store's chain against the rules, and what was shown against the chain.
func (m *chainModel) check() error {
	prev, position, place := link{hash: "ledger"}, int64(0), map[string]int64{}
	for _, second := range slices.Sorted(maps.Keys(m.stored)) {
		row := m.stored[second]
		if m.prevs[row.Hash] != prev.hash || row.Seq != prev.seq+1 || m.positions[row.Hash] < position {
			return fmt.Errorf("frame %d %s of second %d does not follow frame %d %s", row.Seq, row.Hash, second, prev.seq, prev.hash)
		}
		if second*1000 > m.nowMs+maxAhead {
			return fmt.Errorf("second %d is %d ms ahead of all clocks", second, second*1000-m.nowMs)
		}
		prev, position, place[row.Hash] = link{second: second, seq: row.Seq, hash: row.Hash}, m.positions[row.Hash], row.Seq
	}
	for _, p := range m.processes {
		seq := int64(0)
		for _, l := range p.shown {
			switch at, ok := place[l.hash]; {
			case !ok:
				return errors.New("a frame was shown that is not in the chain")
			case at < seq:
				return errors.New("an older frame was shown after a newer one")
			default:
				seq = at
			}
		}
	}
	return nil
}
