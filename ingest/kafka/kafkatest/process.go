package kafkatest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
)

// started is what a node logs when it serves; errorLines is how much of its log an error shows.
const (
	started    = "Kafka Server started"
	portTaken  = "Address already in use"
	errorLines = 30
)

var errPort = errors.New("somebody else has one of its ports")

// process is one run of Java. It dies with this process.
type process struct {
	cmd  *exec.Cmd
	out  *output
	done <-chan struct{} // closed when the process has ended and its log is complete
}

// launch starts Java.
func launch(java string, args []string, log string) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(java, args...), out: &output{file: file, up: make(chan struct{})}}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if p.done, err = StartChild(p.cmd, func() { _ = file.Close() }); err != nil {
		_ = file.Close()
		return nil, err
	}
	return p, nil
}

// await waits until the node serves.
func (p *process) await(ctx context.Context) error {
	select {
	case <-p.out.up:
		return nil
	case <-p.done:
		return errors.Join(p.out.failure(), fmt.Errorf("it ended while starting (%v); the end of its log:\n%s", p.cmd.ProcessState, p.out.last()))
	case <-ctx.Done():
		p.kill()
		return fmt.Errorf("it did not say %q: %w; the end of its log:\n%s", started, context.Cause(ctx), p.out.last())
	}
}

func (p *process) signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// kill ends it at once, paused or not, and waits until it is gone.
func (p *process) kill() {
	_ = p.signal(syscall.SIGKILL)
	<-p.done
}

// stop asks for a clean end and kills where ctx ends first.
func (p *process) stop(ctx context.Context) error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		p.kill()
		return fmt.Errorf("it did not stop and was killed: %w", context.Cause(ctx))
	}
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// output copies what Java prints into the log file, keeps the last lines, and sees the line that says it serves.
type output struct {
	file *os.File
	up   chan struct{} // closed once started was seen

	mu    sync.Mutex
	begun bool
	taken bool
	part  []byte
	lines []string
}

// Write is called by os/exec from one goroutine.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.part = append(o.part, b...)
	for {
		i := bytes.IndexByte(o.part, '\n')
		if i < 0 {
			break
		}
		o.line(string(o.part[:i]))
		o.part = o.part[i+1:]
	}
	return o.file.Write(b)
}

func (o *output) line(s string) {
	o.lines = append(o.lines, s)
	if len(o.lines) > errorLines {
		o.lines = o.lines[1:]
	}
	o.taken = o.taken || strings.Contains(s, portTaken)
	if !o.begun && strings.Contains(s, started) {
		o.begun = true
		close(o.up)
	}
}

func (o *output) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.lines, "\n")
}

// failure is errPort where that was why, else nil.
func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.taken {
		return errPort
	}
	return nil
}
