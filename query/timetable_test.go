package query

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
	"festival/sql"
)

// At a moment of the timetable the number is held, by one record of two serves, on a frame of that moment; it stays until an
// operator's release, which the timetable does not undo.
func TestFreezeAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		ahead := time.Until(time.Unix(dayStart, 0))
		clock := func() time.Time { return time.Now().Add(ahead) }
		moment := clock().Add(5 * time.Second)
		timed := func(c *Config) { c.Clock, c.Wall.FreezeAt = clock, []time.Time{moment} }
		b := newBench(t, store, timed)
		follower := newBench(t, store, func(c *Config) { timed(c); c.Tail, c.Follow = true, true })
		defer follower.stop()
		b.flush(paid(0, 0, 10, 10, 50, dayStart))
		pass(4 * time.Second)
		require.Empty(t, store.held(), "not before its time")
		pass(3 * time.Second)
		b.flush(paid(0, 0, 20, 20, 50, dayStart))
		pass(2 * time.Second)
		require.Equal(t, []sql.HoldRow{{AtMs: moment.UnixMilli(), Held: true, Who: timetableName, Reason: timetableReason}}, store.held())
		frozen := decode(t, string(b.hub.newest("", false).body)).Frozen
		require.NotNil(t, frozen)
		second, err := time.Parse(time.RFC3339, frozen.Second)
		require.NoError(t, err)
		require.WithinDuration(t, moment, second, time.Second)
		require.Equal(t, frozen, decode(t, string(follower.hub.newest("", true).body)).Frozen)

		require.NoError(t, ChangeHold(t.Context(), store, 0, sql.HoldRow{AtMs: clock().UnixMilli(), Who: "Wu"}))
		pass(3 * time.Second)
		b.stop()
		b = newBench(t, store, timed)
		defer b.stop()
		pass(3 * time.Second)
		last := decode(t, string(b.hub.newest("", false).body))
		require.Nil(t, last.Frozen)
		require.EqualValues(t, 20, last.Total.Orders)
		require.Len(t, store.held(), 2)
	})
}

// A moment counts once; a serve that comes late makes up for it, unless an operator has done something since.
func TestDueFreeze(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	table := []time.Time{at(100), at(200)}
	held := func(s int64, on bool) sql.HoldRow { return sql.HoldRow{AtMs: s * 1000, Held: on, Who: "x"} }
	for _, c := range []struct {
		name string
		now  int64
		rows []sql.HoldRow
		due  int64
	}{
		{"before", 99, nil, 0}, {"at", 100, nil, 100}, {"late", 150, nil, 100}, {"both missed", 250, nil, 200},
		{"held before", 100, []sql.HoldRow{held(50, true)}, 0}, {"released before", 100, []sql.HoldRow{held(50, true), held(60, false)}, 100},
		{"done", 101, []sql.HoldRow{held(100, true)}, 0}, {"released after", 150, []sql.HoldRow{held(100, true), held(140, false)}, 0},
		{"an operator's own since", 150, []sql.HoldRow{held(120, true), held(140, false)}, 0},
		{"the second after the first", 200, []sql.HoldRow{held(100, true), held(140, false)}, 200},
		{"the second while the first stands", 200, []sql.HoldRow{held(100, true)}, 0},
	} {
		ms, ok := dueFreeze(table, c.rows, at(c.now))
		require.Equal(t, c.due > 0, ok, c.name)
		if ok {
			require.Equal(t, c.due*1000, ms, c.name)
		}
	}
}

func (s *memoryStore) held() []sql.HoldRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.holds)
}

// changed is how many records of walls there are.
func (s *memoryStore) changed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.walls)
}

// A closing night: the number is held by the timetable, the books are closed while it is held, and only the operator's release
// lets screens go on, at once to the final figure. Every frame between names the same frozen second, which has the same bytes.
func TestFreezeCloseRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		end := time.Unix(nightFrom+3600, 0)
		b := n.bench(func(c *Config) {
			ahead := time.Until(end.Add(-10 * time.Second))
			c.Clock = func() time.Time { return time.Now().Add(ahead) }
			n.now, c.Wall.FreezeAt = c.Clock, []time.Time{end.Add(-5 * time.Second)}
		})
		newest := func() aggregate.Frame { return decode(t, string(b.hub.newest("", false).body)) }
		n.flush(b)
		for i := 0; b.hub.newest("", false) == nil || newest().Frozen == nil; i++ {
			require.Less(t, i, 20, "not held")
			n.flush(b)
			pass(time.Second)
		}
		held := newest()
		frozen, err := time.Parse(time.RFC3339, held.Frozen.Second)
		require.NoError(t, err)
		find := func() (body string) {
			for _, row := range n.store.chain("") {
				if row.Second == frozen.Unix() {
					body = row.JSON
				}
			}
			return body
		}
		rested := find()
		require.NotEmpty(t, rested)
		require.NotEqual(t, "final", decode(t, rested).Certainty)

		n.store.ask(sql.CloseRequest{AtMs: n.now().UnixMilli(), Who: "Lin", Anyway: "test"})
		for i := 0; b.pub.status.Load().closingMs == 0; i++ {
			require.Less(t, i, 1000, "no close")
			n.flush(b)
			pass(time.Second)
		}
		pass(3 * time.Second)
		closed := newest()
		require.Equal(t, "closed", closed.Phase)
		require.Equal(t, "final", closed.Certainty)
		require.Equal(t, held.Frozen, closed.Frozen, "closed, but not released: screens rest where they were")
		require.Equal(t, rested, find())

		require.NoError(t, ChangeHold(t.Context(), n.store, 0, sql.HoldRow{AtMs: n.now().UnixMilli(), Who: "Wu"}))
		pass(3 * time.Second)
		released := newest()
		require.Nil(t, released.Frozen)
		require.Equal(t, "final", released.Certainty)
		require.Equal(t, closed.Total, released.Total)
		b.stop()
	})
}
