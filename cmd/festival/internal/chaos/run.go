package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// settleWithin is when a screen that does not come right again counts as hung. Quiet it takes some ten seconds (a group's
// session and rebalance, a recovery of every partition, the backlog); a machine with other work takes its time.
const settleWithin = 5 * time.Minute

// Run plays one seed. The error is for a run that could not be played (no Kafka, no program, ctx ended); whatever went
// wrong in one that was played is on the card. The directory of a run that did not pass stays.
func Run(ctx context.Context, cfg Config) (card *Card, err error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	dir, remove, err := workDir(cfg)
	if err != nil {
		return nil, err
	}
	card = newCard(cfg)
	w, err := setUp(ctx, cfg, dir)
	if err == nil {
		fmt.Fprintf(cfg.Out, "Seed %d: three brokers, a store, two ingests and two serves run after %s; %s of faults begin.\n",
			cfg.Seed, time.Since(card.Began).Round(time.Second), cfg.For)
		err = w.play(ctx, card)
	}
	card.inspect(w)
	err = errors.Join(err, w.tearDown(err != nil || !card.Passed()))
	card.TookS = time.Since(card.Began).Seconds()
	if err == nil && card.Passed() {
		return card, remove()
	}
	fmt.Fprintf(cfg.Out, "Seed %d: logs and store stay in %s\n", cfg.Seed, dir)
	return card, err
}

func workDir(cfg Config) (dir string, remove func() error, err error) {
	if cfg.Dir != "" {
		return cfg.Dir, func() error { return nil }, os.MkdirAll(cfg.Dir, 0o700)
	}
	dir, err = os.MkdirTemp("", "festival-chaos-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}

// play sends records and faults side by side, waits until all is right again, and compares.
func (w *world) play(ctx context.Context, card *Card) error {
	rules, err := w.cfg.Rules(w.config)
	if err != nil {
		return err
	}
	s, err := w.openShop(rules)
	if err != nil {
		return err
	}
	defer s.close()
	watching, stopWatching := context.WithCancel(ctx)
	audience, screens := newAudience(), sync.WaitGroup{}
	for i, addr := range w.addrs {
		screens.Go(func() { audience.watch(watching, i, addr) })
	}
	err = w.weather(ctx, card, s)
	if err == nil {
		err = w.judge(ctx, card)
	}
	stopWatching()
	screens.Wait()
	card.saw(audience)
	return err
}

// weather is the festival itself: the shop sells while faults rain.
func (w *world) weather(ctx context.Context, card *Card, s *shop) error {
	raining, stop := context.WithTimeout(ctx, w.cfg.For)
	defer stop()
	sold := make(chan error, 1)
	go func() { sold <- s.sell(ctx, raining, time.Now(), w.cfg.Records) }()
	telling := make(chan struct{})
	go func() { w.tell(raining, s); close(telling) }()
	w.rain(raining, timetable(w.cfg.Seed, w.cfg.For), card)
	err := errors.Join(w.calm(), <-sold)
	<-telling
	card.Sent, card.Retried, card.Committed, card.Aborted, card.Cuts = s.sent.Load(), s.retried, s.committed, s.aborted, w.proxy.cuts.Load()
	fmt.Fprintf(w.cfg.Out, "The rain is over: %d records sent.\n", card.Sent)
	return err
}

// tell says every few seconds how far things are.
func (w *world) tell(ctx context.Context, s *shop) {
	for rest(ctx, 10*time.Second) {
		text := fmt.Sprintf("          %d records sent", s.sent.Load())
		for i, addr := range w.addrs {
			if f, _, err := w.newest(ctx, addr); err == nil {
				text += fmt.Sprintf("; serve %d shows %s, %d orders", i, f.Second[11:19], f.Total.Orders)
			} else {
				text += fmt.Sprintf("; serve %d does not answer", i)
			}
		}
		fmt.Fprintln(w.cfg.Out, text)
	}
}

// judge waits until both serves show all of the topic, and holds every figure against it.
func (w *world) judge(ctx context.Context, card *Card) error {
	begun := time.Now()
	if _, err := w.settle(ctx, settleWithin); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		card.Problems = append(card.Problems, err.Error())
		return nil
	}
	card.SettleS = time.Since(begun).Seconds()
	fmt.Fprintf(w.cfg.Out, "Both serves show the whole topic after %.1f s. Everything is compared.\n", card.SettleS)
	document, err := w.ask(ctx, "SELECT document FROM festival.ledgers ORDER BY created_ms LIMIT 1 FORMAT TSVRaw")
	if err != nil {
		return err
	}
	t, err := w.recountTopic(ctx, trimLine(document))
	if err != nil {
		return err
	}
	card.Topic = t.records
	c, err := w.compareAll(ctx, t)
	if err == nil {
		err = w.verify(ctx, c)
	}
	card.Figures, card.Differences = c.figures, c.differences
	card.GmvFen, card.Duplicates = t.totals.Total(t.totals.Whole()).GmvFen, t.totals.Log("duplicates")
	card.Rejected, card.Outside = t.totals.Rejected(), t.totals.Log("outside")
	return err
}

func trimLine(s string) string {
	for len(s) > 0 && s[len(s)-1] == '\n' {
		s = s[:len(s)-1]
	}
	return s
}

// saw takes over what the screens noted.
func (c *Card) saw(a *audience) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c.Frames, c.FreezeS, c.Fell, c.Wrong = a.frames, a.freeze.Seconds(), a.fell, a.wrong
	for _, f := range a.freezes {
		c.ScreensS = append(c.ScreensS, f.Seconds())
	}
}

// inspect looks for panics in what the children said, and for ends that nobody asked for.
func (c *Card) inspect(w *world) {
	for _, p := range w.processes() {
		gave, fell := p.ends()
		c.Restarted, c.Problems = append(c.Restarted, gave...), append(c.Problems, fell...)
		if text := p.panicked(); text != "" {
			c.Problems = append(c.Problems, text)
		}
	}
}
