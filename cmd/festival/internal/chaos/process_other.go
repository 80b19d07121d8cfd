//go:build !linux

package chaos

import "syscall"

// childAttr: outside Linux a child outlives a parent that was killed.
func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
