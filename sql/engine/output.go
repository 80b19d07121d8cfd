package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// readyLine reads the child's standard output: its first JSON line says where it
// answers, all else goes to the log.
type readyLine struct {
	at   chan Address // one value
	log  io.Writer
	line bytes.Buffer
	seen bool
}

func newReadyLine(log io.Writer) *readyLine {
	return &readyLine{at: make(chan Address, 1), log: log}
}

// Write takes what the child prints; os/exec calls it from one goroutine.
func (r *readyLine) Write(p []byte) (int, error) {
	if r.seen {
		return r.log.Write(p)
	}
	r.line.Write(p)
	for {
		i := bytes.IndexByte(r.line.Bytes(), '\n')
		if i < 0 {
			return len(p), nil
		}
		r.take(r.line.Next(i + 1))
	}
}

func (r *readyLine) take(line []byte) {
	var at Address
	if !r.seen && json.Unmarshal(line, &at) == nil && at.Addr != "" {
		r.seen = true
		r.at <- at
		return
	}
	_, _ = r.log.Write(line)
}

// lastLines keeps the end of the child's log for an error.
type lastLines struct {
	mu   sync.Mutex
	text []byte // at most keepBytes
}

const keepBytes = 4 << 10

// Write keeps the newest bytes.
func (l *lastLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	if over := len(l.text) - keepBytes; over > 0 {
		l.text = append(l.text[:0], l.text[over:]...)
	}
	return len(p), nil
}

// failure turns the child's last sentence into the error of Start.
func (l *lastLines) failure(ended error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(l.text)), "\n")
	last, ok := strings.CutPrefix(lines[len(lines)-1], binaryName+": ")
	switch {
	case !ok:
		return fmt.Errorf("start engine: %w: %s", ended, strings.Join(lines, " | "))
	case strings.HasPrefix(last, ErrServed.Error()):
		return fmt.Errorf("%w%s", ErrServed, strings.TrimPrefix(last, ErrServed.Error()))
	case strings.HasPrefix(last, ErrNoLibrary.Error()):
		return fmt.Errorf("%w%s", ErrNoLibrary, strings.TrimPrefix(last, ErrNoLibrary.Error()))
	}
	return fmt.Errorf("start engine: %w", errors.New(last))
}
