//go:build !linux

package query

import (
	"errors"
	"net"
	"os"
	"time"
)

// socket writes with a short deadline: on other systems than Linux, which Festival runs on for development only, a reader
// that is behind delays its lane by a millisecond.
type socket struct{ conn net.Conn }

func newSocket(conn net.Conn) (pipe, error) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetWriteBuffer(streamBufferB)
	}
	return &socket{conn}, nil
}

func (s *socket) write(b []byte) (int, error) {
	if err := s.conn.SetWriteDeadline(time.Now().Add(time.Millisecond)); err != nil {
		return 0, err
	}
	n, err := s.conn.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	return n, err
}

func (s *socket) close() { s.conn.Close() }

// descriptors is not known here.
func descriptors() uint64 { return 0 }
