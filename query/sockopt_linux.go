package query

import (
	"net"

	"golang.org/x/sys/unix"
)

// limitStream bounds what one stream can hold in the kernel: a small send buffer, and an end to a connection whose
// peer acknowledged nothing for writeLimit, be it gone without a word or not reading (tcp(7), TCP_USER_TIMEOUT).
// Options that do not take only make the bound looser, so errors are left.
func limitStream(conn net.Conn) {
	tcp, ok := rawConn(conn).(*net.TCPConn)
	if !ok {
		return
	}
	tcp.SetWriteBuffer(streamBufferB)
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) {
		unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(writeLimit.Milliseconds()))
	})
}
