//go:build !linux

package kafkatest

import "syscall"

// childAttributes: outside Linux a node outlives a parent that was killed.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
