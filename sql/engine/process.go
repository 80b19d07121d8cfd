package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
)

// Process is a running festival-engine. Its methods are safe for concurrent use.
type Process struct {
	at    Address
	token string
	cmd   *exec.Cmd
	stdin io.Closer // closing it asks the child to stop
	done  chan struct{}
	err   error // written before done is closed
	once  sync.Once
	asked chan struct{} // closed when Stop was called
}

// Start runs an engine on cfg.Dir and waits until it answers. ctx bounds the start
// only; the engine runs until Stop, or until this process ends. The error is
// ErrServed, naming the other engine, while one holds the directory.
func Start(ctx context.Context, cfg Config) (*Process, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	cfg = cfg.withDefaults()
	binary, err := FindBinary(cfg.Binary)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.StartTimeout)
	defer cancel()
	p := &Process{done: make(chan struct{}), asked: make(chan struct{})}
	ready, tail, err := p.launch(binary, cfg)
	if err != nil {
		return nil, fmt.Errorf("start engine: %w", err)
	}
	if err := p.await(ctx, ready, tail); err != nil {
		return nil, err
	}
	if p.token, err = readToken(cfg.Dir); err != nil {
		return nil, errors.Join(fmt.Errorf("start engine: %w", err), p.kill())
	}
	return p, nil
}

// arguments of the child. The token goes by environment.
func (c Config) arguments() []string {
	args := []string{"--data", c.Dir, "--addr", c.Addr, "--max-memory", strconv.FormatInt(max(c.MaxMemory, 0), 10),
		"--merge-threads", strconv.Itoa(c.MergeThreads), "--keep-free", strconv.FormatInt(c.KeepFree, 10)}
	if c.LibPath != "" {
		args = append(args, "--lib", c.LibPath)
	}
	return args
}

// launch starts the child on a thread of its own and keeps that thread until the
// child ends: Linux sends the parent-death signal when the thread that forked ends,
// not the process.
func (p *Process) launch(binary string, cfg Config) (ready <-chan Address, errors *lastLines, err error) {
	out := newReadyLine(cfg.Stderr)
	tail := &lastLines{}
	p.cmd = exec.Command(binary, cfg.arguments()...)
	p.cmd.Env = append(os.Environ(), TokenEnv+"="+cfg.Token)
	p.cmd.Stdout, p.cmd.Stderr = out, io.MultiWriter(cfg.Stderr, tail)
	p.cmd.SysProcAttr = childAttributes()
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := p.cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		p.end(p.cmd.Wait())
	}()
	return out.at, tail, <-started
}

// end records how the child ended.
func (p *Process) end(err error) {
	select {
	case <-p.asked:
	default:
		p.err = errors.New("engine ended by itself")
		if err != nil {
			p.err = fmt.Errorf("engine died: %w", err)
		}
	}
	close(p.done)
}

// await waits for the line that says where the child answers.
func (p *Process) await(ctx context.Context, ready <-chan Address, tail *lastLines) error {
	select {
	case p.at = <-ready:
		return nil
	case <-p.done:
		return tail.failure(p.err)
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("start engine: no answer: %w", context.Cause(ctx)), p.kill())
	}
}

// Addr is the host:port at which the engine answers.
func (p *Process) Addr() string { return p.at.Addr }

// Token is the password of the user default.
func (p *Process) Token() string { return p.token }

// DSN is what clickhouse.ParseDSN takes to reach a database of the engine.
func (p *Process) DSN(database string) string { return DSN(p.at.Addr, p.token, database) }

// Version is the engine's version, such as "26.7.2.1".
func (p *Process) Version() string { return p.at.Version }

// Pid is the child's process id.
func (p *Process) Pid() int { return p.at.PID }

// Done is closed when the engine has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says why the engine ended by itself; nil while it runs and after Stop.
func (p *Process) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// Stop ends the engine and waits for it: under 2 s, statements that run are killed
// after 0.7 s. When ctx ends first the engine is killed, which loses no
// acknowledged row. It may be called twice.
func (p *Process) Stop(ctx context.Context) error {
	p.once.Do(func() {
		close(p.asked)
		_ = p.stdin.Close() // a child that is gone needs no word
	})
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("engine killed: %w", context.Cause(ctx)), p.kill())
	}
}

// kill ends the engine at once and waits for it.
func (p *Process) kill() error {
	err := p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.done
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
