package kafkatest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports come from below the range that Linux gives to outgoing connections (32768 and up by default,
// net.ipv4.ip_local_port_range): a killed node must find its ports free when it comes back.
const (
	lowestPort  = 12_000
	highestPort = 32_000
)

// freePorts gives n different ports that nobody listens on at this moment.
func freePorts(n int) ([]int, error) {
	var held []net.Listener
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	var out []int
	for range 100 * n {
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		held, out = append(held, l), append(out, port)
		if len(out) == n {
			return out, nil
		}
	}
	return nil, errors.New("no free ports between " + fmt.Sprint(lowestPort, " and ", highestPort))
}

// FreeAddr is a loopback address of such a port, for other programs of a test.
func FreeAddr() (string, error) {
	ports, err := freePorts(1)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(host, strconv.Itoa(ports[0])), nil
}

const host = "127.0.0.1"
