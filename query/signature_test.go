package query

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"festival/sql"
)

// keyStore counts how often the keys are read.
type keyStore struct {
	*cutStore
	reads int
}

func (s *keyStore) FrameKeys(ctx context.Context, ledger uint64) ([]sql.FrameKey, error) {
	s.reads++
	return s.cutStore.FrameKeys(ctx, ledger)
}

// A flood of records by somebody who may write the topic and not the store: none of any figure is shown, each is counted with
// its reason, the chain goes on each second, and the store is not asked for a key once a record.
func TestFloodOfForeignRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory, topic := newMemoryStore(), newMemoryTopic()
		putFrom(memory, 10)
		store := &keyStore{cutStore: &cutStore{Store: memory}}
		a := newBench(t, memory, byTopic(topic, "a", func(c *Config) { c.Store = store }))
		defer a.stop()
		pass(2500 * time.Millisecond)
		require.Equal(t, 2, store.reads, "none there, and read back")
		topic.change(func() {
			next := func() []byte { // continues the chain, if only it were signed
				p, err := readProposal(topic.records[1].value, nil)
				require.NoError(t, err)
				f := decode(t, string(p.lines[0]))
				f.Seq, f.Prev, f.Second = f.Seq+1, p.Hash, a.cfg.timeText((p.Second+1)*1000)
				f.Total.GmvFen, f.Total.NetFen, f.Phase = 999_999_999_900, 999_999_999_900, "closed"
				c := &candidate{frame: &f, link: link{second: p.Second + 1, seq: f.Seq}}
				c.hash = f.Digest()
				f.Hash = &c.hash
				c.events = []viewEvent{{"", a.pub.packer.newEvent("", "", true, c.second, f.JSON())}}
				return c.propose(f.Ledger, "x")
			}()
			stolen := topic.records[1].signature
			for n := range byte(200) {
				thief := newKeyring(a.cfg.Ledger, []sql.FrameKey{{n}})
				for _, signature := range [][]byte{nil, stolen, stolen[:20], thief.sign(next)} {
					topic.records = append(topic.records, topicRecord{time.Now().UnixMilli(), next, signature})
				}
			}
		})
		pass(3 * time.Second)
		require.EqualValues(t, 200, valueOf(a.metrics.ignored[unsigned]))
		require.EqualValues(t, 600, valueOf(a.metrics.ignored[forged]))
		require.Len(t, memory.chain(""), 5)
		require.Less(t, time.Now().Unix()-a.pub.shown.Load(), int64(2))
		require.EqualValues(t, 500, decode(t, string(a.hub.newest("", false).body)).Total.GmvFen)
		checkChain(t, memory.chain(""), a.cfg.ledgerHex())
		require.Equal(t, 3, store.reads, "once for all that came together")
		require.Len(t, memory.keys, 1)
	})
}

// A serve that made a key of its own, because both found none: whoever meets its name finds the key in the store.
func TestServesOfTwoKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, topic := newMemoryStore(), newMemoryTopic()
		putFrom(store, 10)
		near := &cutStore{Store: store}
		a := newBench(t, store, byTopic(topic, "a", func(c *Config) { c.Store = near }))
		defer a.stop()
		require.NoError(t, store.InsertFrameKey(t.Context(), 0, sql.FrameKey{9}, 0))
		b := newBench(t, store, byTopic(topic, "b"))
		defer b.stop()
		require.NotEqual(t, a.pub.keys.first, b.pub.keys.first)
		pass(3 * time.Second)
		near.cut.Store(true) // b publishes
		pass(10 * time.Second)
		near.cut.Store(false)
		pass(3 * time.Second)
		requireSame(t, a, b)
		require.Equal(t, "b", *a.framesRow().By)
		for _, m := range []*bench{a, b} {
			require.Zero(t, valueOf(m.metrics.ignored[forged])+valueOf(m.metrics.ignored[unsigned]))
		}
		checkChain(t, store.chain(""), a.cfg.ledgerHex())
	})
}

// The keys are thrown away while all serves are stopped, or a serve of before the signatures has left a record that nobody
// stored: the chain goes on under a new key, and what the old one signed counts for nothing.
func TestAnotherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, topic := newMemoryStore(), newMemoryTopic()
		putFrom(store, 10)
		a := newBench(t, store, byTopic(topic, "a"))
		pass(3 * time.Second)
		a.stop()
		old := slices.Clone(store.keys)
		for i, signature := range [][]byte{topic.records[len(topic.records)-1].signature, nil} {
			rows := store.chain("")
			lost := rows[len(rows)-1]
			delete(store.frames[""], lost.Second) // proposed and not stored
			topic.records[len(topic.records)-1].signature = signature
			store.keys = nil
			a = newBench(t, store, byTopic(topic, fmt.Sprint("a", i)))
			pass(3 * time.Second)
			require.Len(t, store.keys, 1)
			require.NotEqual(t, old, store.keys)
			require.EqualValues(t, 1, valueOf(a.metrics.ignored[[]verdict{forged, unsigned}[i]]))
			a.stop()
			checkChain(t, store.chain(""), a.cfg.ledgerHex())
			require.Greater(t, len(store.chain("")), len(rows))
		}
	})
}
