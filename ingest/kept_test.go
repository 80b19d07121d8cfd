package ingest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"festival/aggregate"
)

// TestKeptOnlyWithItsFlush: a core goes on only once all that was taken of it is stored, seals and all; else it would seal its
// next segment after one that is missing. Until then it waits.
func TestKeptOnlyWithItsFlush(t *testing.T) {
	rules, err := aggregate.NewRules(aggregate.RulesSpec{Festival: "kept", Stride: 512,
		Windows: []aggregate.Window{{ID: "day", StartMs: 0, EndMs: 1000}}, Rates: map[string]string{"CNY": "1"}})
	require.NoError(t, err)
	f := &flusher{done: make(chan struct{})}
	p := &partition{Ingest: &Ingest{}, core: aggregate.NewCore(aggregate.CoreConfig{Rules: rules}), filling: &batch{}, storing: &batch{},
		room: make(chan struct{}, 1), position: 600, taken: 512, acked: 512}
	var update aggregate.Update
	var seals []aggregate.Seal
	require.NotNil(t, p.take(&update, &seals, map[int32]signed{}))
	k := p.keep(f)
	require.EqualValues(t, 600, k.taken, "taken, not stored yet")
	require.Nil(t, p.core, "the flusher, which lives on, does not hold the fingerprints")
	require.Nil(t, p.take(&update, &seals, map[int32]signed{}))

	next := &partition{kept: k}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, next.settleKept(ended), context.Canceled, "the flush is under way")
	close(f.done)
	require.NoError(t, next.settleKept(context.Background()))
	require.Same(t, k, next.kept)
	f.err = errors.New("cut off")
	require.NoError(t, next.settleKept(context.Background()))
	require.Nil(t, next.kept, "a flush that was cut off")
}

// TestRestTakesNothing: after rest the cores may be somebody else's.
func TestRestTakesNothing(t *testing.T) {
	f := &flusher{stop: func() {}}
	f.rest()
	require.False(t, f.take())
}
