//go:build !linux

package query

import "net"

// limitStream bounds the kernel's send buffer of a stream; the write deadline does the rest here.
func limitStream(conn net.Conn) {
	if tcp, ok := rawConn(conn).(*net.TCPConn); ok {
		tcp.SetWriteBuffer(streamBufferB)
	}
}
