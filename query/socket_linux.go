package query

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// socket is a TCP connection that is written through its descriptor. Nobody else closes conn or writes to it, so the
// descriptor stays this connection's until close; Go's own Write would park a goroutine where the buffer is full.
type socket struct {
	conn *net.TCPConn
	fd   int
}

// newSocket bounds what one stream can hold in the kernel: a small send buffer, and an end to a connection whose peer
// acknowledged nothing for writeLimit, be it gone without a word or not reading (tcp(7), TCP_USER_TIMEOUT). Options that
// do not take only make the bound looser, so errors are left.
func newSocket(conn net.Conn) (pipe, error) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil, fmt.Errorf("a stream needs a TCP connection, this is a %T", conn)
	}
	tcp.SetWriteBuffer(streamBufferB)
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{conn: tcp}
	err = raw.Control(func(fd uintptr) {
		s.fd = int(fd)
		unix.SetsockoptInt(s.fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(writeLimit.Milliseconds()))
	})
	return s, err
}

// write gives the kernel what it has room for. The descriptor does not block: package net has made it so.
func (s *socket) write(b []byte) (int, error) {
	for {
		n, err := unix.Write(s.fd, b)
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, syscall.EAGAIN):
			return 0, nil
		case !errors.Is(err, syscall.EINTR):
			return 0, err
		}
	}
}

func (s *socket) close() { s.conn.Close() }

// descriptors gives how many files this process may have open at one time; Go raises the soft limit to the hard one
// itself.
func descriptors() uint64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return limit.Cur
}
