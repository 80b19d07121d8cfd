package chaos

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// rain plays the timetable and notes on the card what was injected and what was not.
func (w *world) rain(ctx context.Context, faults []fault, card *Card) {
	var mu sync.Mutex
	var all sync.WaitGroup
	begun := time.Now()
	for _, f := range faults {
		rest(ctx, time.Until(begun.Add(f.at)))
		all.Go(func() {
			w.held[f.on].Lock()
			defer w.held[f.on].Unlock()
			err := errTooLate
			if left := w.cfg.For - time.Since(begun); ctx.Err() == nil && left >= f.atLeast {
				f.lasts = min(f.lasts, left)
				fmt.Fprintf(w.cfg.Out, "  %6.1fs  %s %s\n", time.Since(begun).Seconds(), f.kind, w.describe(f))
				err = w.inject(ctx, f)
			}
			mu.Lock()
			defer mu.Unlock()
			card.note(f, err, ctx.Err() != nil)
		})
	}
	all.Wait()
}

// errTooLate: the rain ends before the fault could last its least, because another held the same resource.
var errTooLate = errors.New("the rain ended first")

// errDown: the process had ended by itself and was not back yet.
var errDown = errors.New("it was down already")

// errStaysDown: what a fault took down did not come back, so the rest of the seed ran without it.
var errStaysDown = errors.New("it did not come back")

// note counts a fault that was injected. One that this machine cannot give, or that the rain's end came before or cut
// short, is said and does not fail the card; any other failure does.
func (c *Card) note(f fault, err error, over bool) {
	line, _, _ := strings.Cut(fmt.Sprint(err), "\n") // a broker that does not start gives its whole log
	text := fmt.Sprintf("%s at %.1f s: %s", f.kind, f.at.Seconds(), line)
	switch {
	case err == nil:
		c.Faults[string(f.kind)]++
	case errors.Is(err, errStaysDown):
		c.Problems = append(c.Problems, text)
	case over, errors.Is(err, errTooLate), errors.Is(err, errDown), errors.Is(err, errNotHere):
		c.NotInjected = append(c.NotInjected, text)
	default:
		c.Problems = append(c.Problems, text)
	}
}

func (w *world) describe(f fault) string {
	text := ""
	if f.on != onStore {
		text = fmt.Sprintf("%d ", f.target)
	}
	if f.kind == clockStep {
		return text + fmt.Sprintf("by %s for %s", f.step(), f.lasts.Round(time.Second))
	}
	if f.lasts > 0 {
		text += "for " + f.lasts.Round(100*time.Millisecond).String()
	}
	return text
}

// inject does a fault, holds it as long as it lasts, and undoes it: whatever was down is up again afterwards.
func (w *world) inject(ctx context.Context, f fault) error {
	switch f.on {
	case onIngest:
		return w.onProcess(ctx, f, w.ingests[f.target])
	case onServe:
		return w.onProcess(ctx, f, w.serves[f.target])
	case onBroker:
		return w.onBroker(ctx, f)
	case onClock:
		return w.onClock(ctx, f)
	}
	return w.onStore(ctx, f)
}

func (w *world) onProcess(ctx context.Context, f fault, p *process) error {
	if f.kind != joinIngest && !p.running() {
		return errDown
	}
	switch f.kind {
	case pauseIngest, pauseServe:
		p.signal(syscall.SIGSTOP)
		rest(ctx, f.lasts)
		p.signal(syscall.SIGCONT)
	case killIngest, killServe:
		p.kill()
		rest(ctx, f.lasts)
		return p.start()
	case leaveIngest, leaveServe:
		err := p.leave()
		rest(ctx, f.lasts)
		if again := p.start(); again != nil {
			return again
		}
		return err
	case joinIngest: // one of the two that are not there yet, and leaves again
		if p = w.ingests[2+f.target%2]; p.running() {
			return nil
		}
		if err := p.start(); err != nil {
			return err
		}
		rest(ctx, f.lasts)
		return p.leave()
	}
	return nil
}

