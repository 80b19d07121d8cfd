//go:build !linux

package main

import (
	"context"
	"errors"
)

// crowd is not there on other systems than Linux.
type crowd struct{}

func openCrowd(string, string, int) (*crowd, error) {
	return nil, errors.New("bench fanout reads its streams by epoll and wants Linux")
}

func (*crowd) read(context.Context) error { return nil }
func (*crowd) reset()                     {}
func (*crowd) seen() ([]float64, int64)   { return nil, 0 }
func (*crowd) close() error               { return nil }
func openFiles() int                      { return 1 << 30 }
