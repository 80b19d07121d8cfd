package main

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"
)

// outage measures what Rate records a second do while the store is away for a while: memory of the ingests meanwhile, and how
// long they take to catch up. First the store refuses (killed), then it does not answer (its engine is frozen). At the end the
// totals are held against the answer sheets, and `festival verify` recounts everything.
func (b *bench) outage() error {
	return b.night("", func(n *benchNight) error {
		err := n.underLoad(func() error {
			return errors.Join(n.away("store killed, started again", n.refuse), n.away("engine frozen, thawed", n.freeze))
		})
		if err != nil {
			return err
		}
		return n.verify()
	})
}

// away lets the store be away for b.For.
func (n *benchNight) away(name string, leave func() (back func() error, err error)) error {
	if !sleep(n.app.ctx, nightCalm) {
		return n.app.ctx.Err()
	}
	m := watchMemory(n.ingests)
	n.screen.reset()
	back, err := leave()
	if err != nil {
		return errors.Join(err, m.stop())
	}
	ok := sleep(n.app.ctx, n.For)
	begun := time.Now()
	if err := back(); err != nil || !ok {
		return errors.Join(err, m.stop(), n.app.ctx.Err())
	}
	mark := n.screen.mark()
	err = n.passed(mark)
	moves := time.Since(begun)
	if err == nil {
		err = n.caughtUp(n.Rate)
	}
	caught := time.Since(begun)
	if err = errors.Join(err, m.stop()); err != nil {
		return err
	}
	_, p := n.screen.now()
	return n.print(benchLine{Bench: "outage", Case: name, RSSMB: m.most, Seconds: map[string]float64{"away": n.For.Seconds(),
		"every record of the outage shown": moves.Seconds(), "caught up": caught.Seconds(), "longest pause of the number": p.total.Seconds()},
		Note: fmt.Sprintf("%d/s; MB are the peak; before: %.0f and %.0f MB", n.Rate, m.before[n.ingests[0].name], m.before[n.ingests[1].name])})
}

// refuse kills the store with its engine; back starts it again.
func (n *benchNight) refuse() (back func() error, err error) {
	n.store.kill()
	return n.store.start, nil
}

// freeze stops the engine where it stands.
func (n *benchNight) freeze() (back func() error, err error) {
	pid := engineOf(n.store.pid())
	if pid == 0 {
		return nil, fmt.Errorf("the store has no engine\n%s", lastBytes([]byte(n.store.said()), 2000))
	}
	return func() error { return syscall.Kill(pid, syscall.SIGCONT) }, syscall.Kill(pid, syscall.SIGSTOP)
}

// verify recounts with the other implementation; a difference is a failure.
func (n *benchNight) verify() error {
	line, err := n.recount()
	if err != nil {
		return err
	}
	line.Bench, line.Case = "outage", "verify"
	return n.print(line)
}

// memory samples the resident memory of children.
type memory struct {
	before, most map[string]float64
	over         chan struct{}
	all          sync.WaitGroup
}

func watchMemory(children []*benchChild) *memory {
	m := &memory{before: map[string]float64{}, most: map[string]float64{}, over: make(chan struct{})}
	for _, c := range children {
		m.before[c.name] = residentMB(c.pid())
	}
	m.all.Go(func() {
		ticker := time.NewTicker(200 * time.Millisecond)
		defer ticker.Stop()
		for {
			for _, c := range children {
				m.most[c.name] = max(m.most[c.name], residentMB(c.pid()))
			}
			select {
			case <-m.over:
				return
			case <-ticker.C:
			}
		}
	})
	return m
}

// stop ends the sampling; most is then the caller's. It gives no error, so that it joins with others.
func (m *memory) stop() error {
	close(m.over)
	m.all.Wait()
	return nil
}
