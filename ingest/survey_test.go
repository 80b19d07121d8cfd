package ingest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSurveyAsksOnce: all partitions get the answer of one question, which is asked once what was taken before is stored.
func TestSurveyAsksOnce(t *testing.T) {
	var asked atomic.Int64
	before, after := &flusher{done: make(chan struct{})}, &flusher{done: make(chan struct{})}
	answer := once(t.Context(), "progress", []*kept{{by: before}, {by: after}}, func() (int64, error) { return asked.Add(1), nil })
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			got, err := answer()
			assert.NoError(t, err)
			assert.EqualValues(t, 1, got)
		})
	}
	close(before.done)
	require.Zero(t, asked.Load(), "one flush is still under way")
	close(after.done)
	all.Wait()
}

// TestSurveyThatFails: its error stays, by the name of what was asked, and where the generation ends it asks nothing.
func TestSurveyThatFails(t *testing.T) {
	down := errors.New("connection refused")
	answer := once(t.Context(), "progress", nil, func() (int, error) { return 0, down })
	for range 2 {
		_, err := answer()
		require.ErrorIs(t, err, down)
		require.EqualError(t, err, "progress: connection refused")
	}
	ctx, end := context.WithCancel(t.Context())
	end()
	_, err := once(ctx, "progress", []*kept{{by: &flusher{done: make(chan struct{})}}}, func() (int, error) { panic("asked") })()
	require.ErrorIs(t, err, context.Canceled)
}

// TestSurveys: partitions that may go on where they were wait for the flush before; the others do not, and nobody asks a survey twice.
func TestSurveys(t *testing.T) {
	in := &Ingest{}
	core := &kept{by: &flusher{done: make(chan struct{})}}
	parts := []*partition{{Ingest: in, id: 0}, {Ingest: in, id: 1, kept: core}, {Ingest: in, id: 2}, {Ingest: in, id: 3, kept: core}}
	in.surveys(t.Context(), parts)
	require.Same(t, parts[0].survey, parts[2].survey)
	require.Same(t, parts[1].survey, parts[3].survey)
	require.NotSame(t, parts[0].survey, parts[1].survey)
	first := parts[0].asks(t.Context())
	require.Same(t, parts[2].survey, first)
	require.NotSame(t, first, parts[0].asks(t.Context()), "the next attempt asks anew")
}
