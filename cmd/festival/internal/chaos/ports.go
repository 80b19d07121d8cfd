package chaos

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports lie below those that Linux gives to outgoing connections (32768 and up), and below those of kafkatest (12000 and
// up): a killed child must find its port free when it comes back. Seeds that run at the same time have a range each.
const (
	lowestPort   = 8000
	portsPerLane = 1000
)

// freeAddrs gives n different loopback addresses of a lane on which nobody listens at this moment.
func freeAddrs(lane, n int) (out []string, err error) {
	var held []net.Listener
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	for _, i := range rand.Perm(portsPerLane) {
		addr := fmt.Sprintf("127.0.0.1:%d", lowestPort+lane*portsPerLane+i)
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		held, out = append(held, l), append(out, addr)
		if len(out) == n {
			return out, nil
		}
	}
	return nil, fmt.Errorf("no %d free ports from %d on", n, lowestPort+lane*portsPerLane)
}

// addr gives out one of the world's addresses.
func (w *world) addr() string {
	addr := w.ports[0]
	w.ports = w.ports[1:]
	return addr
}