func (w *world) onStore(ctx context.Context, f fault) error {
	switch f.kind {
	case killEngine, pauseEngine:
		pid, err := w.engine(ctx)
		if err != nil {
			return err
		}
		if f.kind == killEngine {
			return syscall.Kill(pid, syscall.SIGKILL) // the store starts it again
		}
		_ = syscall.Kill(pid, syscall.SIGSTOP)
		rest(ctx, f.lasts)
		_ = syscall.Kill(pid, syscall.SIGCONT)
	case killStore:
		w.store.kill()
		rest(ctx, f.lasts)
		return w.store.start()
	case refuse:
		w.proxy.refuse(true)
		rest(ctx, f.lasts)
		w.proxy.refuse(false)
	case late:
		w.proxy.delay.Store(int64(seconds(.1 + 1.4*f.amount)))
		rest(ctx, f.lasts)
		w.proxy.delay.Store(0)
	case cut:
		w.proxy.cutAfter.Store(int64(200 + 200_000*f.amount*f.amount))
		rest(ctx, f.lasts)
		w.proxy.cutAfter.Store(0)
	case diskFull:
		if w.disk == nil {
			return fmt.Errorf("%w: a file system of its own for the store wants mount, and mount wants root", errNotHere)
		}
		err := w.disk.fill()
		rest(ctx, f.lasts)
		if again := w.disk.free(); again != nil {
			return again
		}
		return err
	}
	return nil
}

// engine is the store's child; one that has just ended itself (a part that a full disk broke) is waited for.
func (w *world) engine(ctx context.Context) (pid int, err error) {
	err = await(ctx, time.Minute, "an engine under the store", func() (bool, error) {
		pid = w.store.child("festival-engine")
		return pid != 0, nil
	})
	return pid, err
}

func (w *world) onBroker(ctx context.Context, f fault) error {
	id := 1 + f.target
	switch f.kind {
	case killBroker:
		if err := w.kafka.Kill(id); err != nil {
			return err
		}
		rest(ctx, f.lasts)
		if err := w.kafka.Start(context.WithoutCancel(ctx), id); err != nil {
			return fmt.Errorf("%w: %w", errStaysDown, err)
		}
		return w.inSync(ctx)
	case pauseBroker:
		if err := w.kafka.Pause(id); err != nil {
			return err
		}
		rest(ctx, f.lasts)
		if err := w.kafka.Resume(id); err != nil {
			return err
		}
		return w.inSync(ctx)
	case moveLeaders:
		for p := range int32(partitions) {
			if err := w.kafka.MoveLeader(ctx, topic, p, 1+(id+int(p))%nodes); err != nil {
				return err
			}
		}
	}
	return nil
}

// inSync waits until the next broker may go; the rain's end is no failure of a fault that was injected.
func (w *world) inSync(ctx context.Context) error {
	if err := w.kafka.AwaitInSync(ctx, topic); ctx.Err() == nil {
		return err
	}
	return nil
}

// farthest is the largest error of a clock. Steps are spread evenly over the orders of magnitude below it: those within the 5 s that
// processes bear with, and those far beyond, which must show and be forgotten once the clock is right.
const farthest = 10 * time.Minute

// step is how far a clock goes wrong: 1 s to farthest, ahead or behind.
func (f fault) step() time.Duration {
	d := seconds(math.Pow(farthest.Seconds(), math.Abs(2*f.amount-1)))
	if f.amount < .5 {
		d = -d
	}
	return d.Round(time.Millisecond)
}

// onClock sets the clock of one process wrong, and right again. Targets: two ingests, two serves.
func (w *world) onClock(ctx context.Context, f fault) error {
	p := append(append([]*process{}, w.ingests[:2]...), w.serves...)[f.target]
	file := w.clockFile(p.name)
	if err := os.WriteFile(file, []byte(strconv.FormatInt(f.step().Milliseconds(), 10)), 0o600); err != nil {
		return err
	}
	rest(ctx, f.lasts)
	return os.WriteFile(file, []byte("0"), 0o600)
}

// calm makes sure that everything runs and nothing is in the way any more.
func (w *world) calm() error {
	w.proxy.refuse(false)
	w.proxy.delay.Store(0)
	w.proxy.cutAfter.Store(0)
	for _, p := range []*process{w.ingests[0], w.ingests[1], w.serves[0], w.serves[1], w.store} {
		p.signal(syscall.SIGCONT)
		if err := p.start(); err != nil {
			return err
		}
	}
	return nil
}
