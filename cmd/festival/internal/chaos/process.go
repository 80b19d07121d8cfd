package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"festival/ingest/kafka/kafkatest"
)

// process is a child that faults may kill, freeze and start again. Its words go to one file for all its lives.
type process struct {
	name    string
	program string
	args    []string
	clock   string // file with the error of its clock
	log     string

	mu   sync.Mutex
	cmd  *exec.Cmd
	done <-chan struct{} // closed when the present life has ended
	told bool            // it was told to end, or never to live again
	gave []string        // ends with exit 1: it could not go on, said why, and was started again
	fell []string        // other ends that nobody asked for
}

// againAfter is RestartSec of deploy/systemd, whose Restart=on-failure with RestartPreventExitStatus=2 is played here.
const againAfter = 2 * time.Second

// stopWithin is how long a clean stop may take before it is a failure of its own.
const stopWithin = 30 * time.Second

// start begins a life; a process that runs is left alone.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = false
	return p.live()
}

// again begins another life after one that gave up, unless somebody has ended the process since.
func (p *process) again() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.told {
		return
	}
	if err := p.live(); err != nil {
		p.fell = append(p.fell, err.Error())
	}
}

// live wants the lock.
func (p *process) live() error {
	if p.alive() {
		return nil
	}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	fmt.Fprintf(out, "---- %s %s: %s\n", time.Now().Format(time.RFC3339Nano), p.name, strings.Join(p.args, " "))
	cmd := exec.Command(p.program, p.args...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Env = append(os.Environ(), "FESTIVAL_TEST_CLOCK_FILE="+p.clock)
	done, err := kafkatest.StartChild(cmd, func() { p.ended(cmd) })
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	p.cmd, p.done = cmd, done
	return nil
}

// ended notes an end that nobody asked for. One with exit 1 (a store or broker that was away at its start) is one that
// operators leave to their supervisor; any other fails the card.
func (p *process) ended(cmd *exec.Cmd) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := fmt.Sprintf("%s ended by itself: %s", p.name, cmd.ProcessState)
	switch {
	case p.told:
	case cmd.ProcessState.ExitCode() == 1:
		p.gave = append(p.gave, text+": "+p.lastWords())
		time.AfterFunc(againAfter, p.again) // one that comes after kill does nothing
	default:
		p.fell = append(p.fell, text)
	}
}

// lastWords is the last line that the process said, without a name of a directory.
func (p *process) lastWords() string {
	lines := strings.Split(strings.TrimSpace(p.tail()), "\n")
	return strings.ReplaceAll(lines[len(lines)-1], filepath.Dir(p.log), "DIR")
}

// ends gives the lives that gave up and were followed by another, and those that nothing excuses.
func (p *process) ends() (gave, fell []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.gave), slices.Clone(p.fell)
}

func (p *process) alive() bool {
	if p.cmd == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// running says whether the process lives, frozen or not.
func (p *process) running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.alive()
}

func (p *process) signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = p.told || s == syscall.SIGKILL || s == syscall.SIGTERM
	if p.alive() {
		_ = p.cmd.Process.Signal(s)
	}
}

// kill ends the process at once and waits until it is gone.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	p.mu.Lock()
	done := p.done
	p.mu.Unlock()
	if done != nil {
		<-done
	}
}

// leave asks the process to stop; one that does not within stopWithin is killed, and that is an error.
func (p *process) leave() error {
	p.signal(syscall.SIGTERM)
	p.mu.Lock()
	done := p.done
	p.mu.Unlock()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-time.After(stopWithin):
		p.kill()
		return fmt.Errorf("%s did not stop within %s of SIGTERM", p.name, stopWithin)
	}
}

// child finds the pid of a child process whose command line holds a word, 0 for none.
func (p *process) child(word string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.alive() {
		return 0
	}
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.cmd.Process.Pid))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		for _, field := range strings.Fields(string(text)) {
			name, _ := os.ReadFile("/proc/" + field + "/cmdline")
			if pid, err := strconv.Atoi(field); err == nil && bytes.Contains(name, []byte(word)) {
				return pid
			}
		}
	}
	return 0
}

// tail gives the end of what the process said.
func (p *process) tail() string {
	text, _ := os.ReadFile(p.log)
	return string(text[max(0, len(text)-3000):])
}

// panicked finds the first panic or data race that a life of the process has printed.
func (p *process) panicked() string {
	text, _ := os.ReadFile(p.log)
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("panic:")) || bytes.HasPrefix(line, []byte("fatal error:")) {
			return p.name + ": " + strings.TrimSpace(string(line))
		}
	}
	return ""
}

// await asks until ok, or fails with what is missing.
func await(ctx context.Context, within time.Duration, what string, ok func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		done, err := ok()
		if done {
			return nil
		}
		if !rest(ctx, 100*time.Millisecond) {
			return errors.Join(fmt.Errorf("%s: not within %s", what, within), err)
		}
	}
}

// rest waits; false when ctx ended first.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
