package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"festival/cmd/festival/internal/chaos"
)

func TestVerdictOfChaos(t *testing.T) {
	a := &app{err: &bytes.Buffer{}}
	problem, differs := &chaos.Card{Problems: []string{"p"}}, &chaos.Card{Differences: []string{"d"}}
	require.NoError(t, verdict(chaos.Cards{{}, {NotInjected: []string{"n"}}}))

	err := verdict(chaos.Cards{{}, problem})
	require.ErrorContains(t, err, "no figure was found wrong, but 1 of 2 seeds")
	require.Equal(t, exitFailed, a.code(err))

	err = verdict(chaos.Cards{problem, differs})
	require.ErrorContains(t, err, "1 differences: what was shown")
	require.Equal(t, exitDifference, a.code(err))
}

func TestResumeKeepsWhatTheCardHas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "card.json")
	f := &chaosFlags{Seeds: []uint64{3, 1, 2, 3, 4}, AtOnce: 2, Records: 5000, For: time.Minute, Card: path, Resume: true}
	config := f.config()
	done := &chaos.Card{Seed: 1, Commit: config.Commit, Asked: 5000, RainS: 60}
	failed := &chaos.Card{Seed: 4, Commit: config.Commit, Asked: 5000, RainS: 60, Problems: []string{"hung"}}
	older := &chaos.Card{Seed: 2, Commit: "older", Asked: 5000, RainS: 60}
	require.NoError(t, chaos.Cards{done, older, failed}.Write(path))

	var out bytes.Buffer
	p, err := f.playing(&app{out: &out})
	require.NoError(t, err)
	require.Equal(t, []uint64{3, 2}, p.missing(9))
	require.Equal(t, "Seed 1 is on the card.\nSeed 4 is on the card.\n", out.String())

	f.Resume = false
	p, err = f.playing(&app{out: &out})
	require.NoError(t, err)
	require.Equal(t, []uint64{3, 1, 2, 4}, p.missing(9))
	f.Seeds = nil
	require.Equal(t, []uint64{9}, p.missing(9))
}

func TestResumeWantsACardAndACommit(t *testing.T) {
	require.NoError(t, (&chaosFlags{}).checkResume())
	require.ErrorContains(t, (&chaosFlags{Resume: true}).checkResume(), "--card")
	require.ErrorContains(t, (&chaosFlags{Resume: true, Card: "x"}).checkResume(), "make build")
	require.ErrorContains(t, (&chaosFlags{Resume: true}).unused(), "belong to --chaos")
}

func TestLinesOfSeedsStayWhole(t *testing.T) {
	var out bytes.Buffer
	all := &manyLines{to: &out}
	var work sync.WaitGroup
	for seed := range uint64(4) {
		work.Go(func() {
			mine := all.of(seed, true)
			for i := range 50 {
				_, err := fmt.Fprintf(mine, "%d a\n%d ", i, i)
				_, err2 := fmt.Fprintf(mine, "b\n")
				if err := errors.Join(err, err2); err != nil {
					panic(err)
				}
			}
		})
	}
	work.Wait()
	got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Len(t, got, 400)
	for _, line := range got {
		require.Regexp(t, `^\[[0-3]\] \d+ [ab]$`, line)
	}
	out.Reset()
	fmt.Fprintln(all.of(5, false), "plain")
	require.Equal(t, "plain\n", out.String())
}
