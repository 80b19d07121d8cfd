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

// eachMillion names what each million records more takes a start, in seconds.
const eachMillion = "each million more"

// restart measures the start of a demo with a filled store and broker log to its first frame and until it is live, as /readyz says and
// every partition, which then counts what is new: after a clean stop with half of the records and with all of them, which gives the time
// that each million more takes, and after kill -9 of the program.
func (b *bench) restart() error {
	dir, done, err := b.dir()
	if err != nil {
		return err
	}
	defer done()
	r := &restarts{bench: b, dir: dir, args: []string{"--config", filepath.Join(dir, "festival.yaml"), "--rate", "0"}}
	half, err := r.stopped(b.long()/2, nil)
	if err != nil {
		return err
	}
	if _, err := r.stopped(b.long(), half); err != nil {
		return err
	}
	return r.killed()
}

// restarts are the lives of one demo, whose store and log grow between them.
type restarts struct {
	*bench
	dir    string
	args   []string
	answer rehearsal.Answer // of all that was sent
	seed   uint64
}

// started is what a start took with so many records.
type started struct {
	records     int64
	first, live time.Duration // until the first frame, and until every partition counts what is new
}

// stopped fills the log up to most records, a little less, and measures a start after a clean stop. Beside a start with fewer
// records it says what each million more takes.
func (r *restarts) stopped(most int64, fewer *started) (*started, error) {
	for r.answer.Records < most*9/10 { // a fill is a little less than asked
		if err := r.grow(most); err != nil {
			return nil, err
		}
	}
	now, err := r.again()
	if err != nil {
		return nil, err
	}
	line := now.line("after a clean stop")
	if fewer != nil {
		line.Seconds[eachMillion] = (now.live - fewer.live).Seconds() / float64(now.records-fewer.records) * 1e6
	}
	return now, r.print(line)
}

// killed measures a start after kill -9.
func (r *restarts) killed() error {
	d, err := r.startDemo(r.dir, r.args...)
	if err != nil {
		return err
	}
	if _, err := r.catchUp(d, r.answer); err != nil {
		return errors.Join(err, d.stop())
	}
	if err := d.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	_ = d.cmd.Wait() // killed
	now, err := r.again()
	if err != nil {
		return err
	}
	return r.print(now.line("after kill -9"))
}

func (s *started) line(name string) benchLine {
	return benchLine{Bench: "restart", Case: name, Seconds: map[string]float64{"first frame": s.first.Seconds(), "live": s.live.Seconds()},
		Note: fmt.Sprintf("%d records in the store; live is /readyz, with every partition past all that was stored", s.records)}
}

// grow adds as many records as the log holds, at most up to most, and lets a demo count them.
func (r *restarts) grow(most int64) error {
	r.seed++
	total := &r.answer
	more, err := r.fill(r.dir, min(benchFill, most-total.Records), r.seed)
	if err != nil {
		return err
	}
	total.Records, total.Orders, total.GmvFen = total.Records+more.Records, total.Orders+more.Orders, total.GmvFen+more.GmvFen
	total.Duplicates, total.Rejected = total.Duplicates+more.Duplicates, total.Rejected+more.Rejected
	d, err := r.startDemo(r.dir, r.args...)
	if err != nil {
		return err
	}
	_, err = r.catchUp(d, *total)
	return errors.Join(err, d.stop())
}

// again starts the demo, measures, and stops it.
func (r *restarts) again() (*started, error) {
	begun := time.Now()
	d, err := r.startDemo(r.dir, r.args...)
	if err != nil {
		return nil, err
	}
	err = until(r.app.ctx, 5*time.Minute, func() (bool, error) { f, err := d.frame(); return err == nil && read(f) > 0, err })
	now := &started{records: r.answer.Records, first: time.Since(begun)}
	if err == nil {
		err = until(r.app.ctx, 5*time.Minute, d.isLive)
	}
	now.live = time.Since(begun)
	return now, errors.Join(err, d.stop())
}

// isLive says whether every partition has passed all that was stored before the start (until then its pulse may be that of the program
// before), and /readyz agrees.
func (d *benchDemo) isLive() (bool, error) {
	f, err := d.frame()
	if err != nil {
		return false, err
	}
	past := d.sumOf(`festival_ingest_recovery_seconds_count{phase="counting"`)
	if int(past) < len(f.Positions) {
		return false, fmt.Errorf("%.0f of %d partitions count what is new", past, len(f.Positions))
	}
	res, err := http.Get("http://" + d.http + "/readyz")
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK, fmt.Errorf("readyz: %s", res.Status)
}
