package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// node is one broker and controller. Its methods are safe for concurrent use; they come one after another.
type node struct {
	id    int
	dir   string
	ports map[Listener]int

	mu     sync.Mutex
	run    *process // nil before the first start
	paused bool
}

func (n *node) data() string       { return filepath.Join(n.dir, "data") }
func (n *node) log() string        { return filepath.Join(n.dir, "server.log") }
func (n *node) properties() string { return filepath.Join(n.dir, "server.properties") }

func (n *node) addr(l Listener) string { return net.JoinHostPort(host, strconv.Itoa(n.ports[l])) }

func (n *node) up() bool { return n.run != nil && !n.run.ended() }

// start launches and waits until it serves.
func (c *Cluster) start(ctx context.Context, n *node) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.up() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.StartTimeout)
	defer cancel()
	begun := time.Now()
	var err error
	if n.run, err = launch(c.javaPath, append(c.java("kafka.Kafka", n), n.properties()), n.log()); err == nil {
		err = n.run.await(ctx)
	}
	n.paused = false
	if err != nil {
		n.run = nil
		return fmt.Errorf("start node %d (log: %s): %w", n.id, n.log(), err)
	}
	c.say("node %d serves after %v", n.id, time.Since(begun).Round(time.Millisecond))
	return nil
}

// Start brings a stopped or killed node back, on the ports that it had, and waits until it serves; one that runs is left alone. After
// a kill that takes until its old session is over, broker.session.timeout.ms. ctx bounds the wait only.
func (c *Cluster) Start(ctx context.Context, id int) error {
	n, err := c.node(id)
	if err != nil {
		return err
	}
	return c.start(ctx, n)
}

// Stop ends a node cleanly (SIGTERM): it hands its leaderships over first where it can.
func (c *Cluster) Stop(ctx context.Context, id int) error {
	return c.with(id, func(n *node) error {
		if n.paused {
			if err := n.run.signal(syscall.SIGCONT); err != nil {
				return err
			}
			n.paused = false
		}
		ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.StopTimeout, errors.New("stop timeout"))
		defer cancel()
		c.say("node %d stops", id)
		return n.run.stop(ctx)
	})
}

// Kill ends a node at once (SIGKILL), paused or not, and waits until the process is gone.
func (c *Cluster) Kill(id int) error {
	return c.with(id, func(n *node) error {
		n.run.kill()
		n.paused = false
		c.say("node %d killed", id)
		return nil
	})
}

// Pause freezes a node (SIGSTOP): connections stay open and nothing answers.
func (c *Cluster) Pause(id int) error {
	return c.with(id, func(n *node) error {
		if err := n.run.signal(syscall.SIGSTOP); err != nil {
			return err
		}
		n.paused = true
		c.say("node %d paused", id)
		return nil
	})
}

// Resume lets a paused node go on (SIGCONT).
func (c *Cluster) Resume(id int) error {
	return c.with(id, func(n *node) error {
		if err := n.run.signal(syscall.SIGCONT); err != nil {
			return err
		}
		n.paused = false
		c.say("node %d goes on", id)
		return nil
	})
}

// with does something to a running node.
func (c *Cluster) with(id int, do func(*node) error) error {
	n, err := c.node(id)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.up() {
		return fmt.Errorf("node %d: %w", id, ErrDown)
	}
	if err := do(n); err != nil {
		return fmt.Errorf("node %d: %w", id, err)
	}
	return nil
}

// ErrDown: the node does not run.
var ErrDown = errors.New("it does not run")

// Running says whether the node's process is alive (paused too).
func (c *Cluster) Running(id int) bool {
	n, err := c.node(id)
	if err != nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.up()
}

// Pid of the node's process, 0 where it does not run: for measuring.
func (c *Cluster) Pid(id int) int {
	n, err := c.node(id)
	if err != nil {
		return 0
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.up() {
		return 0
	}
	return n.run.cmd.Process.Pid
}

func (c *Cluster) node(id int) (*node, error) {
	if id < 1 || id > len(c.nodes) {
		return nil, fmt.Errorf("node %d: there are nodes 1 to %d", id, len(c.nodes))
	}
	return c.nodes[id-1], nil
}
