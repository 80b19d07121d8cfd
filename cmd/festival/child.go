package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"
)

// child is a process of ours that the demo keeps running: when it dies it is started again, when the demo ends it
// ends. The child holds the read end of a pipe whose write end is ours, so even kill -9 of the demo ends it.
type child struct {
	name     string
	args     []string
	log      *slog.Logger
	stderr   io.Writer
	ready    func(context.Context) error // nil once the child answers
	restarts atomic.Int64
}

const (
	childBackoff = 200 * time.Millisecond
	childGrace   = 3 * time.Second // between SIGTERM and SIGKILL
	// engineGrace is for an engine that ends itself after 1.8 s at most; until its process is gone, a busy disk may take
	// its writes for longer. Past it the engine is killed, which loses no acknowledged row but is told as a failure.
	engineGrace = 10 * time.Second
)

// start runs the child until ctx ends and gives a channel that closes once it has ended for good. It waits for the
// first readiness; a child that cannot start even once within the wait is an error with its own last words.
func (c *child) start(ctx context.Context, wait time.Duration) (<-chan struct{}, error) {
	done := make(chan struct{})
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		defer close(done)
		c.keep(ctx, cancel)
	}()
	readyCtx, stop := context.WithTimeout(ctx, wait)
	defer stop()
	if err := c.ready(readyCtx); err != nil {
		cause := context.Cause(ctx)
		cancel(err)
		<-done
		if cause != nil {
			return nil, cause
		}
		return nil, fmt.Errorf("%s did not start within %s: %w", c.name, wait, err)
	}
	return done, nil
}

// keep starts the child again whenever it ends, until ctx does. A child that says "usage" (exit 2) would say it
// again: that ends the whole.
func (c *child) keep(ctx context.Context, cancel context.CancelCauseFunc) {
	for {
		err := c.once(ctx)
		if ctx.Err() != nil {
			return
		}
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == exitUsage {
			cancel(fmt.Errorf("%s: it said above what is wrong", c.name))
			return
		}
		c.restarts.Add(1)
		c.log.Error("child died, starting it again", "child", c.name, "reason", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(childBackoff):
		}
	}
}

func (c *child) once(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("own program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, c.args...)
	cmd.Stderr = c.stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = childGrace
	// A process group of its own: Ctrl-C in the terminal reaches the demo only, which stops its children in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	life, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("pipe: %w", err)
	}
	defer life.Close()
	return cmd.Run()
}

// endWithParent gives a context that ends when standard input does: the parent holds its other end.
func endWithParent(ctx context.Context, stdin io.Reader) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		cancel()
	}()
	return ctx, cancel
}
