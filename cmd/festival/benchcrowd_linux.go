package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// crowd are many open streams that one loop reads: raw sockets under one epoll, so that the readers cost the machine as
// little as can be.
type crowd struct {
	poll int
	fds  []int

	mu     sync.Mutex
	delays []float64 // milliseconds since the whole second, of each frame
	bytes  int64
}

// openCrowd opens streams of official frames one after the other.
func openCrowd(addr, view string, n int) (*crowd, error) {
	at, err := net.ResolveTCPAddr("tcp4", addr)
	if err != nil {
		return nil, err
	}
	to := &unix.SockaddrInet4{Port: at.Port, Addr: [4]byte(at.IP.To4())}
	c := &crowd{}
	if c.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if view != "" {
		view = "&view=" + view
	}
	head := fmt.Appendf(nil, "GET /api/v1/stream?live=0%s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: gzip\r\n\r\n", view, addr)
	for i := range n {
		if err := c.open(to, head); err != nil {
			return nil, errors.Join(fmt.Errorf("viewer %d of %d: %w", i+1, n, err), c.close())
		}
	}
	return c, nil
}

func (c *crowd) open(to unix.Sockaddr, head []byte) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	c.fds = append(c.fds, fd)
	if err := unix.Connect(fd, to); err != nil {
		return err
	}
	if _, err := unix.Write(fd, head); err != nil {
		return err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	return unix.EpollCtl(c.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// read reads everything that comes until ctx ends; a stream that the server ends is an error.
func (c *crowd) read(ctx context.Context) error {
	ready, buf := make([]unix.EpollEvent, 1024), make([]byte, 256<<10)
	for ctx.Err() == nil {
		k, err := unix.EpollWait(c.poll, ready, 100)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for _, e := range ready[:max(k, 0)] {
			if err := c.take(int(e.Fd), buf); err != nil {
				return err
			}
		}
	}
	return nil
}

// flushed ends every event of a packed stream (query/event.go).
var flushed = []byte{0, 0, 0xff, 0xff}

func (c *crowd) take(fd int, buf []byte) error {
	n, err := unix.Read(fd, buf)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return nil
	case err != nil:
		return err
	case n == 0:
		return errors.New("the server ended a stream")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes += int64(n); bytes.HasSuffix(buf[:n], flushed) {
		c.delays = append(c.delays, float64(time.Now().Nanosecond())/1e6)
	}
	return nil
}

func (c *crowd) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delays, c.bytes = nil, 0
}

func (c *crowd) seen() ([]float64, int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]float64(nil), c.delays...), c.bytes
}

func (c *crowd) close() error {
	errs := []error{unix.Close(c.poll)}
	for _, fd := range c.fds {
		errs = append(errs, unix.Close(fd))
	}
	return errors.Join(errs...)
}

// openFiles is how many files a process may have open.
func openFiles() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 1 << 30
	}
	return int(min(limit.Cur, 1<<30))
}
