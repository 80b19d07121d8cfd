package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"festival/ingest/kafka/kafkatest"
)

// benchChild is this program as one process of a bench that kills, freezes and starts it again. Its words go to one file
// for all its lives.
type benchChild struct {
	name string
	args []string
	log  string

	cmd  *exec.Cmd
	done <-chan struct{} // closed once this life has ended
	life io.WriteCloser
}

// benchStop is how long a child may take to stop when it is asked to.
const benchStop = 15 * time.Second

// start begins a life. It does not wait until the child answers.
func (c *benchChild) start() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(self, c.args...)
	cmd.Stdout, cmd.Stderr = out, out
	if c.life, err = cmd.StdinPipe(); err != nil {
		return err
	}
	done, err := kafkatest.StartChild(cmd, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	c.cmd, c.done = cmd, done
	return nil
}

func (c *benchChild) pid() int { return c.cmd.Process.Pid }

// kill ends the child at once, where it lives, and waits until it is gone.
func (c *benchChild) kill() {
	if c.cmd != nil {
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}

// stop asks the child to end and waits.
func (c *benchChild) stop() error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
		return nil
	case <-time.After(benchStop):
		c.kill()
		return fmt.Errorf("%s did not stop within %s of SIGTERM\n%s", c.name, benchStop, lastBytes([]byte(c.said()), 2000))
	}
}

// said is all that the child has said in all its lives.
func (c *benchChild) said() string {
	text, _ := os.ReadFile(c.log)
	return string(text)
}

// alive fails with the child's last words where it has ended.
func (c *benchChild) alive() error {
	select {
	case <-c.done:
		return fmt.Errorf("%s has ended\n%s", c.name, lastBytes([]byte(c.said()), 2000))
	default:
		return nil
	}
}

// engineOf finds the engine's process under a store's, 0 for none.
func engineOf(store int) (engine int) {
	children, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", store))
	for _, file := range children {
		text, _ := os.ReadFile(file)
		for _, word := range strings.Fields(string(text)) {
			_, _ = fmt.Sscan(word, &engine)
		}
	}
	return engine
}
