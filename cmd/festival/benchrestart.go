package main

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"syscall"
	"time"

	"festival/ingest/rehearsal"
)

// restart measures the start of a demo with a filled store and broker log to its first frame: after a clean stop and
// after kill -9 of the program.
func (b *bench) restart() error {
	dir, done, err := b.dir()
	if err != nil {
		return err
	}
	defer done()
	args := []string{"--config", filepath.Join(dir, "festival.yaml"), "--rate", "0"}
	var answer rehearsal.Answer
	for seed := uint64(1); answer.Records < b.Records*9/10; seed++ { // a fill is a little less than asked
		if err := b.grow(dir, args, &answer, seed); err != nil {
			return err
		}
	}
	for _, kill := range []bool{false, true} {
		if err := b.startAgain(dir, args, answer, kill); err != nil {
			return err
		}
	}
	return nil
}

// grow adds as many records as the log holds, and lets a demo count them.
func (b *bench) grow(dir string, args []string, total *rehearsal.Answer, seed uint64) error {
	more, err := b.fill(dir, min(benchFill, b.Records-total.Records), seed)
	if err != nil {
		return err
	}
	total.Records, total.Orders, total.GmvFen = total.Records+more.Records, total.Orders+more.Orders, total.GmvFen+more.GmvFen
	total.Duplicates, total.Rejected = total.Duplicates+more.Duplicates, total.Rejected+more.Rejected
	d, err := b.startDemo(dir, args...)
	if err != nil {
		return err
	}
	_, err = b.catchUp(d, *total)
	return errors.Join(err, d.stop())
}

func (b *bench) startAgain(dir string, args []string, answer rehearsal.Answer, kill bool) error {
	name := "after a clean stop"
	if kill {
		name = "after kill -9"
		d, err := b.startDemo(dir, args...)
		if err != nil {
			return err
		}
		if _, err := b.catchUp(d, answer); err != nil {
			return errors.Join(err, d.stop())
		}
		if err := d.cmd.Process.Signal(syscall.SIGKILL); err != nil {
			return err
		}
		_ = d.cmd.Wait() // killed
	}
	begun := time.Now()
	d, err := b.startDemo(dir, args...)
	if err != nil {
		return err
	}
	err = until(b.app.ctx, 5*time.Minute, func() (bool, error) { f, err := d.frame(); return err == nil && read(f) > 0, err })
	first := time.Since(begun)
	if err == nil {
		err = until(b.app.ctx, 5*time.Minute, func() (bool, error) { return d.isReady() })
	}
	live := time.Since(begun)
	if err = errors.Join(err, d.stop()); err != nil {
		return err
	}
	return b.print(benchLine{Bench: "restart", Case: name, P99Ms: float64(first.Milliseconds()), P50Ms: float64(first.Milliseconds()), MaxMs: float64(live.Milliseconds()),
		Note: fmt.Sprintf("%d records in the store; p50 = p99 = time to the first frame, max = to /readyz", answer.Records)})
}

func (d *benchDemo) isReady() (bool, error) {
	res, err := http.Get("http://" + d.http + "/readyz")
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK, fmt.Errorf("readyz: %s", res.Status)
}
