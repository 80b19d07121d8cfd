package main

import (
	"fmt"
	"maps"
	"time"

	"festival/aggregate"
)

// takeover measures how long the number and its slowest partition stand still when one of two ingests is killed, comes
// back, and is stopped on purpose, with Records already counted and Rate records a second coming.
func (b *bench) takeover() error {
	return b.night("", func(n *benchNight) error { return n.underLoad(n.takeover) })
}

func (n *benchNight) takeover() error {
	if !sleep(n.app.ctx, nightCalm) {
		return n.app.ctx.Err()
	}
	one := n.ingests[1]
	events := []struct {
		name string
		do   func() error
	}{
		{"kill -9 of one ingest", func() error { one.kill(); return nil }},
		{"it comes back", n.comeBack},
		{"planned stop of one ingest", one.stop},
	}
	for _, e := range events {
		if err := n.event(e.name, e.do); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return nil
}

// nightCalm is how long the load runs before something happens, and between two events.
const nightCalm = 3 * time.Second

// comeBack starts the second ingest again and waits until the group has given it its share.
func (n *benchNight) comeBack() error {
	one := n.ingests[1]
	before := assignments(one)
	if err := one.start(); err != nil {
		return err
	}
	return n.await(one, func() (bool, error) { return assignments(one) > before, nil })
}

// event does something to the ingests and measures until every partition shows records that were sent after it was done,
// and until less than a second's records are not shown.
func (n *benchNight) event(name string, do func() error) error {
	n.screen.reset()
	begun := time.Now()
	if err := do(); err != nil {
		return err
	}
	mark := n.screen.mark()
	if err := n.passed(mark); err != nil {
		return err
	}
	moves := time.Since(begun)
	if err := n.caughtUp(n.Rate); err != nil {
		return err
	}
	caught := time.Since(begun)
	f, p := n.screen.now()
	line := benchLine{Bench: "takeover", Case: name, Seconds: n.recoveries(begun), Note: fmt.Sprintf("%d records counted, %d/s", read(f), n.Rate)}
	maps.Copy(line.Seconds, map[string]float64{"every partition moves": moves.Seconds(), "caught up": caught.Seconds(),
		"longest pause of the number": p.total.Seconds(), "longest pause of a partition": p.partition.Seconds()})
	if err := n.print(line); err != nil {
		return err
	}
	if !sleep(n.app.ctx, nightCalm) {
		return n.app.ctx.Err()
	}
	return nil
}

func (n *benchNight) passed(mark aggregate.Positions) error {
	err := until(n.app.ctx, nightStart, func() (bool, error) { return n.screen.past(mark), nil })
	if err != nil {
		f, _ := n.screen.now()
		return fmt.Errorf("shown %v, not past %v: %w\n%s", f.Positions, mark, err, lastBytes([]byte(n.ingests[0].said()), 2000))
	}
	return nil
}
