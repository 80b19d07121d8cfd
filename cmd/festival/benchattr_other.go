//go:build !linux

package main

import "syscall"

// benchAttr: outside Linux a child outlives a bench that was killed.
func benchAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
