package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// verify measures `festival verify` over a log of b.Records and the store that counted them. Ingests and serve have ended
// before it begins, and the engine's merges too: the cores are the recount's, the engine's and the broker's.
func (b *bench) verify() error {
	return b.night("", func(n *benchNight) error {
		if err := n.exact(); err != nil {
			return err
		}
		n.unwatch()
		for _, c := range append([]*benchChild{n.serve}, n.ingests...) {
			if err := c.stop(); err != nil {
				return err
			}
		}
		if err := n.calm(); err != nil {
			return err
		}
		line, err := n.recount()
		if err != nil {
			return err
		}
		line.Bench, line.Case = "verify", "log, cells, raw rows, frames"
		return n.print(line)
	})
}

// calmCPU is how much of a core the engine uses in a second when it merges nothing more.
const calmCPU = 0.1

// calm waits until the engine has nothing to do.
func (n *benchNight) calm() error {
	engine := engineOf(n.store.pid())
	for {
		before := cpuSeconds(engine)
		if !sleep(n.app.ctx, time.Second) {
			return n.app.ctx.Err()
		}
		if cpuSeconds(engine)-before < calmCPU {
			return nil
		}
	}
}

// oneHundredMillion is what the projection is for.
const oneHundredMillion = 100_000_000

// recount runs `festival verify` and gives what it took; a difference is a failure. What verify says of its progress goes
// to whoever watches the bench.
func (n *benchNight) recount() (line benchLine, err error) {
	self, err := os.Executable()
	if err != nil {
		return line, err
	}
	others := map[string]int{"engine": engineOf(n.store.pid()), "broker": n.broker.pid()}
	before := cpuOf(others)
	cmd := exec.CommandContext(n.app.ctx, self, "verify", "--config", n.config)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(&out, n.app.err)
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return line, err
	}
	ended, peak := make(chan struct{}), make(chan float64)
	go func() { peak <- peakOf(cmd.Process.Pid, ended) }()
	err = cmd.Wait()
	took := time.Since(begun)
	close(ended)
	most := <-peak
	if err != nil {
		return line, fmt.Errorf("verify: %w\n%s", err, lastBytes(out.Bytes(), 4000))
	}
	line.CPUSeconds, line.RSSMB = minus(cpuOf(others), before), map[string]float64{"verify": most}
	line.CPUSeconds["verify"] = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	for name, pid := range others {
		line.RSSMB[name] = residentMB(pid)
	}
	var used float64
	for _, s := range line.CPUSeconds {
		used += s
	}
	records := float64(n.total.Records)
	line.OrdersPerS, line.NsPerOrder = records/took.Seconds(), used*1e9/records
	line.Seconds = map[string]float64{"verify": took.Seconds(), "100 M records at this pace": took.Seconds() * oneHundredMillion / records}
	line.Note = fmt.Sprintf("exit 0; %d records, totals equal the answer sheets to the fen; MB of verify are its peak, %.0f bytes a record", n.total.Records,
		line.RSSMB["verify"]*1e6/records)
	return line, nil
}

func cpuOf(pids map[string]int) map[string]float64 {
	out := map[string]float64{}
	for name, pid := range pids {
		out[name] = cpuSeconds(pid)
	}
	return out
}

// peakOf gives the largest resident memory of a process in MB, asked for while it runs: what the kernel says of one that has ended
// (ru_maxrss) also counts this process, whose memory it shared until it became another program.
func peakOf(pid int, ended <-chan struct{}) (mb float64) {
	pace := time.NewTicker(100 * time.Millisecond)
	defer pace.Stop()
	for {
		select {
		case <-ended:
			return mb
		case <-pace.C:
			mb = max(mb, highestMB(pid))
		}
	}
}

// highestMB is VmHWM of /proc: the peak of the program that the process now is. 0 where there is none.
func highestMB(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), "\nVmHWM:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kB, _ := strconv.ParseFloat(fields[0], 64)
	return kB * 1024 / 1e6
}
