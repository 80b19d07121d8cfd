package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"festival/ingest/kafka/kafkatest"
)

// benchDemo is a demo as a child process of a bench, on ports and a directory of its own.
type benchDemo struct {
	cmd   *exec.Cmd
	dir   string
	http  string
	kafka string
	log   bytes.Buffer
}

func (b *bench) startDemo(dir string, args ...string) (*benchDemo, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	d := &benchDemo{dir: dir}
	if d.http, err = kafkatest.FreeAddr(); err != nil {
		return nil, err
	}
	if d.kafka, err = kafkatest.FreeAddr(); err != nil {
		return nil, err
	}
	args = append([]string{"demo", "--no-verify", "--data", dir, "--addr", d.http, "--kafka-addr", d.kafka}, args...)
	d.cmd = exec.Command(self, args...)
	d.cmd.Stderr = &d.log
	return d, d.cmd.Start()
}

// stop asks the demo to end and waits.
func (d *benchDemo) stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	if err := d.cmd.Wait(); err != nil {
		return fmt.Errorf("demo: %w\n%s", err, lastBytes(d.log.Bytes(), 2000))
	}
	return nil
}

func lastBytes(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

// processes are the demo's process and its children by role.
func (d *benchDemo) processes() map[string]int {
	pids := map[string]int{"festival": d.cmd.Process.Pid}
	children, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", d.cmd.Process.Pid))
	for _, file := range children {
		text, _ := os.ReadFile(file)
		for _, word := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(word)
			name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			if bytes.Contains(name, []byte("festival-engine")) {
				pids["engine"] = pid
			} else {
				pids["broker"] = pid
			}
		}
	}
	return pids
}

// usage gives CPU seconds and resident MB of each process.
func (d *benchDemo) usage() (cpu, rss map[string]float64) {
	cpu, rss = map[string]float64{}, map[string]float64{}
	for name, pid := range d.processes() {
		cpu[name], rss[name] = cpuSeconds(pid), residentMB(pid)
	}
	return cpu, rss
}

// cpuSeconds reads utime + stime of /proc/PID/stat; the kernel's clock tick is 10 ms on Linux.
func cpuSeconds(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) / 100
}

func residentMB(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	return pages * float64(os.Getpagesize()) / 1e6
}

func minus(after, before map[string]float64) map[string]float64 {
	out := map[string]float64{}
	for name, v := range after {
		out[name] = v - before[name]
	}
	return out
}

// until asks every 20 ms until done, or fails after wait.
func until(ctx context.Context, wait time.Duration, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		ok, err := done()
		if ok {
			return nil
		}
		if !sleep(ctx, 20*time.Millisecond) {
			return fmt.Errorf("not within %s: %w", wait, err)
		}
	}
}
