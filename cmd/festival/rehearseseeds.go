package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"festival/aggregate"
	"festival/cmd/festival/internal/chaos"
)

// playing is a run of many seeds. Its card is written after each, so that an interrupted run leaves those that ended.
type playing struct {
	flags   *chaosFlags
	app     *app
	program string
	out     *manyLines
	lanes   chan int // free ones

	mu    sync.Mutex
	cards chaos.Cards
}

// runChaos plays the seeds, --at-once at a time.
func (f *chaosFlags) runChaos(a *app, seed uint64) error {
	if err := f.check(); err != nil {
		return err
	}
	p, err := f.playing(a)
	if err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(a.ctx)
	all.SetLimit(cap(p.lanes))
	for _, seed := range p.missing(seed) {
		all.Go(func() error { return p.play(ctx, seed) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	return verdict(p.cards)
}

func (f *chaosFlags) playing(a *app) (*playing, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("own program: %w", err)
	}
	p := &playing{flags: f, app: a, program: program, out: &manyLines{to: a.out}, lanes: make(chan int, max(1, f.AtOnce))}
	for lane := range cap(p.lanes) {
		p.lanes <- lane
	}
	if f.Resume {
		old, err := chaos.ReadCards(f.Card)
		if err != nil {
			return nil, err
		}
		p.cards = old.Of(f.config())
	}
	return p, nil
}

// missing are the seeds that were asked for, each once, without those that --resume found.
func (p *playing) missing(one uint64) (out []uint64) {
	seeds := p.flags.Seeds
	if len(seeds) == 0 {
		seeds = []uint64{one}
	}
	for _, seed := range seeds {
		switch {
		case p.cards.Has(seed):
			fmt.Fprintf(p.app.out, "Seed %d is on the card.\n", seed)
		case !slices.Contains(out, seed):
			out = append(out, seed)
		}
	}
	return out
}

// play plays one seed and puts it on the card, however it went. The error is for a run that goes no further.
func (p *playing) play(ctx context.Context, seed uint64) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	lane := <-p.lanes
	defer func() { p.lanes <- lane }()
	c := p.flags.config()
	out := p.out.of(seed, p.flags.AtOnce > 1)
	c.Seed, c.Lane, c.Program, c.Out = seed, lane, p.program, out
	c.Rules = func(path string) (*aggregate.Rules, error) { return rulesOf(p.app, path) }
	card, err := chaos.Run(ctx, c)
	if card != nil && err != nil {
		card.Problems = append(card.Problems, err.Error())
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if card == nil {
		return err
	}
	p.flags.say(out, card)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cards = p.cards.With(card)
	return p.flags.write(p.cards)
}

func (f *chaosFlags) write(cards chaos.Cards) error {
	if f.Card != "" {
		if err := cards.Write(f.Card); err != nil {
			return fmt.Errorf("--card: %w", err)
		}
	}
	if f.Page == "" {
		return nil
	}
	page, err := os.Create(f.Page)
	if err != nil {
		return fmt.Errorf("--page: %w", err)
	}
	return errors.Join(chaos.WritePage(page, cards), page.Close())
}

// verdict is exit 3 where a figure or a frame was wrong in a seed, and exit 1 where a seed only did not run as it should.
func verdict(cards chaos.Cards) error {
	if n := cards.Wrong(); n > 0 {
		return differenceError{n, "what was shown is not what the topic says, or was never to be shown"}
	}
	if n := cards.Unproven(); n > 0 {
		return fmt.Errorf("no figure was found wrong, but %d of %d seeds did not run as they should (a fault could not be injected, a part ended or hung): "+
			"their problems are above; they prove less than a whole seed", n, len(cards))
	}
	return nil
}
