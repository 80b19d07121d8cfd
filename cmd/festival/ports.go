package main

import (
	"errors"
	"fmt"
	"net"
)

// freePort says in one sentence that an address cannot be listened on, before anything is started. No address is free.
func freePort(flag, addr string) error {
	if addr == "" {
		return nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s %s cannot be listened on: %w; stop what uses it, or give another address", flag, addr, errors.Unwrap(err))
	}
	return l.Close()
}

// loopback says whether an address is reachable from this machine only.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
